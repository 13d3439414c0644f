package hint

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// uint384Hints are those of libraries for numbers of 384, 512 and 768 bits, in limbs of 128 bits, and for fields of
// such moduli.
var uint384Hints = map[string]Func{
	"UINT384_UNSIGNED_DIV_REM": func(c *Call) { divideWide(c, "a", 3, 3) },
	"UNSIGNED_DIV_REM_UINT768_BY_UINT384": func(c *Call) {
		divideWide(c, "a", 6, 3)
	},
	"UNSIGNED_DIV_REM_UINT768_BY_UINT384_STRIPPED": func(c *Call) { divideWide(c, "a", 6, 3) },
	"UINT512_UNSIGNED_DIV_REM":                     func(c *Call) { divideWide(c, "x", 4, 2) },
	"UINT384_SPLIT_128": func(c *Call) {
		x := c.Felt("a")
		low, high := x.Split128()
		c.SetFelt("low", low)
		c.SetFelt("high", high)
	},
	"ADD_NO_UINT384_CHECK": addWithCarries,
	"UINT384_SQRT": func(c *Call) {
		root := new(big.Int).Sqrt(c.limbs("a", 3))
		if root.Sign() == 0 || root.BitLen() > 192 { // no root is 0 in release 3.2.0
			c.Failf("assert 0 <= root < 2 ** 192")
		}
		c.setLimbs("root", root, 3)
	},
	"UINT384_SIGNED_NN": func(c *Call) {
		x := c.member("a", 2, "d2")
		c.SetAP(boolCell(x.BitLen() <= 127))
	},
	"SUB_REDUCED_A_AND_REDUCED_B": subtractReduced,
	"UINT384_GET_SQUARE_ROOT":     func(c *Call) { squareRoots(c, 3) },
	"UINT256_GET_SQUARE_ROOT":     func(c *Call) { squareRoots(c, 2) },
	"UINT384_DIV": func(c *Call) {
		b, p := c.limbs("b", 3), c.limbs("p", 3)
		if b.Sign() == 0 {
			c.Failf("Attempted to divide by zero")
		}
		c.setLimbs("b_inverse_mod_p", c.mod(bezout(b, p), p), 3)
	},
	"INV_MOD_P_UINT256": func(c *Call) {
		b, p := c.uint256("b"), c.uint256("p")
		c.setUint256("b_inverse_mod_p", c.divideIn(one, b, p))
	},
	"INV_MOD_P_UINT512": func(c *Call) {
		x, p := c.limbs("x", 4), c.uint256("p")
		inverse := c.divideIn(one, x, p)
		c.setUint256("x_inverse_mod_p", inverse.Mod(inverse, prime)) // a felt in release 3.2.0
	},
	"HI_MAX_BITLEN": func(c *Call) {
		u, v := c.bigLimb("scalar_u", 2), c.bigLimb("scalar_v", 2)
		n := felt.FromUint64(uint64(max(u.BitLen(), v.BitLen())))
		c.SetFelt("len_hi", *n.Sub(&n, &felt.One))
	},
	"GET_FELT_BIT_LENGTH": func(c *Call) {
		x := c.Felt("x")
		c.SetFelt("bit_length", felt.FromUint64(uint64(x.BitLen())))
	},
	"QUAD_BIT": func(c *Call) { pairBits(c, "quad_bit", 2) },
	"DI_BIT":   func(c *Call) { pairBits(c, "dibit", 1) },
	"EC_MUL_INNER": func(c *Call) {
		x := c.Felt("scalar")
		c.SetAP(boolCell(x[0]&1 != 0))
	},
	"SPLIT_XX":             splitXX,
	"GENERATE_NIBBLES":     generateNibbles,
	"WRITE_NIBBLES_TO_MEM": writeNibble,
}

// bigLimb returns limb i of the BigInt3 ids.last, all of whose limbs have to be there.
func (c *Call) bigLimb(last string, i uint64) felt.Felt {
	c.limbs(last, 3)
	return c.member(last, i, memberD(int(i)))
}

