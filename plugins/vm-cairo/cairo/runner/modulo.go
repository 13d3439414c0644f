package runner

import (
	"math/big"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Numbers of the modulo builtins: values have four words of 96 bits, and an instance checks one equation.
const (
	modWords    = 4
	modWordBits = 96
	modValues   = 4 // the offset of values_ptr in an instance
	modOffsets  = 5 // of offsets_ptr
	modN        = 6 // of n
)

// readMod reads a value of four words.
func (s *Session) readMod(b *segment, at machine.Address) (v *big.Int, words [modWords]felt.Felt, err error) {
	v = new(big.Int)
	for i := range words {
		a := at.Plus(uint64(i))
		c := s.m.Read(a)
		x, ok := c.Felt()
		switch {
		case !c.Known():
			return nil, words, fail(ErrSecurity, "%v: Missing value at address %v.", b.name, at.Plus(modWords))
		case !ok:
			return nil, words, fail(ErrSecurity, "Expected integer at address %v", a)
		case x.BitLen() > modWordBits:
			return nil, words, fail(ErrSecurity, "Expected integer at address %v to be smaller than 2^%d. Got: %s.", a, modWordBits, x.Decimal())
		}
		words[i] = x
		v.Or(v, new(big.Int).Lsh(x.Big(), uint(modWordBits*i)))
	}
	return v, words, nil
}

// modInstance is what an instance of a modulo builtin has in its seven cells.
type modInstance struct {
	p       *big.Int
	words   [modWords]felt.Felt
	values  machine.Address
	offsets machine.Address
	n       uint64
}

func (s *Session) readModInstance(b *segment, i uint64) (in modInstance, err error) {
	at := machine.Address{Segment: b.base, Offset: i * b.name.Cells()}
	if in.values, err = s.readPointer(at.Plus(modValues)); err != nil {
		return in, err
	}
	if in.offsets, err = s.readPointer(at.Plus(modOffsets)); err != nil {
		return in, err
	}
	if in.n, err = s.readCount(at.Plus(modN)); err != nil {
		return in, err
	}
	if in.n < 1 {
		return in, fail(ErrSecurity, "%v: Expected n >= 1. Got: %d.", b.name, in.n)
	}
	in.p, in.words, err = s.readMod(b, at)
	return in, err
}

// readPointer reads an address.
func (s *Session) readPointer(at machine.Address) (machine.Address, error) {
	v := s.m.Read(at)
	a, ok := v.Address()
	switch {
	case !v.Known():
		return a, fail(ErrSecurity, "Unknown memory cell at address %v", at)
	case !ok:
		return a, fail(ErrSecurity, "Expected relocatable at address %v", at)
	}
	return a, nil
}

// readCount reads a number of 64 bits.
func (s *Session) readCount(at machine.Address) (uint64, error) {
	v := s.m.Read(at)
	n, ok := v.Uint64()
	switch _, isFelt := v.Felt(); {
	case !v.Known():
		return 0, fail(ErrSecurity, "Unknown memory cell at address %v", at)
	case !isFelt:
		return 0, fail(ErrSecurity, "Expected integer at address %v", at)
	case !ok:
		return 0, fail(ErrSecurity, "Conversion to usize failed for Felt252 %v", v)
	}
	return n, nil
}

// modOperand returns where operand k (a, b, c) of the instance is, and its offset among the values.
func (s *Session) modOperand(in *modInstance, k uint64) (machine.Address, uint64, error) {
	off, err := s.readCount(in.offsets.Plus(k))
	return in.values.Plus(off), off, err
}

// secureMod checks the chain of instances of a modulo builtin, and the equation of each.
func (s *Session) secureMod(b *segment) error {
	var before modInstance
	count := divUp(s.m.Len(b.base), b.name.Cells())
	for i := range count {
		in, err := s.readModInstance(b, i)
		if err != nil {
			return err
		}
		if i > 0 && before.n > 1 {
			if err := checkChain(b.name, &before, &in); err != nil {
				return err
			}
		}
		if err := s.checkEquation(b, &in, i); err != nil {
			return err
		}
		before = in
	}
	if count != 0 && before.n != 1 {
		return fail(ErrSecurity, "%v: prev_inputs.n != batch_size Got: prev_inputs.n=%d, batch_size=1", b.name, before.n)
	}
	return nil
}

// checkChain checks that in goes on where the instance before it stopped.
func checkChain(n builtin.Name, before, in *modInstance) error {
	for i := range in.words {
		if x, y := in.words[i], before.words[i]; x != y {
			return fail(ErrSecurity, "%v: inputs.p_values[i] != prev_inputs.p_values[i]. Got: i=%d, inputs.p_values[i]=%s, "+
				"prev_inputs.p_values[i]=%s", n, i, x.Decimal(), y.Decimal())
		}
	}
	switch {
	case in.values != before.values:
		return fail(ErrSecurity, "%v: inputs.values_ptr != prev_inputs.values_ptr. Got: inputs.values_ptr=%v, "+
			"prev_inputs.values_ptr=%v", n, in.values, before.values)
	case in.offsets != before.offsets.Plus(3):
		return fail(ErrSecurity, "%v: inputs.offsets_ptr != prev_inputs.offsets_ptr + 3 * batch_size. Got: inputs.offsets_ptr=%v, "+
			"prev_inputs.offsets_ptr=%v, batch_size=1", n, in.offsets, before.offsets)
	case in.n != before.n-1:
		return fail(ErrSecurity, "%v: inputs.n != prev_inputs.n - batch_size. Got: inputs.n=%d, prev_inputs.n=%d, batch_size=1",
			n, in.n, before.n)
	}
	return nil
}

// checkEquation checks that a op b = c modulo p.
func (s *Session) checkEquation(b *segment, in *modInstance, i uint64) error {
	var v [3]*big.Int
	for k := range v {
		at, _, err := s.modOperand(in, uint64(k))
		if err != nil {
			return err
		}
		if v[k], _, err = s.readMod(b, at); err != nil {
			return err
		}
	}
	z, op := new(big.Int).Add(v[0], v[1]), "+"
	if b.name == builtin.MulMod {
		z.Mul(v[0], v[1])
		op = "*"
	}
	if in.p.Sign() == 0 || z.Sub(z, v[2]).Mod(z, in.p).Sign() != 0 {
		return fail(ErrSecurity, "%v: Expected a %s b == c (mod p). Got: instance=%d, batch=0, p=%v, a=%v, b=%v, c=%v.",
			b.name, op, i, in.p, v[0], v[1], v[2])
	}
	return nil
}

// modInput returns the private input of a modulo builtin.
func (s *Session) modInput(b *segment) map[string]any {
	list := []Instance{}
	bases := s.Bases()
	for i := range divUp(s.used[b.base], b.name.Cells()) {
		in, err := s.readModInstance(b, i)
		if err != nil {
			continue
		}
		values, offsets := relocate(in.values.Cell(), bases), relocate(in.offsets.Cell(), bases)
		one := Instance{"index": i, "values_ptr": values[0], "offsets_ptr": offsets[0], "n": in.n}
		for k, w := range in.words {
			one["p"+strconv.Itoa(k)] = w
		}
		batch := Instance{}
		for k, name := range []string{"a", "b", "c"} {
			at, off, err := s.modOperand(&in, uint64(k))
			if err != nil {
				continue
			}
			batch[name+"_offset"] = off
			_, words, err := s.readMod(b, at)
			for j := 0; err == nil && j < modWords; j++ {
				batch[name+strconv.Itoa(j)] = words[j]
			}
		}
		one["batch"] = []Instance{batch}
		list = append(list, one)
	}
	zero := uint64(0)
	if s.zero >= 0 {
		zero = bases[s.zero]
	}
	return map[string]any{"instances": list, "zero_value_address": zero}
}
