package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// fieldHints are those of cairo_secp, bigint, vrf and ec_recover that compute in a field of another modulus.
var fieldHints = map[string]Func{
	"NONDET_BIGINT3_V1": func(c *Call) { nondetBigInt3(c) },
	"NONDET_BIGINT3_V2": func(c *Call) { nondetBigInt3(c) },

	"VERIFY_ZERO_V1":            func(c *Call) { verifyZero(c, fixed(&secpP)) },
	"VERIFY_ZERO_V2":            func(c *Call) { verifyZero(c, fixed(&secpP)) },
	"VERIFY_ZERO_V3":            func(c *Call) { verifyZero(c, fixed(&edP)) },
	"VERIFY_ZERO_EXTERNAL_SECP": func(c *Call) { verifyZero(c, scoped("SECP_P")) },
	"COMPUTE_Q_MOD_PRIME":       func(c *Call) { verifyZero(c, constantly(&r1P)) },

	"REDUCE_V1":                     func(c *Call) { reduce(c, "value", fixed(&secpP)) },
	"REDUCE_V2":                     func(c *Call) { reduce(c, "value", scoped("SECP_P")) },
	"REDUCE_ED25519":                func(c *Call) { reduce(c, "value", fixed(&edP)) },
	"SECP_REDUCE":                   func(c *Call) { reduce(c, "value", constantly(&r1P)) },
	"SECP_REDUCE_X":                 func(c *Call) { reduce(c, "x", constantly(&r1P)) },
	"IS_ZERO_PACK_V1":               func(c *Call) { reduce(c, "x", fixed(&secpP)) },
	"IS_ZERO_PACK_V2":               func(c *Call) { reduce(c, "x", fixed(&secpP)) },
	"IS_ZERO_PACK_EXTERNAL_SECP_V1": func(c *Call) { reduce(c, "x", scoped("SECP_P")) },
	"IS_ZERO_PACK_EXTERNAL_SECP_V2": func(c *Call) { reduce(c, "x", scoped("SECP_P")) },
	"IS_ZERO_PACK_ED25519":          func(c *Call) { reduce(c, "x", fixed(&edP)) },

	"IS_ZERO_NONDET": isZeroX,
	"IS_ZERO_INT":    isZeroX,

	"IS_ZERO_ASSIGN_SCOPE_VARS":               func(c *Call) { inverseOfX(c, fixed(&secpP), "value", "x_inv") },
	"IS_ZERO_ASSIGN_SCOPE_VARS_EXTERNAL_SECP": func(c *Call) { inverseOfX(c, scoped("SECP_P"), "value", "x_inv") },
	"IS_ZERO_ASSIGN_SCOPE_VARS_ED25519":       func(c *Call) { inverseOfX(c, fixed(&edP), "value", "x_inv") },
	"COMPUTE_VALUE_DIV_MOD":                   func(c *Call) { inverseOfX(c, constantly(&r1P), "value") },

	"DIV_MOD_N_PACKED_DIVMOD_V1": func(c *Call) {
		c.setNumber(&secpN, "N")
		divideByN(c, &secpN)
	},
	"DIV_MOD_N_PACKED_DIVMOD_EXTERNAL_N": func(c *Call) {
		n := c.number("N")
		divideByN(c, &n)
	},
	"DIV_MOD_N_SAFE_DIV":          func(c *Call) { quotientByN(c, "a", "b", false) },
	"DIV_MOD_N_SAFE_DIV_PLUS_ONE": func(c *Call) { quotientByN(c, "a", "b", true) },
	"XS_SAFE_DIV":                 func(c *Call) { quotientByN(c, "x", "s", false) },
	"PACK_MODN_DIV_MODN": func(c *Call) {
		x, s := c.big3("x"), c.big3("s")
		x.Mod(&x, &secpN)
		s.Mod(&s, &secpN)
		r := c.divideIn(&x, &s, &secpN)
		c.setNumber(&r, "value", "res")
		c.setNumber(&x, "x")
		c.setNumber(&s, "s")
		c.setNumber(&secpN, "N")
	},

	"EC_RECOVER_DIV_MOD_N_PACKED": func(c *Call) {
		n, x := c.big3("n"), c.big3("x")
		x = c.mod(&x, &n)
		s := c.big3("s")
		s = c.mod(&s, &n)
		r := c.divideIn(&x, &s, &n)
		c.setNumber(&r, "value", "res")
	},
	"EC_RECOVER_SUB_A_B": func(c *Call) {
		a, b := c.big3("a"), c.big3("b")
		c.setNumber(a.Sub(&a, &b), "value", "res")
	},
	"EC_RECOVER_PRODUCT_MOD": func(c *Call) {
		a, b := c.big3("a"), c.big3("b")
		a.Mul(&a, &b)
		m := c.big3("m")
		r := c.mod(&a, &m)
		c.setNumber(&a, "product")
		c.setNumber(&m, "m")
		c.setNumber(&r, "value", "res")
	},
	"EC_RECOVER_PRODUCT_DIV_M": func(c *Call) {
		product, m := c.number("product"), c.number("m")
		q, _ := c.divMod(&product, &m)
		c.setNumber(&q, "k", "value")
	},

	"BIGINT_PACK_DIV_MOD": bigIntDivMod,
	"BIGINT_SAFE_DIV":     bigIntSafeDiv,
	"BIGINT_TO_UINT256": func(c *Call) {
		at := c.Address("x")
		d0, d1, base := c.ReadFelt(at), c.ReadFelt(at.Plus(1)), c.Constant("BASE")
		low, _ := d1.Add(&d0, d1.Mul(&d1, &base)).Split128()
		c.SetFelt("low", low)
	},
	"COMPUTE_IDS_HIGH_LOW": splitBelow165Bits,
	"WRITE_DIVMOD_SEGMENT": divModBLS,
}

