package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// uint256Hints are those of uint256. A Uint256 has its low half in the first cell and its high half in the second.
var uint256Hints = map[string]Func{
	"UINT128_ADD": func(c *Call) {
		a, b := c.Felt("a"), c.Felt("b")
		c.SetBool("carry", !a.Add(&a, &b).IsUint128())
	},
	"UINT256_ADD":     func(c *Call) { uint256Add(c, false) },
	"UINT256_ADD_LOW": func(c *Call) { uint256Add(c, true) },
	"UINT256_SUB": func(c *Call) {
		a, b := c.uint256("a"), c.uint256("b")
		if a.Cmp(&b) < 0 { // what of a is above 2^256 stays, as in the reference
			b.Mod(&b, &two256)
		}
		if a.Sub(&a, &b).Sign() < 0 {
			a.Add(&a, &two256)
		}
		c.setUint256("res", &a)
	},
	"SPLIT_64": func(c *Call) {
		x := c.Felt("a")
		c.SetFelt("high", felt.Felt{x[1], x[2], x[3]})
		c.SetFelt("low", felt.Felt{x[0]})
	},
	"UINT256_SQRT": func(c *Call) {
		root := uint256Sqrt(c)
		c.setUint256("root", &root)
	},
	"UINT256_SQRT_FELT": func(c *Call) {
		root := uint256Sqrt(c)
		c.Set("root", intCell(&root))
	},
	"UINT256_SIGNED_NN": func(c *Call) {
		high, ok := c.run.vm.Read(c.Address("a").Plus(1)).Felt()
		if !ok {
			c.Failf("ids.a has no member high or it is of incorrect type")
		}
		c.SetAP(boolCell(high.BitLen() <= 127))
	},
	"UINT256_UNSIGNED_DIV_REM": func(c *Call) {
		a, d := c.uint256("a"), c.uint256("div")
		divideUint256(c, &a, &d)
	},
	"UINT256_EXPANDED_UNSIGNED_DIV_REM": expandedDivRem,
	"UINT256_MUL_DIV_MOD":               mulDivMod,
}

func uint256Add(c *Call, lowOnly bool) {
	a, b := c.member("a", 0, "low"), c.member("b", 0, "low")
	carry := felt.Felt{}
	if !a.Add(&a, &b).IsUint128() {
		carry = felt.One
	}
	x, y := c.member("a", 1, "high"), c.member("b", 1, "high")
	if !lowOnly {
		x.Add(&x, &y)
		c.SetBool("carry_high", !x.Add(&x, &carry).IsUint128())
	}
	c.SetFelt("carry_low", carry)
}

// two256 is what a Uint256 is below.
var two256 = *new(wide.Int).Lsh(&one, 256)

func uint256Sqrt(c *Call) (root wide.Int) {
	n := c.uint256("n")
	if root.Sqrt(&n).BitLen() > halfBits {
		c.Failf("assert 0 <= %v < 2 ** 128", root)
	}
	return root
}

func divideUint256(c *Call, a, d *wide.Int) {
	q, r := c.divMod(a, d)
	c.setUint256("quotient", &q)
	c.setUint256("remainder", &r)
}

// expandedDivRem divides by a struct whose second and fourth member are the halves of the divisor.
func expandedDivRem(c *Call) {
	a := c.uint256("a")
	low, high := wide.FromFelt(c.member("div", 1, "low")), wide.FromFelt(c.member("div", 3, "high"))
	divideUint256(c, &a, low.Add(&low, high.Lsh(&high, halfBits)))
}

func mulDivMod(c *Call) {
	a, b, d := c.uint256("a"), c.uint256("b"), c.uint256("div")
	q, r := c.divMod(a.Mul(&a, &b), &d)
	low, high := q, q
	c.setUint128s("quotient_low", &low, 2)
	c.setUint128s("quotient_high", high.Rsh(&high, 256), 2)
	c.setUint256("remainder", &r)
}
