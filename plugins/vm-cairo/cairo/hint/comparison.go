package hint

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// comparisonHints are those of math and math_cmp that compare.
var comparisonHints = map[string]Func{
	"IS_NN": func(c *Call) {
		a := c.Felt("a")
		c.rangeCheck()
		c.SetAP(boolCell(!a.IsUint128()))
	},
	"IS_NN_OUT_OF_RANGE": func(c *Call) {
		a := c.Felt("a")
		c.rangeCheck()
		a.Neg(a.Add(&a, &felt.One))
		c.SetAP(boolCell(!a.IsUint128()))
	},
	"IS_LE_FELT": func(c *Call) {
		a, b := c.Felt("a"), c.Felt("b")
		c.SetAP(boolCell(b.Less(&a)))
	},
	"ASSERT_NN": func(c *Call) {
		a := c.Felt("a")
		c.rangeCheck()
		if !a.IsUint128() {
			c.Failf("Assertion failed, 0 <= ids.a %% PRIME < range_check_builtin.bound \n a = %s is out of range", a.Decimal())
		}
	},
	"ASSERT_NOT_ZERO": func(c *Call) {
		if x := c.Felt("value"); x.IsZero() {
			c.Failf("Assertion failed, 0 %% 0x%x is equal to 0", felt.Modulus())
		}
	},
	"ASSERT_NOT_EQUAL":          assertNotEqual,
	"ASSERT_LE_FELT":            assertLeFelt,
	"ASSERT_LE_FELT_EXCLUDED_0": func(c *Call) { c.SetAP(boolCell(c.excluded() != 0)) },
	"ASSERT_LE_FELT_EXCLUDED_1": func(c *Call) { c.SetAP(boolCell(c.excluded() != 1)) },
	"ASSERT_LE_FELT_EXCLUDED_2": func(c *Call) {
		if n := c.excluded(); n != 2 {
			c.Failf("Excluded is supposed to be 2, got %d", n)
		}
	},
	"ASSERT_LE_FELT_V_0_6": func(c *Call) { ordered(c) },
	"ASSERT_LE_FELT_V_0_8": func(c *Call) {
		a, b := ordered(c)
		c.rangeCheck()
		c.SetBool("small_inputs", a.IsUint128() && b.Sub(&b, &a).IsUint128())
	},
	"ASSERT_LT_FELT": func(c *Call) {
		a, b := c.Felt("a"), c.Felt("b")
		if !a.Less(&b) {
			c.Failf("Assertion failed, a = %s %% PRIME is not less than b = %s %% PRIME", a.Decimal(), b.Decimal())
		}
	},
}

// ordered returns ids.a and ids.b, and fails unless a <= b.
func ordered(c *Call) (a, b felt.Felt) {
	a, b = c.Felt("a"), c.Felt("b")
	if b.Less(&a) {
		c.Failf("Assertion failed, %s, is not less or equal to %s", a.Decimal(), b.Decimal())
	}
	return a, b
}

func assertNotEqual(c *Call) {
	a, b := c.Value("a"), c.Value("b")
	p, aIs := a.Address()
	q, bIs := b.Address()
	switch {
	case c.Failed():
	case aIs != bIs:
		c.Failf("Failed to compare %v and %v, cant compare a relocatable to an integer value", a, b)
	case aIs && p.Segment != q.Segment:
		c.Failf("Failed to compare %v and  %v, cant compare two relocatable values of different segment indexes", p, q)
	case a.Equal(b):
		c.Failf("assert_not_equal failed: %v =  %v", a, b)
	}
}

// arc is a piece of the way around the field, from 0 over a and b back to 0.
type arc struct {
	length felt.Felt
	number int
}

// excluded returns the number of the arc that the last comparison left out.
func (c *Call) excluded() int {
	n := c.scope().longest
	if n == 0 {
		c.missing("excluded")
		return 0
	}
	return n - 1
}

// assertLeFelt splits the two short ones of the arcs of 0, a, b for the range checks, and remembers the long one.
func assertLeFelt(c *Call) {
	third, half := c.Constant("PRIME_OVER_3_HIGH"), c.Constant("PRIME_OVER_2_HIGH")
	a, b := ordered(c)
	to := c.Pointer("range_check_ptr")
	if third.IsZero() || half.IsZero() {
		c.Failf("Attempted to divide by zero")
	}
	if c.Failed() {
		return
	}
	arcs := [...]arc{{a, 0}, {b, 1}, {b, 2}}
	arcs[1].length.Sub(&b, &a)
	arcs[2].length.Neg(arcs[2].length.Add(&b, &felt.One))
	slices.SortFunc(arcs[:], func(p, q arc) int {
		if d := p.length.Cmp(&q.length); d != 0 {
			return d
		}
		return p.number - q.number
	})
	c.scope().longest = arcs[2].number + 1
	for i, by := range [...]felt.Felt{third, half} {
		var q, r felt.Felt
		q.QuoRem(&arcs[i].length, &by, &r)
		c.Write(to.Plus(uint64(2*i)), machine.FeltCell(r))
		c.Write(to.Plus(uint64(2*i+1)), machine.FeltCell(q))
	}
}
