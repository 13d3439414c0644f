package machine

import "math/bits"

// operands are what an instruction works on. The addresses are those of dst, op0 and op1.
type operands struct {
	dst, op0, op1      Address
	vDst, v0, v1, res  Cell // empty: not known, or there is none
	new0, new1, newDst bool // it has to be written
}

// step executes in, the instruction at pc, in the order of the reference
// (vm/src/vm/vm_core.rs, run_instruction): find the operands, deduce those that are not known,
// write them, assert, mark what was used, update the registers.
func (m *Machine) step(in *Instruction) error {
	var o operands
	if err := m.locate(in, &o); err != nil {
		return err
	}
	if err := m.complete(in, &o); err != nil {
		return err
	}
	if err := m.store(&o); err != nil {
		return err
	}
	if err := m.check(in, &o); err != nil {
		return err
	}
	m.mark(o.dst)
	m.mark(o.op0)
	m.mark(o.op1)
	m.mark(m.pc)
	if in.Ext == ExtBlake || in.Ext == ExtBlakeFinalize {
		if err := m.blake(&o, in.Ext == ExtBlakeFinalize); err != nil {
			return err
		}
	}
	if err := m.update(in, &o); err != nil {
		return err
	}
	m.steps++
	return nil
}

// locate computes the addresses of the operands and reads what is there.
func (m *Machine) locate(in *Instruction, o *operands) (err error) {
	reg := func(fp bool) Address {
		if fp {
			return Address{StackSegment, m.fp}
		}
		return Address{StackSegment, m.ap}
	}
	if o.dst, err = offset(reg(in.DstFP), in.Off0); err != nil {
		return err
	}
	o.vDst = m.Read(o.dst)
	if o.op0, err = offset(reg(in.Op0FP), in.Off1); err != nil {
		return err
	}
	o.v0 = m.Read(o.op0)
	var base Address
	switch in.Op1 {
	case Op1Imm:
		if in.Off2 != 1 {
			return fail(BadImmediate, "In immediate mode, off2 should be 1")
		}
		base = m.pc
	case Op1Op0:
		if !o.v0.Known() {
			return fail(UnknownOp0, "op0 must be known in double dereference")
		}
		a, ok := o.v0.Address()
		if !ok {
			return fail(NotAnAddress, "Memory addresses must be relocatable")
		}
		base = a
	default:
		base = reg(in.Op1 == Op1FP)
	}
	if o.op1, err = offset(base, in.Off2); err != nil {
		return err
	}
	o.v1 = m.Read(o.op1)
	return nil
}

// offset returns a moved by off.
func offset(a Address, off int16) (Address, error) {
	if off < 0 {
		if n := uint64(-int64(off)); a.Offset < n {
			return a, failSub(a, n)
		}
	} else if a.Offset+uint64(off) < a.Offset {
		return a, failAdd(a, off)
	}
	return a.Plus(uint64(int64(off))), nil
}

// complete finds the values that are not known: of op0, then of op1, then res, then of dst.
func (m *Machine) complete(in *Instruction, o *operands) (err error) {
	if !o.v0.Known() {
		o.new0 = true
		if o.v0, err = m.rule(o.op0); err == nil && !o.v0.Known() {
			o.v0, err = m.deduce0(in, o)
		}
		if err != nil {
			return err
		}
		if !o.v0.Known() {
			return fail(NoOperand, "Couldn't compute operand op0. Unknown value for memory cell %v", o.op0)
		}
	}
	if !o.v1.Known() {
		o.new1 = true
		if o.v1, err = m.rule(o.op1); err == nil && !o.v1.Known() {
			o.v1, err = deduce1(in, o)
		}
		if err != nil {
			return err
		}
		if !o.v1.Known() {
			return fail(NoOperand, "Couldn't compute operand op1. Unknown value for memory cell %v", o.op1)
		}
	}
	if !o.res.Known() {
		if o.res, err = result(in, o.v0, o.v1); err != nil {
			return err
		}
	}
	if o.vDst.Known() {
		return nil
	}
	o.newDst = true
	switch {
	case in.Opcode == OpAssertEq && o.res.Known():
		o.vDst = o.res
	case in.Opcode == OpCall:
		o.vDst = Address{StackSegment, m.fp}.Cell()
	default:
		return fail(NoDst, "Couldn't get or load dst")
	}
	return nil
}

// rule asks the builtin of the segment for the value at a, and remembers that it knew it.
func (m *Machine) rule(a Address) (Cell, error) {
	c, err := m.deduce(a)
	if c.Known() {
		s := m.segment(a.Segment)
		s.state.setDeduced(a.Offset)
		m.busy = s.rule != BitwiseRule
	}
	return c, err
}

// deduce0 finds op0 by dst and by op1 as it was read, and res with it.
func (m *Machine) deduce0(in *Instruction, o *operands) (Cell, error) {
	switch {
	case in.Opcode == OpCall:
		a, err := m.next(in)
		return a.Cell(), err
	case in.Opcode != OpAssertEq || !o.vDst.Known() || !o.v1.Known():
		return Cell{}, nil
	case in.Res == ResAdd:
		v, err := sub(o.vDst, o.v1, in.Ext)
		o.res = o.vDst
		return v, err
	case in.Res == ResMul && o.vDst.isFelt() && o.v1.isFelt() && !o.v1.IsZero():
		v, err := div(o.vDst.felt(), o.v1.felt(), in.Ext)
		o.res = o.vDst
		return v, err
	}
	return Cell{}, nil
}

