package casm

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// arc is a piece of the way around the field, from 0 over a and b back to 0.
type arc struct {
	length felt.Felt
	number int
}

// The divisors of the short arcs: P/3 and P/2, each divided by 2^128 and rounded up.
var (
	thirdHigh = felt.Felt{0x5555555555555556, 0x2aaaaaaaaaaaab0}
	halfHigh  = felt.Felt{0x8000000000000001, 0x400000000000008}
)

// findSmallArcs splits the two short ones of the arcs of 0, a, b for the range checks, and remembers the long one.
func findSmallArcs(c *call) {
	a, b := c.felt(1), c.felt(2)
	var between, rest felt.Felt
	between.Sub(&b, &a)
	rest.Neg(rest.Add(&b, &felt.One))
	arcs := [...]arc{{a, 0}, {between, 1}, {rest, 2}}
	slices.SortFunc(arcs[:], func(p, q arc) int {
		if d := p.length.Cmp(&q.length); d != 0 {
			return d
		}
		return p.number - q.number
	})
	c.run.longest = arcs[2].number + 1
	at := c.pointer(0)
	for i, by := range [...]felt.Felt{thirdHigh, halfHigh} {
		q, r := c.quoRem(arcs[i].length, by)
		c.write(c.plus(at, uint64(2*i)), machine.FeltCell(r))
		c.write(c.plus(at, uint64(2*i+1)), machine.FeltCell(q))
	}
}

// setExcluded writes whether the long arc is another one than number.
func (c *call) setExcluded(number int) {
	if c.run.longest == 0 {
		c.failf("Variable excluded_arc not present in current execution scope")
	}
	c.setBool(0, c.run.longest != number+1)
}
