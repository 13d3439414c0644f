package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
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
		root := c.uint128s("a", 3)
		if root.Sqrt(&root); root.Sign() == 0 || root.BitLen() > 192 { // no root is 0 in release 3.2.0
			c.Failf("assert 0 <= root < 2 ** 192")
		}
		c.setUint128s("root", &root, 3)
	},
	"UINT384_SIGNED_NN": func(c *Call) {
		x := c.member("a", 2, "d2")
		c.SetAP(boolCell(x.BitLen() <= 127))
	},
	"SUB_REDUCED_A_AND_REDUCED_B": subtractReduced,
	"UINT384_GET_SQUARE_ROOT":     func(c *Call) { squareRoots(c, 3) },
	"UINT256_GET_SQUARE_ROOT":     func(c *Call) { squareRoots(c, 2) },
	"UINT384_DIV": func(c *Call) {
		b, p := c.uint128s("b", 3), c.uint128s("p", 3)
		if b.Sign() == 0 {
			c.Failf("Attempted to divide by zero")
		}
		var x, g wide.Int // Euclid's cofactor, even where there is no inverse
		x.Bezout(&b, &p, &g)
		x = c.mod(&x, &p)
		c.setUint128s("b_inverse_mod_p", &x, 3)
	},
	"INV_MOD_P_UINT256": func(c *Call) {
		b, p := c.uint256("b"), c.uint256("p")
		b = c.divideIn(&one, &b, &p)
		c.setUint256("b_inverse_mod_p", &b)
	},
	"INV_MOD_P_UINT512": func(c *Call) {
		x, p := c.uint128s("x", 4), c.uint256("p")
		x = c.divideIn(&one, &x, &p)
		c.setUint256("x_inverse_mod_p", x.Mod(&x, &prime)) // a felt in release 3.2.0
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
	c.uint128s(last, 3)
	return c.member(last, i, members[i])
}

// divideWide divides a number of n limbs by ids.div of m limbs.
func divideWide(c *Call, last string, n, m int) {
	x, d := c.uint128s(last, n), c.uint128s("div", m)
	q, r := c.divMod(&x, &d)
	c.setUint128s("quotient", &q, n)
	c.setUint128s("remainder", &r, m)
}

// addWithCarries computes the carries of an addition, limb by limb.
func addWithCarries(c *Call) {
	c.uint128s("a", 3)
	c.uint128s("b", 3)
	shift := wide.FromFelt(c.Constant("SHIFT"))
	var carries [3]bool
	var carry wide.Int
	for i := range carries {
		at := uint64(i) //nolint:gosec // not negative
		x, y := wide.FromFelt(c.member("a", at, members[i])), wide.FromFelt(c.member("b", at, members[i]))
		x.Add(x.Add(&x, &y), &carry)
		carries[i], carry = x.Cmp(&shift) >= 0, wide.Int{}
		if carries[i] {
			carry = one
		}
	}
	for i, name := range [...]string{"carry_d0", "carry_d1", "carry_d2"} {
		c.SetBool(name, carries[i])
	}
}

// subtractReduced computes a - b modulo p, as p instead of 0 if they are the same.
func subtractReduced(c *Call) {
	a, b, p := c.uint128s("a", 3), c.uint128s("b", 3), c.uint128s("p", 3)
	var r wide.Int
	if a.Cmp(&b) > 0 {
		r = c.mod(r.Sub(&a, &b), &p)
	} else {
		r = c.mod(r.Sub(&b, &a), &p)
		r.Sub(&p, &r)
	}
	c.setUint128s("res", &r, 3)
}

// squareRoots computes the roots of x and of generator * x modulo p, of which one has none unless x is 0.
func squareRoots(c *Call, n int) {
	generator, x, p := c.uint128s("generator", n), c.uint128s("x", n), c.uint128s("p", n)
	if p.Sign() == 0 {
		c.Failf("is_quad_residue: p must be > 0")
	}
	var gx wide.Int
	gx.Mul(&generator, &x)
	hasX, hasGX := c.isSquare(&x, &p), c.isSquare(&gx, &p)
	if x.Sign() != 0 && hasX == hasGX {
		c.Failf("assert success_x + success_gx ==1")
	}
	var rootX, rootGX wide.Int
	if hasX {
		rootX = c.rootModulo(&x, &p)
	}
	if hasGX {
		rootGX = c.rootModulo(&gx, &p)
	}
	c.SetBool("success_x", hasX)
	c.SetBool("success_gx", hasGX)
	c.setUint128s("sqrt_x", &rootX, n)
	c.setUint128s("sqrt_gx", &rootGX, n)
}

