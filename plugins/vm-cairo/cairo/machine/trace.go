package machine

// Trace calls yield with the registers before each step of the run, in order, until yield returns
// false. A run records nothing for it: memory is write-once, so the registers of the start and the
// memory at the end say what every step did. It may be asked after a run that failed, for the
// steps before the failure. Code that lay in a temporary segment is shown where that was moved to.
func (m *Machine) Trace(yield func(Registers) bool) {
	r := m.start
	for range m.steps {
		if !yield(r) {
			return
		}
		if m.skip(&r) {
			continue
		}
		in, ok := m.instructionAt(r.PC)
		if !ok {
			return
		}
		r = m.after(r, &in)
	}
}

// skip moves r on over an instruction of a form that is easy to follow, and reports whether it was one.
func (m *Machine) skip(r *Registers) bool {
	if r.PC.Segment != ProgramSegment || r.PC.Offset >= uint64(len(m.code.ops)) {
		return false
	}
	o := &m.code.ops[r.PC.Offset]
	switch o.under {
	case kindImm, kindCopy, kindDeref, kindAddImm, kindAdd, kindMulImm, kindMul:
		r.PC.Offset += o.size()
	case kindJump:
		r.PC.Offset = o.target
	case kindJnz:
		if m.Read(operand(*r, o.DstFP, o.Off0)).IsZero() {
			r.PC.Offset += o.size()
		} else {
			r.PC.Offset = o.target
		}
	case kindAddAP:
		r.PC.Offset += o.size()
		r.AP += o.target
		return true
	case kindCall:
		r.AP += 2
		r.FP = r.AP
		r.PC.Offset = o.target
		return true
	default:
		return false
	}
	r.AP += uint64(o.inc)
	return true
}

// instructionAt returns the instruction at a, which has been executed.
func (m *Machine) instructionAt(a Address) (Instruction, bool) {
	if a.Segment == ProgramSegment && a.Offset < uint64(len(m.code.ops)) {
		return m.code.ops[a.Offset].Instruction, true
	}
	in, err := m.fetch(a)
	return in, err == nil
}

// after returns the registers after in, which has been executed at r.
func (m *Machine) after(r Registers, in *Instruction) Registers {
	next := Registers{r.PC.Plus(in.Size()), r.AP, r.FP}
	if in.AP == APInc {
		next.AP++
	}
	if in.AP != APRes && in.Opcode != OpCall && in.PC == PCNext {
		return next
	}
	dst := m.Read(operand(r, in.DstFP, in.Off0))
	op0 := m.Read(operand(r, in.Op0FP, in.Off1))
	op1 := m.Read(op1Address(r, in, op0))
	res, err := result(in, op0, op1)
	if err != nil {
		return next
	}
	switch in.Opcode {
	case OpCall:
		next.AP, next.FP = r.AP+2, r.AP+2
	case OpRet:
		next.FP = dst.w0
	}
	if in.AP == APRes {
		next.AP = moved(Address{StackSegment, r.AP}, res).Offset
	}
	switch {
	case in.PC == PCAbs:
		next.PC, _ = res.Address()
	case in.PC == PCRel:
		next.PC = moved(r.PC, res)
	case in.PC == PCJnz && !dst.IsZero():
		next.PC = moved(r.PC, op1)
	}
	return next
}

// operand returns the address at off from fp or ap.
func operand(r Registers, fp bool, off int16) Address {
	base := r.AP
	if fp {
		base = r.FP
	}
	return Address{StackSegment, base + uint64(int64(off))}
}

func op1Address(r Registers, in *Instruction, op0 Cell) Address {
	switch in.Op1 {
	case Op1Imm:
		return r.PC.Plus(1)
	case Op1Op0:
		a, _ := op0.Address()
		return a.Plus(uint64(int64(in.Off2)))
	}
	return operand(r, in.Op1 == Op1FP, in.Off2)
}

// moved returns a moved by the felt in c, which an executed instruction did without failure.
func moved(a Address, c Cell) Address {
	x := c.felt()
	off, _ := x.AddOffset(a.Offset)
	return Address{a.Segment, off}
}

// Offsets returns the smallest and the largest biased offset of the instructions executed: the
// part that instructions have in rc_min and rc_max of the public input. ok is false if there are none.
func (m *Machine) Offsets() (low, high uint16, ok bool) {
	seen := make([]bool, len(m.code.ops)) // instructions of the program
	elsewhere := make(map[Address]bool)
	low = 1<<16 - 1
	m.Trace(func(r Registers) bool {
		if r.PC.Segment == ProgramSegment && r.PC.Offset < uint64(len(seen)) {
			if seen[r.PC.Offset] {
				return true
			}
			seen[r.PC.Offset] = true
		} else if elsewhere[r.PC] {
			return true
		} else {
			elsewhere[r.PC] = true
		}
		in, _ := m.instructionAt(r.PC)
		for _, off := range [...]int16{in.Off0, in.Off1, in.Off2} {
			b := uint16(off) ^ bias //nolint:gosec // the bits as they are encoded
			low, high = min(low, b), max(high, b)
		}
		ok = true
		return true
	})
	return low, high, ok
}
