package hint

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
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
		d := new(big.Int).Sub(c.uint256("a"), c.uint256("b"))
		if d.Sign() < 0 { // what is above 2^256 stays, as in the reference
			d.Mod(d, new(big.Int).Lsh(one, 256))
		}
		c.setUint256("res", d)
	},
	"SPLIT_64": func(c *Call) {
		x := c.Felt("a")
		c.SetFelt("high", felt.Felt{x[1], x[2], x[3]})
		c.SetFelt("low", felt.Felt{x[0]})
	},
	"UINT256_SQRT":      func(c *Call) { c.setUint256("root", uint256Sqrt(c)) },
	"UINT256_SQRT_FELT": func(c *Call) { c.Set("root", bigCell(uint256Sqrt(c))) },
	"UINT256_SIGNED_NN": func(c *Call) {
		high, ok := c.run.vm.Read(c.Address("a").Plus(1)).Felt()
		if !ok {
			c.Failf("ids.a has no member high or it is of incorrect type")
		}
		c.SetAP(boolCell(high.BitLen() <= 127))
	},
	"UINT256_UNSIGNED_DIV_REM": func(c *Call) {
		a, d := c.uint256("a"), c.uint256("div")
		divideUint256(c, a, d)
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

// member returns the felt of the struct ids.last at an offset, which has a name for the text of the error.
func (c *Call) member(last string, at uint64, name string) felt.Felt {
	x, ok := c.run.vm.Read(c.Address(last).Plus(at)).Felt()
	if !ok {
		c.noMember(last, name)
		return felt.Felt{}
	}
	return x
}

func uint256Sqrt(c *Call) *big.Int {
	root := new(big.Int).Sqrt(c.uint256("n"))
	if root.Cmp(bound) >= 0 {
		c.Failf("assert 0 <= %v < 2 ** 128", root)
	}
	return root
}

func divideUint256(c *Call, a, d *big.Int) {
	if d.Sign() == 0 {
		c.Failf("Attempted to divide by zero")
		return
	}
	q, r := floorDivMod(a, d)
	c.setUint256("quotient", q)
	c.setUint256("remainder", r)
}

// expandedDivRem divides by a struct whose second and fourth member are the halves of the divisor.
func expandedDivRem(c *Call) {
	a := c.uint256("a")
	low, high := c.member("div", 1, "low"), c.member("div", 3, "high")
	d := new(big.Int).Lsh(high.Big(), 128)
	divideUint256(c, a, d.Add(d, low.Big()))
}

func mulDivMod(c *Call) {
	p := new(big.Int).Mul(c.uint256("a"), c.uint256("b"))
	d := c.uint256("div")
	if d.Sign() == 0 {
		c.Failf("Attempted to divide by zero")
		return
	}
	q, r := floorDivMod(p, d)
	high, low := floorDivMod(q, new(big.Int).Lsh(one, 256))
	c.setUint256("quotient_low", low)
	c.setLimbs("quotient_high", high, 2)
	c.setUint256("remainder", r)
}
