package hint

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// fieldHints are those of cairo_secp, bigint, vrf and ec_recover that compute in a field of another modulus.
var fieldHints = map[string]Func{
	"NONDET_BIGINT3_V1": func(c *Call) { nondetBigInt3(c) },
	"NONDET_BIGINT3_V2": func(c *Call) { nondetBigInt3(c) },

	"VERIFY_ZERO_V1":            func(c *Call) { verifyZero(c, fixed(secpP)) },
	"VERIFY_ZERO_V2":            func(c *Call) { verifyZero(c, fixed(secpP)) },
	"VERIFY_ZERO_V3":            func(c *Call) { verifyZero(c, fixed(edP)) },
	"VERIFY_ZERO_EXTERNAL_SECP": func(c *Call) { verifyZero(c, scoped("SECP_P")) },
	"COMPUTE_Q_MOD_PRIME":       func(c *Call) { verifyZero(c, constantly(r1P)) },

	"REDUCE_V1":                     func(c *Call) { reduce(c, "value", fixed(secpP)) },
	"REDUCE_V2":                     func(c *Call) { reduce(c, "value", scoped("SECP_P")) },
	"REDUCE_ED25519":                func(c *Call) { reduce(c, "value", fixed(edP)) },
	"SECP_REDUCE":                   func(c *Call) { reduce(c, "value", constantly(r1P)) },
	"SECP_REDUCE_X":                 func(c *Call) { reduce(c, "x", constantly(r1P)) },
	"IS_ZERO_PACK_V1":               func(c *Call) { reduce(c, "x", fixed(secpP)) },
	"IS_ZERO_PACK_V2":               func(c *Call) { reduce(c, "x", fixed(secpP)) },
	"IS_ZERO_PACK_EXTERNAL_SECP_V1": func(c *Call) { reduce(c, "x", scoped("SECP_P")) },
	"IS_ZERO_PACK_EXTERNAL_SECP_V2": func(c *Call) { reduce(c, "x", scoped("SECP_P")) },
	"IS_ZERO_PACK_ED25519":          func(c *Call) { reduce(c, "x", fixed(edP)) },

	"IS_ZERO_NONDET": func(c *Call) { c.SetAP(boolCell(c.bigVar("x").Sign() == 0)) },
	"IS_ZERO_INT":    func(c *Call) { c.SetAP(boolCell(c.bigVar("x").Sign() == 0)) },

	"IS_ZERO_ASSIGN_SCOPE_VARS":               func(c *Call) { inverseOfX(c, fixed(secpP), "value", "x_inv") },
	"IS_ZERO_ASSIGN_SCOPE_VARS_EXTERNAL_SECP": func(c *Call) { inverseOfX(c, scoped("SECP_P"), "value", "x_inv") },
	"IS_ZERO_ASSIGN_SCOPE_VARS_ED25519":       func(c *Call) { inverseOfX(c, fixed(edP), "value", "x_inv") },
	"COMPUTE_VALUE_DIV_MOD":                   func(c *Call) { inverseOfX(c, constantly(r1P), "value") },

	"DIV_MOD_N_PACKED_DIVMOD_V1": func(c *Call) {
		c.setBigs(secpN, "N")
		divideByN(c, secpN)
	},
	"DIV_MOD_N_PACKED_DIVMOD_EXTERNAL_N": func(c *Call) { divideByN(c, c.bigVar("N")) },
	"DIV_MOD_N_SAFE_DIV":                 func(c *Call) { quotientByN(c, "a", "b", 0) },
	"DIV_MOD_N_SAFE_DIV_PLUS_ONE":        func(c *Call) { quotientByN(c, "a", "b", 1) },
	"XS_SAFE_DIV":                        func(c *Call) { quotientByN(c, "x", "s", 0) },
	"PACK_MODN_DIV_MODN": func(c *Call) {
		x, s := c.mod(c.big3("x", 0, "x"), secpN), c.mod(c.big3("s", 0, "s"), secpN)
		c.setBigs(c.divideIn(x, s, secpN), "value", "res")
		c.setBigs(x, "x")
		c.setBigs(s, "s")
		c.setBigs(secpN, "N")
	},

	"EC_RECOVER_DIV_MOD_N_PACKED": func(c *Call) {
		n := c.big3("n", 0, "n")
		x := c.mod(c.big3("x", 0, "x"), n)
		s := c.mod(c.big3("s", 0, "s"), n)
		c.setBigs(c.divideIn(x, s, n), "value", "res")
	},
	"EC_RECOVER_SUB_A_B": func(c *Call) {
		a := c.big3("a", 0, "a")
		c.setBigs(a.Sub(a, c.big3("b", 0, "b")), "value", "res")
	},
	"EC_RECOVER_PRODUCT_MOD": func(c *Call) {
		a := c.big3("a", 0, "a")
		product := a.Mul(a, c.big3("b", 0, "b"))
		m := c.big3("m", 0, "m")
		r := c.mod(product, m)
		c.setBigs(product, "product")
		c.setBigs(m, "m")
		c.setBigs(r, "value", "res")
	},
	"EC_RECOVER_PRODUCT_DIV_M": func(c *Call) {
		q, _ := c.divMod(c.bigVar("product"), c.bigVar("m"))
		c.setBigs(q, "k", "value")
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

// nondetBigInt3 writes the variable value to ids.res, in limbs.
func nondetBigInt3(c *Call) {
	c.Address("res")
	limbs := c.splitBig3(c.bigVar("value"))
	c.writeLimbs("res", limbs[:])
}

// verifyZero writes the quotient of ids.val by the modulus, which must divide it.
func verifyZero(c *Call, m modulus) {
	p, x := m(c), c.big3("val", 0, "val")
	q, r := c.divMod(x, p)
	if r.Sign() != 0 {
		c.Failf("verify_zero: Invalid input %v", x)
	}
	c.Set("q", bigCell(q))
}

// reduce sets a variable to ids.x modulo m.
func reduce(c *Call, variable string, m modulus) {
	p := m(c)
	c.setBigs(c.mod(c.big3("x", 0, "x"), p), variable)
}

// inverseOfX sets variables to the inverse of the variable x.
func inverseOfX(c *Call, m modulus, names ...string) {
	p := m(c)
	c.setBigs(c.divideIn(one, c.bigVar("x"), p), names...)
}

// divideByN computes ids.a / ids.b modulo n.
func divideByN(c *Call, n *big.Int) {
	a, b := c.big3("a", 0, "a"), c.big3("b", 0, "b")
	r := c.divideIn(a, b, n)
	c.setBigs(a, "a")
	c.setBigs(b, "b")
	c.setBigs(r, "value", "res")
}

// quotientByN computes (res * b - a) / N + plus, whose division is without remainder.
func quotientByN(c *Call, aName, bName string, plus int64) {
	a, b, res, n := c.bigVar(aName), c.bigVar(bName), c.bigVar("res"), c.bigVar("N")
	x := new(big.Int).Mul(res, b)
	q := c.exact(x.Sub(x, a), n)
	c.setBigs(q.Add(q, big.NewInt(plus)), "value")
}

// bigIntDivMod divides a number of five limbs.
func bigIntDivMod(c *Call) {
	p := c.big3("P", 0, "P")
	x := c.bigN("x", 0, "x", 5, signed)
	y := c.big3("y", 0, "y")
	c.setBigs(c.divideIn(x, y, p), "res", "value")
	c.setBigs(x, "x")
	c.setBigs(y, "y")
	c.setBigs(p, "p")
}

func bigIntSafeDiv(c *Call) {
	res, y, x, p := c.bigVar("res"), c.bigVar("y"), c.bigVar("x"), c.bigVar("p")
	n := new(big.Int).Mul(res, y)
	k := c.exact(n.Sub(n, x), p)
	c.setBigs(k, "k")
	c.setBigs(new(big.Int).Abs(k), "value")
	c.SetBool("flag", k.Sign() > 0)
}

// splitBelow165Bits splits a number that must be below a constant by another one.
func splitBelow165Bits(c *Call) {
	c.setBigs(r1P, "SECP256R1_P")
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
	a := c.big3("a", 0, "a")
	q, r := c.divMod(a.Mul(a, c.big3("b", 0, "b")), blsR)
	for _, v := range []struct {
		name string
		x    *big.Int
	}{{"q", q}, {"res", r}} {
		at := c.Address(v.name)
		limbs := [3]*big.Int{}
		rest := v.x
		for i := range 2 {
			limbs[i] = new(big.Int)
			rest, limbs[i] = new(big.Int).QuoRem(rest, new(big.Int).Lsh(one, limbBits), limbs[i])
		}
		if limbs[2] = rest; rest.BitLen() > 127 {
			c.Failf("high limb magnitude should be smaller than 2 ** 127: %v", rest)
		}
		for i, limb := range limbs {
			c.Write(at.Plus(uint64(i)), bigCell(limb))
		}
	}
}
