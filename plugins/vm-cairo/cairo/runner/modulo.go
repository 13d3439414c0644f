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

// readMod reads a value of four words; ok is false if a word is missing or too large.
func (s *Session) readMod(at machine.Address) (v *big.Int, words [modWords]felt.Felt, err error) {
	v = new(big.Int)
	for i := range words {
		a := at.Plus(uint64(i))
		x, ok := s.m.Read(a).Felt()
		if !ok {
			return nil, words, fail(ErrSecurity, "Expected integer at address %v", a)
		}
		if x.BitLen() > modWordBits {
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
	if in.p, in.words, err = s.readMod(at); err != nil {
		return in, err
	}
	ok := [3]bool{}
	in.values, ok[0] = s.m.Read(at.Plus(modValues)).Address()
	in.offsets, ok[1] = s.m.Read(at.Plus(modOffsets)).Address()
	in.n, ok[2] = s.m.Read(at.Plus(modN)).Uint64()
	for k, fine := range ok {
		if !fine {
			return in, fail(ErrSecurity, "%v: Missing value at address %v.", b.name, at.Plus(modValues+uint64(k)))
		}
	}
	if in.n < 1 {
		return in, fail(ErrSecurity, "%v: Expected n >= 1. Got: %d.", b.name, in.n)
	}
	return in, nil
}

// operand returns where operand k (a, b, c) of the instance is, and its offset among the values.
func (s *Session) modOperand(b *segment, in *modInstance, k uint64) (machine.Address, uint64, error) {
	at := in.offsets.Plus(k)
	off, ok := s.m.Read(at).Uint64()
	if !ok {
		return at, 0, fail(ErrSecurity, "%v: Missing value at address %v.", b.name, at)
	}
	return in.values.Plus(off), off, nil
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
		if i > 0 && before.n > 1 && (in.n != before.n-1 || in.p.Cmp(before.p) != 0 || in.values != before.values ||
			in.offsets != before.offsets.Plus(3)) {
			return fail(ErrSecurity, "%v: instance %d does not continue instance %d", b.name, i, i-1)
		}
		if err := s.checkEquation(b, &in, i); err != nil {
			return err
		}
		before = in
	}
	if count != 0 && before.n != 1 {
		return fail(ErrSecurity, "%v: n should be 1 at the end of the chain, got %d", b.name, before.n)
	}
	return nil
}

// checkEquation checks that a op b = c modulo p.
func (s *Session) checkEquation(b *segment, in *modInstance, i uint64) error {
	var v [3]*big.Int
	for k := range v {
		at, _, err := s.modOperand(b, in, uint64(k))
		if err != nil {
			return err
		}
		if v[k], _, err = s.readMod(at); err != nil {
			return err
		}
	}
	z := new(big.Int).Add(v[0], v[1])
	if b.name == builtin.MulMod {
		z.Mul(v[0], v[1])
	}
	if in.p.Sign() == 0 || z.Sub(z, v[2]).Mod(z, in.p).Sign() != 0 {
		return fail(ErrSecurity, "%v: a op b != c mod p at instance %d", b.name, i)
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
			at, off, err := s.modOperand(b, &in, uint64(k))
			if err != nil {
				continue
			}
			batch[name+"_offset"] = off
			_, words, err := s.readMod(at)
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
