package oracle

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

func (e *Engine) register(fp uint64) machine.Address {
	if fp == 1 {
		return machine.Address{Segment: 1, Offset: e.fp}
	}
	return machine.Address{Segment: 1, Offset: e.ap}
}

// plus returns a moved by a small number.
func plus(a machine.Address, n int64) (machine.Address, error) {
	off, ok := shift(a.Offset, big.NewInt(n))
	switch {
	case !ok && n < 0:
		return a, failf(machine.BadOffset, "Operation failed: %v - %d, offsets cant be negative", a, -n)
	case !ok:
		return a, failf(machine.BadOffset, "Operation failed: %v + %d, maximum offset value exceeded", a, n)
	}
	return machine.Address{Segment: a.Segment, Offset: off}, nil
}

// operands are the places and values of dst, op0 and op1, and the value of res; nil is not known.
type operands struct {
	dstAt, op0At, op1At machine.Address
	dst, op0, op1, res  *value
}

// step executes the instruction at pc.
func (e *Engine) step() error {
	in, err := e.decode()
	if err != nil {
		return err
	}
	read, err := e.operands(in)
	if err != nil {
		return err
	}
	full := *read
	if err := e.complete(in, &full); err != nil {
		return err
	}
	for _, w := range []struct {
		old *value
		at  machine.Address
		v   *value
	}{{read.op0, full.op0At, full.op0}, {read.op1, full.op1At, full.op1}, {read.dst, full.dstAt, full.dst}} {
		if w.old == nil {
			if err := e.put(w.at, w.v); err != nil {
				return err
			}
		}
	}
	if err := e.assert(in, full.dst, full.op0, full.res); err != nil {
		return err
	}
	for _, a := range []machine.Address{full.dstAt, full.op0At, full.op1At, e.pc} {
		e.accessed[a] = true
	}
	if in.ext == 1 || in.ext == 2 {
		if err := e.blake(full.dstAt, full.op0At, full.op1At, in.ext == 2); err != nil {
			return err
		}
	}
	return e.update(in, full.dst, full.op1, full.res)
}

// operands computes where the operands are and reads them.
func (e *Engine) operands(in *instruction) (o *operands, err error) {
	o = new(operands)
	if o.dstAt, err = plus(e.register(in.dst), in.off[0]); err != nil {
		return nil, err
	}
	if o.op0At, err = plus(e.register(in.op0), in.off[1]); err != nil {
		return nil, err
	}
	o.dst, o.op0 = e.get(o.dstAt), e.get(o.op0At)
	if o.op1At, err = e.op1Address(in, o.op0); err != nil {
		return nil, err
	}
	o.op1 = e.get(o.op1At)
	return o, nil
}

// complete finds the values that are not known.
func (e *Engine) complete(in *instruction, o *operands) (err error) {
	unknown := func(name string, at machine.Address) error {
		return failf(machine.NoOperand, "Couldn't compute operand %s. Unknown value for memory cell %v", name, at)
	}
	if o.op0 == nil {
		if o.op0, err = e.known(o.op0At); err == nil && o.op0 == nil {
			o.op0, o.res, err = e.deduceOp0(in, o.dst, o.op1)
		}
		if err != nil {
			return err
		}
		if o.op0 == nil {
			return unknown("op0", o.op0At)
		}
	}
	if o.op1 == nil {
		var found *value
		if o.op1, err = e.known(o.op1At); err == nil && o.op1 == nil {
			o.op1, found, err = deduceOp1(in, o.dst, o.op0)
		}
		if err != nil {
			return err
		}
		if o.op1 == nil {
			return unknown("op1", o.op1At)
		}
		if o.res == nil {
			o.res = found
		}
	}
	if o.res == nil {
		if o.res, err = in.result(o.op0, o.op1); err != nil {
			return err
		}
	}
	switch {
	case o.dst != nil:
	case in.opcode == 4 && o.res != nil:
		o.dst = o.res
	case in.opcode == 1:
		o.dst = address(1, e.fp)
	default:
		return failf(machine.NoDst, "Couldn't get or load dst")
	}
	return nil
}