// divideWide divides a number of n limbs by ids.div of m limbs.
func divideWide(c *Call, last string, n, m int) {
	q, r := c.divMod(c.limbs(last, n), c.limbs("div", m))
	c.setLimbs("quotient", q, n)
	c.setLimbs("remainder", r, m)
}

// addWithCarries computes the carries of an addition, limb by limb.
func addWithCarries(c *Call) {
	c.limbs("a", 3)
	c.limbs("b", 3)
	limit := c.Constant("SHIFT")
	shift := limit.Big()
	carry := new(big.Int)
	var carries [3]bool
	for i := range carries {
		x, y := c.member("a", uint64(i), memberD(i)), c.member("b", uint64(i), memberD(i))
		sum := x.Big()
		sum.Add(sum, y.Big()).Add(sum, carry)
		carries[i] = sum.Cmp(shift) >= 0
		if carry.SetInt64(0); carries[i] {
			carry.SetInt64(1)
		}
	}
	for i, one := range carries {
		c.SetBool("carry_"+memberD(i), one)
	}
}

// subtractReduced computes a - b modulo p, as p instead of 0 if they are the same.
func subtractReduced(c *Call) {
	a, b, p := c.limbs("a", 3), c.limbs("b", 3), c.limbs("p", 3)
	if a.Cmp(b) > 0 {
		c.setLimbs("res", c.mod(a.Sub(a, b), p), 3)
		return
	}
	r := c.mod(b.Sub(b, a), p)
	c.setLimbs("res", r.Sub(p, r), 3)
}

// bezout returns x with x*a + y*b = gcd(a, b), by Euclid's algorithm in its plain form, which decides about x where a
// has no inverse.
func bezout(a, b *big.Int) *big.Int {
	x, r := big.NewInt(1), new(big.Int)
	for b.Sign() != 0 {
		q, rest := new(big.Int).QuoRem(a, b, new(big.Int))
		x.Sub(x, q.Mul(q, r))
		a, b, r, x = b, rest, x, r
	}
	return x
}

// squareRoots computes the roots of x and of generator * x modulo p, of which one has none unless x is 0.
func squareRoots(c *Call, n int) {
	generator, x, p := c.limbs("generator", n), c.limbs("x", n), c.limbs("p", n)
	if p.Sign() == 0 {
		c.Failf("is_quad_residue: p must be > 0")
		return
	}
	gx := new(big.Int).Mul(generator, x)
	hasX, hasGX := isSquare(x, p), isSquare(gx, p)
	if x.Sign() != 0 && hasX == hasGX {
		c.Failf("assert success_x + success_gx ==1")
	}
	rootX, rootGX := new(big.Int), new(big.Int)
	if hasX {
		rootX = rootModulo(x, p)
	}
	if hasGX {
		rootGX = rootModulo(gx, p)
	}
	c.SetBool("success_x", hasX)
	c.SetBool("success_gx", hasGX)
	c.setLimbs("sqrt_x", rootX, n)
	c.setLimbs("sqrt_gx", rootGX, n)
}

// isSquare reports whether a is a square modulo the prime p.
func isSquare(a, p *big.Int) bool {
	a = new(big.Int).Mod(a, p)
	if a.BitLen() < 2 || p.Cmp(big.NewInt(3)) < 0 {
		return true
	}
	e := new(big.Int).Rsh(new(big.Int).Sub(p, one), 1)
	return e.Exp(a, e, p).Cmp(one) == 0
}