// deduce1 finds op1 by dst and op0, and res with it if it wasn't known.
func deduce1(in *Instruction, o *operands) (v Cell, err error) {
	if in.Opcode != OpAssertEq || in.PC == PCJnz || !o.vDst.Known() {
		return Cell{}, nil
	}
	switch in.Res {
	case ResOp1:
		v = o.vDst
	case ResAdd:
		if v, err = sub(o.vDst, o.v0, in.Ext); err != nil {
			v = Cell{}
		}
	case ResMul:
		if !o.vDst.isFelt() || !o.v0.isFelt() || o.v0.IsZero() {
			return Cell{}, nil
		}
		if v, err = div(o.vDst.felt(), o.v0.felt(), in.Ext); err != nil {
			return Cell{}, err
		}
	}
	if !o.res.Known() {
		o.res = o.vDst
	}
	return v.plain(), nil
}

// result computes res, which is empty with jnz.
func result(in *Instruction, v0, v1 Cell) (Cell, error) {
	switch {
	case in.PC == PCJnz:
		return Cell{}, nil
	case in.Res == ResAdd:
		return add(v0, v1, in.Ext)
	case in.Res == ResMul:
		return mul(v0, v1, in.Ext)
	}
	return v1, nil
}

// store writes the operands that were deduced.
func (m *Machine) store(o *operands) error {
	if o.new0 {
		if err := m.write(o.op0, o.v0.plain()); err != nil {
			return err
		}
	}
	if o.new1 {
		if err := m.write(o.op1, o.v1.plain()); err != nil {
			return err
		}
	}
	if o.newDst {
		return m.write(o.dst, o.vDst.plain())
	}
	return nil
}

// check makes the assertions of the opcode.
func (m *Machine) check(in *Instruction, o *operands) error {
	switch in.Opcode {
	case OpAssertEq:
		if !o.res.Known() {
			return fail(Unconstrained, "Res.UNCONSTRAINED cannot be used with Opcode.ASSERT_EQ")
		}
		if !o.res.Equal(o.vDst) {
			return fail(AssertFailed, "An ASSERT_EQ instruction failed: %v != %v.", o.vDst, o.res)
		}
	case OpCall:
		next, err := m.next(in)
		if err != nil {
			return err
		}
		if !o.v0.Equal(next.Cell()) {
			return fail(BadCall, "Call failed to write return-pc (inconsistent op0): %v != %v. "+
				"Did you forget to increment ap?", o.v0, next)
		}
		if fp := (Address{StackSegment, m.fp}); !o.vDst.Equal(fp.Cell()) {
			return fail(BadCall, "Call failed to write return-fp (inconsistent dst): %v != %v. "+
				"Did you forget to increment ap?", o.vDst, fp)
		}
	}
	return nil
}

// next returns the address behind the instruction at pc.
func (m *Machine) next(in *Instruction) (Address, error) {
	if m.pc.Offset+in.Size() < m.pc.Offset {
		return m.pc, failAdd(m.pc, in.Size())
	}
	return m.pc.Plus(in.Size()), nil
}

// update sets fp, then ap, then pc. Where it fails, those set before stay as they are.
func (m *Machine) update(in *Instruction, o *operands) error {
	switch in.Opcode {
	case OpCall:
		fp, err := m.advanced(2)
		if err != nil {
			return err
		}
		m.fp = fp
	case OpRet:
		if a, ok := o.vDst.Address(); ok {
			m.fp = a.Offset
		} else if n, ok := o.vDst.Uint64(); ok {
			m.fp = n
		} else {
			return fail(BadConversion, "Conversion to usize failed for Felt252 %v", o.vDst)
		}
	}
	ap, err := m.nextAP(in, o)
	if err != nil {
		return err
	}
	m.ap = ap
	pc, err := m.nextPC(in, o)
	if err != nil {
		return err
	}
	m.pc = pc
	return nil
}

// advanced returns ap + n.
func (m *Machine) advanced(n uint64) (uint64, error) {
	ap, carry := bits.Add64(m.ap, n, 0)
	if carry != 0 {
		return 0, failAdd(Address{StackSegment, m.ap}, n)
	}
	return ap, nil
}

func (m *Machine) nextAP(in *Instruction, o *operands) (uint64, error) {
	switch {
	case in.AP == APInc:
		return m.advanced(1)
	case in.Opcode == OpCall:
		return m.advanced(2)
	case in.AP == APNone:
		return m.ap, nil
	case !o.res.Known():
		return 0, fail(Unconstrained, "Res.UNCONSTRAINED cannot be used with ApUpdate.ADD")
	}
	a, err := Add(Address{StackSegment, m.ap}.Cell(), o.res)
	return a.w0, err
}

func (m *Machine) nextPC(in *Instruction, o *operands) (Address, error) {
	by := o.v1
	switch {
	case in.PC == PCNext, in.PC == PCJnz && o.vDst.IsZero():
		return m.next(in)
	case in.PC == PCAbs:
		a, ok := o.res.Address()
		if !ok {
			return a, fail(Unconstrained, "Res.UNCONSTRAINED cannot be used with PcUpdate.JUMP")
		}
		return a, nil
	case in.PC == PCRel:
		if !o.res.isFelt() {
			return m.pc, fail(BadArithmetic, "A relocatable value as Res cannot be used with PcUpdate.JUMP_REL")
		}
		by = o.res
	}
	c, err := Add(m.pc.Cell(), by)
	if err != nil {
		return m.pc, err
	}
	a, _ := c.Address()
	return a, nil
}