func isZeroX(c *Call) {
	x := c.number("x")
	c.SetAP(boolCell(x.Sign() == 0))
}

// nondetBigInt3 writes the variable value, which must be from 0 up to 2^258, to ids.res, in limbs.
func nondetBigInt3(c *Call) {
	at, x := c.Address("res"), c.number("value")
	if x.Sign() < 0 {
		c.Failf("BigInt to BigUint failed, BigInt is negative")
	} else if x.BitLen() > 3*limbBits {
		c.Failf("Integer: %v out of range", x)
	}
	for i := 2; i >= 0; i-- {
		c.Write(at.Plus(uint64(i)), machine.FeltCell(x.Bits(limbBits*i, limbBits))) //nolint:gosec // not negative
	}
}

// verifyZero writes the quotient of ids.val by the modulus, which must divide it.
func verifyZero(c *Call, m modulus) {
	p, x := m(c), c.big3("val")
	q, r := c.divMod(&x, &p)
	if r.Sign() != 0 {
		c.Failf("verify_zero: Invalid input %v", x)
	}
	c.Set("q", intCell(&q))
}

// reduce sets a variable to ids.x modulo m.
func reduce(c *Call, variable string, m modulus) {
	p, x := m(c), c.big3("x")
	x = c.mod(&x, &p)
	c.setNumber(&x, variable)
}

// inverseOfX sets variables to the inverse of the variable x.
func inverseOfX(c *Call, m modulus, names ...string) {
	p, x := m(c), c.number("x")
	x = c.divideIn(&one, &x, &p)
	c.setNumber(&x, names...)
}

// divideByN computes ids.a / ids.b modulo n.
func divideByN(c *Call, n *wide.Int) {
	a, b := c.big3("a"), c.big3("b")
	r := c.divideIn(&a, &b, n)
	c.setNumber(&a, "a")
	c.setNumber(&b, "b")
	c.setNumber(&r, "value", "res")
}

// quotientByN computes (res * b - a) / N, whose division is without remainder, or one more.
func quotientByN(c *Call, aName, bName string, more bool) {
	a, b, res, n := c.number(aName), c.number(bName), c.number("res"), c.number("N")
	var x wide.Int
	x.Sub(x.Mul(&res, &b), &a)
	x = c.exact(&x, &n)
	if more {
		x.Add(&x, &one)
	}
	c.setNumber(&x, "value")
}

// bigIntDivMod divides a number of five limbs.
func bigIntDivMod(c *Call) {
	p := c.big3("P")
	x := c.limbs("x", "", 0, 5, limbBits, wide.FromSigned)
	y := c.big3("y")
	r := c.divideIn(&x, &y, &p)
	c.setNumber(&r, "res", "value")
	c.setNumber(&x, "x")
	c.setNumber(&y, "y")
	c.setNumber(&p, "p")
}

func bigIntSafeDiv(c *Call) {
	res, y, x, p := c.number("res"), c.number("y"), c.number("x"), c.number("p")
	var n wide.Int
	n.Sub(n.Mul(&res, &y), &x)
	k := c.exact(&n, &p)
	c.setNumber(&k, "k")
	c.setNumber(n.Abs(&k), "value")
	c.SetBool("flag", k.Sign() > 0)
}

// splitBelow165Bits splits a number that must be below a constant by another one.
func splitBelow165Bits(c *Call) {
	c.setNumber(&r1P, "SECP256R1_P")
	limit, shift, x := c.Constant("UPPER_BOUND"), c.Constant("SHIFT"), c.Felt("value")
	if limit.Less(&x) { // the bound itself passes, as in release 3.2.0
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

// divModBLS writes quotient and remainder of a product by the order of BLS12-381, in limbs of which the last may be
// negative.
func divModBLS(c *Call) {
	a := c.limbs("a", "", 0, 3, limbBits, fromBelowHalf)
	b := c.limbs("b", "", 0, 3, limbBits, fromBelowHalf)
	q, r := c.divMod(a.Mul(&a, &b), &blsR)
	qAt, rAt := c.Address("q"), c.Address("res")
	for _, x := range [...]*wide.Int{&q, &r} {
		var high wide.Int
		if high.Rsh(x, 2*limbBits).BitLen() > 127 {
			c.Failf("high limb magnitude should be smaller than 2 ** 127: %v", high)
		}
	}
	c.writeSigned(qAt, &q)
	c.writeSigned(rAt, &r)
}

// fromBelowHalf is the signed view of a felt with (P-1)/2 among the negative ones, as the reference has it in this hint alone.
func fromBelowHalf(x felt.Felt) wide.Int {
	z := wide.FromSigned(x)
	if x == halfPrime {
		z.Sub(&z, &prime)
	}
	return z
}

// writeSigned writes x in three limbs, all of which have the sign of x, the last one first.
func (c *Call) writeSigned(at machine.Address, x *wide.Int) {
	var high wide.Int
	c.WriteInt(at.Plus(2), high.Rsh(x, 2*limbBits))
	for i := 1; i >= 0; i-- {
		limb := x.Bits(limbBits*i, limbBits)
		if x.Sign() < 0 {
			limb.Neg(&limb)
		}
		c.Write(at.Plus(uint64(i)), machine.FeltCell(limb)) //nolint:gosec // not negative
	}
}