// rootModulo returns a root of the square a modulo p, 0 if p is not a prime: the smaller one, or that which a shortcut
// for p = 5 modulo 8 finds.
func rootModulo(a, p *big.Int) *big.Int {
	a = new(big.Int).Mod(a, p)
	if !p.ProbablyPrime(20) {
		return new(big.Int)
	}
	if p.BitLen() == 2 && p.Bit(0) == 0 {
		return a
	}
	if p.Bit(0) == 1 && p.Bit(1) == 0 && p.Bit(2) == 1 {
		e := new(big.Int).Rsh(p, 2)
		if e.Exp(a, e, p).Cmp(one) != 0 {
			b := new(big.Int).Lsh(a, 2)
			x := b.Exp(b, new(big.Int).Rsh(p, 3), p)
			x.Mul(x, a).Lsh(x, 1).Mod(x, p)
			if new(big.Int).Exp(x, big.NewInt(2), p).Cmp(a) == 0 {
				return x
			}
		}
	}
	x := new(big.Int).ModSqrt(a, p)
	if x == nil {
		return new(big.Int)
	}
	if other := new(big.Int).Sub(p, x); other.Cmp(x) < 0 {
		return other
	}
	return x
}

// pairBits writes bits m, m-1, ... of scalar_v and scalar_u, in turn.
func pairBits(c *Call, last string, pairs uint64) {
	v, u, m := c.Felt("scalar_v"), c.Felt("scalar_u"), c.Felt("m")
	if atLeast(m, 253) {
		c.SetBool(last, false)
		return
	}
	if m[0]+1 < pairs {
		c.Failf("Attempt to subtract with overflow: ids.m - 1")
	}
	var bits uint64
	for i := range min(pairs, m[0]+1) {
		at := m[0] - i
		bits = bits<<2 | bit(&v, at)<<1 | bit(&u, at)
	}
	c.SetFelt(last, felt.FromUint64(bits))
}

func bit(x *felt.Felt, i uint64) uint64 { return x[i/64] >> (i % 64) & 1 }

// splitXX writes an even root of ids.xx modulo 2^255 - 19. The high half is shifted in the field of Cairo, as in release
// 3.2.0.
func splitXX(c *Call) {
	low, high := c.member("xx", 0, "low"), c.member("xx", 1, "high")
	at := c.Address("x")
	shift := felt.Felt{0, 0, 1}
	high.Mul(&high, &shift)
	xx := low.Big()
	xx.Add(xx, high.Big())
	e := new(big.Int).Add(edP, big.NewInt(3))
	x := new(big.Int).Exp(xx, e.Rsh(e, 3), edP)
	d := new(big.Int).Mul(x, x)
	if d.Sub(d, xx).Mod(d, edP).Sign() != 0 {
		e.Sub(edP, one)
		x.Mul(x, e.Exp(big.NewInt(2), e.Rsh(e, 2), edP)).Mod(x, edP)
	}
	if x.Bit(0) != 0 {
		x.Sub(edP, x)
	}
	h, l := floorDivMod(x, bound)
	c.WriteBig(at, l)
	c.WriteBig(at.Plus(1), h)
}

// generateNibbles leaves the digits of ids.scalar to base 16 in a variable, but for the highest one.
func generateNibbles(c *Call) {
	x := c.uint256("scalar")
	nibbles := make([]uint64, 64)
	for i := range nibbles {
		for k := range 4 {
			nibbles[i] |= uint64(x.Bit(4*i+k)) << k
		}
	}
	c.SetFelt("first_nibble", felt.FromUint64(nibbles[63]))
	c.SetFelt("last_nibble", felt.FromUint64(nibbles[0]))
	c.SetVar("nibbles", nibbles[:63])
}

// writeNibble writes the highest digit that is left to the cell at fp.
func writeNibble(c *Call) {
	nibbles := Var[[]uint64](c, "nibbles")
	n := len(nibbles) - 1
	if n < 0 {
		c.Failf("generate_nibbles fail: tried to read from an empty list of nibbles")
		return
	}
	c.SetVar("nibbles", nibbles[:n])
	c.Write(machine.Address{Segment: machine.StackSegment, Offset: c.at.FP}, machine.UintCell(nibbles[n]))
}
