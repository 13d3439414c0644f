package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// mathHints are those of math, pow and storage that compute something.
var mathHints = map[string]Func{
	"POW":                    powBit,
	"IS_POSITIVE":            isPositive,
	"SPLIT_FELT":             splitFelt,
	"SPLIT_INT":              splitInt,
	"SPLIT_INT_ASSERT_RANGE": splitIntEnd,
	"UNSIGNED_DIV_REM":       unsignedDivRem,
	"SIGNED_DIV_REM":         signedDivRem,
	"SQRT":                   squareRoot,
	"ASSERT_250_BITS":        assert250,
	"IS_250_BITS": func(c *Call) {
		x := c.Felt("addr")
		c.SetBool("is_250", x.BitLen() <= 250)
	},
	"IS_ADDR_BOUNDED": isAddressBounded,
	"IS_QUAD_RESIDUE": isQuadResidue,
	"A_B_BITAND_1": func(c *Call) {
		a, b := c.Felt("a"), c.Felt("b")
		c.Set("a_lsb", machine.UintCell(a[0]&1))
		c.Set("b_lsb", machine.UintCell(b[0]&1))
	},
}

// powBit writes the lowest bit of prev_locs.exp, the fourth member of a LoopLocals, to locs.bit, the first.
func powBit(c *Call) {
	exp := c.member("prev_locs", 4, "exp")
	c.Write(c.Address("locs"), machine.UintCell(exp[0]&1))
}

func isPositive(c *Call) {
	x := c.Felt("value")
	c.rangeCheck()
	v, negative := x.Signed()
	if !v.IsUint128() {
		c.Failf("Value: %s is outside valid range", x.Decimal())
	}
	c.SetBool("is_positive", !negative && !v.IsZero())
}

func splitFelt(c *Call) {
	high, low := c.Constant("MAX_HIGH"), c.Constant("MAX_LOW")
	if !high.IsUint128() || !low.IsUint128() {
		c.Failf("assert ids.MAX_HIGH < 2**128 and ids.MAX_LOW < 2**128")
	}
	if most := (felt.Felt{low[0], low[1], high[0], high[1]}); most != lastFelt {
		c.Failf("assert PRIME - 1 == ids.MAX_HIGH * 2**128 + ids.MAX_LOW")
	}
	x := c.Felt("value")
	lo, hi := x.Split128()
	c.SetFelt("high", hi)
	c.SetFelt("low", lo)
}

// lastFelt is P - 1.
var lastFelt = *new(felt.Felt).Neg(&felt.One)

func splitInt(c *Call) {
	value, base, limit := c.Felt("value"), c.Felt("base"), c.Felt("bound")
	if base.IsZero() {
		c.Failf("Attempted to divide by zero")
	}
	to := c.Pointer("output")
	if c.Failed() {
		return
	}
	var q, r felt.Felt
	q.QuoRem(&value, &base, &r)
	if limit.Less(&r) { // a limb that equals the bound passes, as in release 3.2.0
		c.Failf("split_int(): Limb %s is out of range.", r.Decimal())
	}
	c.Write(to, machine.FeltCell(r))
}

func splitIntEnd(c *Call) {
	if x := c.Felt("value"); !x.IsZero() {
		c.Failf("split_int(): value is out of range")
	}
}

// mostDivisor is P / 2^128: a quotient by more than that would have no range check.
var mostDivisor = felt.Felt{0, 0x0800000000000011}

// divisor returns d, which must be in (0, P / 2^128].
func divisor(c *Call, d felt.Felt) felt.Felt {
	c.rangeCheck()
	if d.IsZero() || mostDivisor.Less(&d) {
		c.Failf("Div out of range: 0 < %s <= %s", d.Decimal(), bound.Decimal())
		return felt.One
	}
	return d
}

func unsignedDivRem(c *Call) {
	d, x := c.Felt("div"), c.Felt("value")
	d = divisor(c, d)
	var q, r felt.Felt
	q.QuoRem(&x, &d, &r)
	c.SetFelt("r", r)
	c.SetFelt("q", q)
}

func signedDivRem(c *Call) {
	by, x, limit := c.Felt("div"), c.Felt("value"), c.Felt("bound")
	by = divisor(c, by)
	half := felt.Felt{0, 1 << 63}
	if half.Less(&limit) {
		c.Failf("Div out of range: 0 < %s <= %s", limit.Decimal(), half.Decimal())
	}
	size, negative := x.Signed()
	var q, r felt.Felt
	q.QuoRem(&size, &by, &r)
	if negative && !r.IsZero() { // it is rounded down
		q.Add(&q, &felt.One)
		r.Sub(&by, &r)
	}
	wide := limit.Less(&q)
	if negative {
		q.Neg(&q)
	}
	if wide {
		c.Failf("Div out of range: 0 < %s <= %s", q.Decimal(), limit.Decimal())
	}
	c.SetFelt("r", r)
	c.SetFelt("biased_q", *q.Add(&q, &limit))
}

func squareRoot(c *Call) {
	x := c.Felt("value")
	if two250.Less(&x) { // 2^250 passes, as in release 3.2.0
		c.Failf("Value: %s is outside of the range [0, 2**250)", x.Decimal())
	}
	root := wide.FromFelt(x)
	c.Set("root", intCell(root.Sqrt(&root)))
}

func assert250(c *Call) {
	limit, shift := c.Constant("UPPER_BOUND"), c.Constant("SHIFT")
	x := c.Felt("value")
	if limit.Less(&x) { // 2^250 passes, as in release 3.2.0
		c.Failf("Value: %s is outside of the range [0, 2**250)", x.Decimal())
	}
	if shift.IsZero() {
		c.Failf("Attempted to divide by zero")
	}
	if c.Failed() {
		return
	}
	var q, r felt.Felt
	q.QuoRem(&x, &shift, &r)
	c.SetFelt("high", q)
	c.SetFelt("low", r)
}

func isAddressBounded(c *Call) {
	x := c.Felt("addr")
	limit := c.Constant("ADDR_BOUND")
	if !two250.Less(&limit) || two251.Less(&limit) || !halfPrime.Less(&limit) {
		c.Failf("normalize_address() cannot be used with the current constants.")
	}
	c.SetBool("is_small", x.Less(&limit))
}

func isQuadResidue(c *Call) {
	x := c.Felt("x")
	if x.Legendre() < 0 {
		three := felt.FromUint64(3)
		x.Div(&x, &three)
	}
	if c.ask(); c.Failed() {
		return
	}
	if x.Sqrt(&x) == nil {
		x.SetZero()
	}
	c.SetFelt("y", x)
}