// known asks the builtin for the value at a, and notes that it gave it.
func (e *Engine) known(a machine.Address) (*value, error) {
	v, err := e.rule(a)
	if v != nil {
		e.deduced[a] = true
	}
	return v, err
}

func (e *Engine) op1Address(in *instruction, op0 *value) (machine.Address, error) {
	switch in.op1 {
	case 1:
		if in.off[2] != 1 {
			return machine.Address{}, failf(machine.BadImmediate, "In immediate mode, off2 should be 1")
		}
		return plus(e.pc, 1)
	case 2:
		return plus(e.register(1), in.off[2])
	case 4:
		return plus(e.register(0), in.off[2])
	}
	if op0 == nil {
		return machine.Address{}, failf(machine.UnknownOp0, "op0 must be known in double dereference")
	}
	if op0.n != nil {
		return machine.Address{}, failf(machine.NotAnAddress, "Memory addresses must be relocatable")
	}
	return plus(op0.addr, in.off[2])
}

// compute is x op y in the field of the extension.
func (in *instruction) compute(op byte, x, y *value) (*value, error) {
	switch {
	case in.ext == 3:
		return packed(op, x, y)
	case op == '+':
		return add(x, y)
	case op == '-':
		return sub(x, y)
	case op == '*':
		return mul(x, y)
	}
	return div(x, y), nil
}

func (in *instruction) result(op0, op1 *value) (*value, error) {
	switch {
	case in.pc == 4:
		return nil, nil
	case in.res == 1:
		return in.compute('+', op0, op1)
	case in.res == 2:
		return in.compute('*', op0, op1)
	}
	return op1, nil
}

// deduceOp0 returns op0 and res, as far as they follow from the others.
func (e *Engine) deduceOp0(in *instruction, dst, op1 *value) (op0, res *value, err error) {
	if in.opcode == 1 {
		a, err := plus(e.pc, in.size)
		return &value{addr: a}, nil, err
	}
	if in.opcode != 4 || dst == nil || op1 == nil {
		return nil, nil, nil
	}
	if in.res == 1 {
		op0, err = in.compute('-', dst, op1)
		return op0, dst, err
	}
	if in.res == 2 && dst.n != nil && op1.n != nil && !op1.isZero() {
		op0, err = in.compute('/', dst, op1)
		return op0, dst, err
	}
	return nil, nil, nil
}

func deduceOp1(in *instruction, dst, op0 *value) (op1, res *value, err error) {
	if in.opcode != 4 || in.pc == 4 || dst == nil {
		return nil, nil, nil
	}
	if in.res == 0 {
		return dst, dst, nil
	}
	if in.res == 1 {
		op1, err = in.compute('-', dst, op0)
		if err != nil {
			return nil, dst, nil
		}
		return op1, dst, nil
	}
	if dst.n != nil && op0.n != nil && !op0.isZero() {
		op1, err = in.compute('/', dst, op0)
		return op1, dst, err
	}
	return nil, nil, nil
}

func (e *Engine) assert(in *instruction, dst, op0, res *value) error {
	if in.opcode == 4 {
		if res == nil {
			return failf(machine.Unconstrained, "Res.UNCONSTRAINED cannot be used with Opcode.ASSERT_EQ")
		}
		if !res.equal(dst) {
			return failf(machine.AssertFailed, "An ASSERT_EQ instruction failed: %v != %v.", dst, res)
		}
	}
	if in.opcode != 1 {
		return nil
	}
	next, err := plus(e.pc, in.size)
	if err != nil {
		return err
	}
	if !op0.equal(&value{addr: next}) {
		return failf(machine.BadCall,
			"Call failed to write return-pc (inconsistent op0): %v != %v. Did you forget to increment ap?", op0, next)
	}
	if fp := address(1, e.fp); !dst.equal(fp) {
		return failf(machine.BadCall,
			"Call failed to write return-fp (inconsistent dst): %v != %v. Did you forget to increment ap?", dst, fp)
	}
	return nil
}