// isSquare reports whether a is a square modulo the prime p.
func (c *Call) isSquare(a, p *wide.Int) bool {
	if c.Failed() {
		return false
	}
	square, ok := a.IsSquare(p, c.run.stop)
	if !ok {
		c.abort()
	}
	return square
}

// rootModulo returns a root of the square a modulo p, 0 if p is not a prime: the smaller one, or that which a shortcut
// for p = 5 modulo 8 finds.
func (c *Call) rootModulo(a, p *wide.Int) (x wide.Int) {
	if c.Failed() {
		return x
	}
	switch isPrime, ok := p.Prime(c.run.stop); {
	case !ok:
		c.abort()
		return x
	case !isPrime:
		return x
	case p.BitLen() == 2 && p.Bit(0) == 0:
		x.Mod(a, p)
		return x
	}
	if p.Bit(0) == 1 && p.Bit(1) == 0 && p.Bit(2) == 1 {
		if x, ok := c.rootShortcut(a, p); ok {
			return x
		}
	}
	if !c.Failed() && !x.SqrtMod(a, p, c.run.stop) {
		c.abort()
	}
	return x
}

// rootShortcut returns the root of a if a to the power (p-1)/4 is not 1: 2a * (4a)^((p-5)/8).
func (c *Call) rootShortcut(a, p *wide.Int) (root wide.Int, ok bool) {
	var e, b, square wide.Int
	quarter := c.exp(a, e.Rsh(p, 2), p)
	if quarter.IsOne() || c.Failed() {
		return root, false
	}
	a = b.Mod(a, p)
	var four wide.Int
	root = c.exp(four.Lsh(a, 2), e.Rsh(p, 3), p)
	root.Mod(root.Lsh(root.Mul(&root, a), 1), p)
	square.Mod(square.Mul(&root, &root), p)
	return root, square == *a
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
	high.Mul(&high, &bound)
	xx, above := wide.FromFelt(low), wide.FromFelt(high)
	xx.Add(&xx, &above)
	var e, d, root wide.Int
	x := c.exp(&xx, e.Rsh(&edP, 3).Add(&e, &one), &edP) // (p+3) / 8
	d.Mul(&x, &x)
	if d.Mod(d.Sub(&d, &xx), &edP).Sign() != 0 {
		two := wide.FromUint64(2)
		root = c.exp(&two, e.Rsh(&edP, 2), &edP) // of -1: 2 to the power (p-1) / 4
		x.Mod(x.Mul(&x, &root), &edP)
	}
	if x.Bit(0) != 0 {
		x.Sub(&edP, &x)
	}
	c.Write(at, machine.FeltCell(x.Bits(0, halfBits)))
	c.Write(at.Plus(1), machine.FeltCell(x.Bits(halfBits, halfBits)))
}

// nibbles is how many digits to base 16 a scalar has.
const nibbles = 64

// generateNibbles leaves ids.scalar in a variable, whose digits to base 16 but for the highest are to be written.
func generateNibbles(c *Call) {
	x := c.uint256("scalar")
	c.SetFelt("first_nibble", x.Bits(4*(nibbles-1), 4))
	c.SetFelt("last_nibble", x.Bits(0, 4))
	s := c.large()
	s.scalar, s.nibbles, s.hasNibbles = x, nibbles-1, true
}

// writeNibble writes the highest digit that is left to the cell at fp.
func writeNibble(c *Call) {
	s := c.large()
	if !s.hasNibbles {
		c.missing("nibbles")
		return
	}
	if s.nibbles == 0 {
		c.Failf("generate_nibbles fail: tried to read from an empty list of nibbles")
		return
	}
	s.nibbles--
	digit := s.scalar.Bits(4*s.nibbles, 4)
	c.Write(machine.Address{Segment: machine.StackSegment, Offset: c.at.FP}, machine.FeltCell(digit))
}
