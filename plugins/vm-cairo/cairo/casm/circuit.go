package casm

import (
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// Numbers of circuits: values and the modulus have four words of 96 bits, an instance of a modulo builtin has the modulus, the
// addresses of values and offsets, and how many instances are left.
const (
	circuitWords  = 4
	circuitBits   = 96
	instanceCells = 7
	valuesAt      = 4
	offsetsAt     = 5
	leftAt        = 6
	// maxGates bounds what one hint does.
	maxGates = 1 << 20
)

// circuit is a circuit of additions and multiplications modulo p that is being evaluated.
type circuit struct {
	c          *call
	p          wide.Int
	values     machine.Address
	adds, muls machine.Address // the offsets of the operands of the gates
}

// evalCircuit computes the values of a circuit, then writes the instances of both builtins. Gates without inverse get a
// value that proves so; the instances end before the first of them.
func evalCircuit(c *call) {
	adds, addAt, muls, mulAt := c.number(0), c.pointer(1), c.number(2), c.pointer(3)
	if adds > maxGates || muls > maxGates {
		c.failf("EvalCircuit: %d and %d gates", adds, muls)
	}
	if c.err != nil {
		return
	}
	e := circuit{c: c}
	e.values, e.muls = c.readAddress(c.plus(mulAt, valuesAt)), c.readAddress(c.plus(mulAt, offsetsAt))
	if adds > 0 {
		e.adds = c.readAddress(c.plus(addAt, offsetsAt))
	}
	var known bool
	if e.p, known = e.read(mulAt); !known || e.p.Sign() == 0 {
		c.failf("EvalCircuit: no modulus at %v", mulAt)
	}
	if c.err != nil {
		return
	}
	good := e.fill(adds, muls)
	e.instances(addAt, e.adds, adds)
	e.instances(mulAt, e.muls, good)
}

// read returns the value at a, and whether its words are all known felts. They may be any felts.
func (e *circuit) read(a machine.Address) (v wide.Int, known bool) {
	for i := circuitWords - 1; i >= 0; i-- {
		x, ok := e.c.run.vm.Read(e.c.plus(a, uint64(i))).Felt() //nolint:gosec // not negative
		if !ok {
			return v, false
		}
		word := wide.FromFelt(x)
		v.Add(v.Lsh(&v, circuitBits), &word)
	}
	return v, true
}

// write writes v, which is not negative, to a.
func (e *circuit) write(a machine.Address, v *wide.Int) {
	for i := range circuitWords {
		e.c.write(e.c.plus(a, uint64(i)), machine.FeltCell(v.Bits(circuitBits*i, circuitBits))) //nolint:gosec // not negative
	}
}

// gate returns the addresses of the operands and of the result of gate i of those whose offsets begin at offsets.
func (e *circuit) gate(offsets machine.Address, i uint64) (at [3]machine.Address) {
	for k := range at {
		off := e.c.readFelt(e.c.plus(offsets, 3*i+uint64(k)))
		at[k] = e.c.moved(e.values, machine.FeltCell(off))
	}
	return at
}

// fill evaluates the gates: as many additions as can be done, then a multiplication, and so on. It returns the number of
// the first multiplication that was to be an inversion and failed, or muls.
func (e *circuit) fill(adds, muls uint64) uint64 {
	good, done := muls, uint64(0)
	for i := uint64(0); e.c.err == nil; i++ {
		for done < adds && e.c.err == nil && e.add(done) {
			done++
		}
		if i == muls {
			break
		}
		if !e.multiply(i) && good == muls {
			good = i
		}
	}
	return good
}

// add evaluates an addition, or the subtraction that one stands for; it reports false if too little is known yet.
func (e *circuit) add(i uint64) bool {
	at := e.gate(e.adds, i)
	x, xKnown := e.read(at[0])
	y, yKnown := e.read(at[1])
	if !yKnown {
		return false
	}
	if xKnown {
		e.write(at[2], x.Mod(x.Add(&x, &y), &e.p))
		return true
	}
	sum, known := e.read(at[2])
	if !known {
		return false
	}
	e.write(at[0], sum.Mod(sum.Sub(&sum, &y), &e.p))
	return true
}

// multiply evaluates a multiplication, or the inversion that one stands for; it reports false if there is no inverse.
func (e *circuit) multiply(i uint64) bool {
	at := e.gate(e.muls, i)
	x, xKnown := e.read(at[0])
	y, yKnown := e.read(at[1])
	switch {
	case !yKnown:
		e.c.failf("EvalCircuit: multiplication %d has no operands", i)
		return false
	case xKnown:
		e.write(at[2], x.Mod(x.Mul(&x, &y), &e.p))
		return true
	}
	var inverse, g, rest wide.Int
	inverse.Bezout(y.Mod(&y, &e.p), &e.p, &g)
	if g.IsOne() { // so it is modulo 1, where all numbers are 0
		e.write(at[0], inverse.Mod(&inverse, &e.p))
		return true
	}
	g.QuoRem(&e.p, &g, &rest)
	e.write(at[0], g.Mod(&g, &e.p))
	return false
}

// instances writes n instances of a builtin, counting down what is left.
func (e *circuit) instances(at, offsets machine.Address, n uint64) {
	c := e.c
	var p [circuitWords]machine.Cell
	for i := range p {
		p[i] = c.run.vm.Read(c.plus(at, uint64(i)))
	}
	for i := uint64(0); i < n && c.err == nil; i++ {
		to := c.plus(at, instanceCells*i)
		for k, w := range p {
			c.write(c.plus(to, uint64(k)), w)
		}
		c.write(c.plus(to, valuesAt), e.values.Cell())
		c.write(c.plus(to, offsetsAt), c.plus(offsets, 3*i).Cell())
		c.write(c.plus(to, leftAt), machine.UintCell(n-i))
	}
}