// update sets fp, ap and pc, in this order.
func (e *Engine) update(in *instruction, dst, op1, res *value) error {
	oldAP := e.register(0)
	if in.opcode == 1 {
		fp, err := plus(oldAP, 2)
		if err != nil {
			return err
		}
		e.fp = fp.Offset
	}
	if in.opcode == 2 {
		switch {
		case dst.n == nil:
			e.fp = dst.addr.Offset
		case dst.n.IsUint64():
			e.fp = dst.n.Uint64()
		default:
			return failf(machine.BadConversion, "Conversion to usize failed for Felt252 %v", dst)
		}
	}
	ap, err := oldAP, error(nil)
	switch {
	case in.ap == 1 && res == nil:
		return failf(machine.Unconstrained, "Res.UNCONSTRAINED cannot be used with ApUpdate.ADD")
	case in.ap == 1:
		var v *value
		if v, err = add(address(1, e.ap), res); err == nil {
			ap = v.addr
		}
	case in.ap == 2:
		ap, err = plus(oldAP, 1)
	case in.opcode == 1:
		ap, err = plus(oldAP, 2)
	}
	if err != nil {
		return err
	}
	e.ap = ap.Offset
	pc, err := e.nextPC(in, dst, op1, res)
	if err != nil {
		return err
	}
	e.pc = pc
	return nil
}

func (e *Engine) nextPC(in *instruction, dst, op1, res *value) (machine.Address, error) {
	here := &value{addr: e.pc}
	switch {
	case in.pc == 1:
		if res.n != nil {
			return e.pc, failf(machine.Unconstrained, "Res.UNCONSTRAINED cannot be used with PcUpdate.JUMP")
		}
		return res.addr, nil
	case in.pc == 2:
		if res.n == nil {
			return e.pc, failf(machine.BadArithmetic, "A relocatable value as Res cannot be used with PcUpdate.JUMP_REL")
		}
		v, err := add(here, res)
		if err != nil {
			return e.pc, err
		}
		return v.addr, nil
	case in.pc == 4 && !dst.isZero():
		v, err := add(here, op1)
		if err != nil {
			return e.pc, err
		}
		return v.addr, nil
	}
	return plus(e.pc, in.size)
}

func (e *Engine) blake(dst, op0, op1 machine.Address, final bool) error {
	counter, err := e.word(dst)
	if err != nil {
		return err
	}
	var state [8]uint32
	if err := e.words(op0, state[:]); err != nil {
		return err
	}
	var message [16]uint32
	if err := e.words(op1, message[:]); err != nil {
		return err
	}
	out, err := e.pointer(e.register(0))
	if err != nil {
		return err
	}
	crypto.Blake2sCompress(&state, &message, uint64(counter), final)
	for i, w := range state {
		at, err := plus(out, int64(i))
		if err != nil {
			return err
		}
		if err := e.put(at, number(big.NewInt(int64(w)))); err != nil {
			return err
		}
		e.accessed[at] = true
	}
	e.blakes++
	return nil
}

func (e *Engine) words(a machine.Address, w []uint32) error {
	from, err := e.pointer(a)
	if err != nil {
		return err
	}
	for i := range w {
		at, err := plus(from, int64(i))
		if err != nil {
			return err
		}
		if w[i], err = e.word(at); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) word(a machine.Address) (uint32, error) {
	v := e.get(a)
	switch {
	case v == nil:
		return 0, failf(machine.UnknownCell, "Unknown memory cell at address %v", a)
	case v.n == nil:
		return 0, failf(machine.ExpectedInteger, "Expected integer at address %v", a)
	case v.n.BitLen() > 32:
		return 0, failf(machine.BadConversion, "Conversion to u32 failed for Felt252 %v", v)
	}
	return uint32(v.n.Uint64()), nil
}

func (e *Engine) pointer(a machine.Address) (machine.Address, error) {
	v := e.get(a)
	switch {
	case v == nil:
		return a, failf(machine.UnknownCell, "Unknown memory cell at address %v", a)
	case v.n != nil:
		return a, failf(machine.ExpectedRelocatable, "Expected relocatable at address %v", a)
	}
	return v.addr, nil
}
