package casm

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

func testLessThan(c *call) {
	x, y := c.felt(0), c.felt(1)
	c.setBool(0, x.Less(&y))
}

// testLessThanOrEqual compares felts, or addresses by segment and offset; addresses come before felts.
func testLessThanOrEqual(c *call) {
	x, y := c.value(0), c.value(1)
	if c.err != nil {
		return
	}
	a, xa := x.Address()
	b, ya := y.Address()
	switch {
	case xa && ya:
		c.setBool(0, a.Segment < b.Segment || a.Segment == b.Segment && a.Offset <= b.Offset)
	case xa || ya:
		c.setBool(0, xa)
	default:
		u, _ := x.Felt()
		v, _ := y.Felt()
		c.setBool(0, !v.Less(&u))
	}
}

// quoRem returns x / y and the remainder, and fails if y is 0.
func (c *call) quoRem(x, y felt.Felt) (q, r felt.Felt) {
	if y.IsZero() {
		c.failf("%s: division by zero", c.hint.name)
		return q, r
	}
	if y == two128 {
		return felt.Felt{x[2], x[3]}, felt.Felt{x[0], x[1]}
	}
	q.QuoRem(&x, &y, &r)
	return q, r
}

var two128 = felt.Felt{0, 0, 1}

func divMod(c *call) {
	q, r := c.quoRem(c.felt(0), c.felt(1))
	c.setFelt(0, q)
	c.setFelt(1, r)
}

// linearSplit writes x and y with value = x*scalar + y and x <= max_x.
func linearSplit(c *call) {
	value, scalar, most := c.felt(0), c.felt(1), c.felt(2)
	x, y := c.quoRem(value, scalar)
	if most.Less(&x) {
		x = most
		y.Sub(&value, y.Mul(&x, &scalar))
	}
	c.setFelt(0, x)
	c.setFelt(1, y)
}

// limbBits is the length of the limbs of large numbers.
const limbBits = 128

// int returns the number whose limbs are n inputs from i on, the lowest first. A limb may be any felt.
func (c *call) int(i, n int) (z wide.Int) {
	for k := range n {
		x := wide.FromFelt(c.felt(i + k))
		z.Add(&z, x.Lsh(&x, limbBits*k))
	}
	return z
}

// setLimbs writes x, which is not negative, to n outputs from i on, in limbs of width bits; the last one takes what is left.
func (c *call) setLimbs(i, n int, x *wide.Int, width int) {
	for k := range n - 1 {
		c.setFelt(i+k, x.Bits(width*k, width))
	}
	var rest wide.Int
	c.setInt(i+n-1, rest.Rsh(x, width*(n-1)))
}

var one = wide.FromUint64(1)

func wideMul(c *call) {
	x, y := c.int(0, 1), c.int(1, 1)
	x.Mul(&x, &y)
	c.setInt(0, y.Rsh(&x, limbBits))
	c.setFelt(1, x.Bits(0, limbBits))
}

func uint256DivMod(c *call) { c.wideDivMod(2) }

func uint512DivMod(c *call) { c.wideDivMod(4) }

// wideDivMod divides a number of n limbs by one of 2.
func (c *call) wideDivMod(n int) {
	x, y := c.int(0, n), c.int(n, 2)
	if y.Sign() == 0 {
		c.failf("%s: division by zero", c.hint.name)
		return
	}
	x.DivMod(&x, &y, &y)
	c.setLimbs(0, n, &x, limbBits)
	c.setLimbs(n, 2, &y, limbBits)
}

func squareRoot(c *call) {
	x := c.int(0, 1)
	c.setInt(0, x.Sqrt(&x))
}

func uint256SquareRoot(c *call) {
	x := c.int(0, 2)
	var root, rest wide.Int
	root.Sqrt(&x)
	rest.Sub(&x, rest.Mul(&root, &root))
	c.setLimbs(0, 2, &root, 64)
	c.setLimbs(2, 2, &rest, limbBits)
	root.Sub(root.Lsh(&root, 1), &rest)
	c.setBool(4, root.Sign() > 0 && root.BitLen() > limbBits)
}

// fieldSqrt writes the smaller root of a number or, if it has none, of three times the number.
func fieldSqrt(c *call) {
	x := c.felt(0)
	var root felt.Felt
	if root.Sqrt(&x) == nil {
		if c.run.stop() {
			c.abort()
			return
		}
		three := felt.FromUint64(3)
		if root.Sqrt(x.Mul(&x, &three)) == nil {
			c.failf("FieldSqrt: neither the number nor its triple has a root")
			return
		}
	}
	if other := *new(felt.Felt).Neg(&root); other.Less(&root) {
		root = other
	}
	c.setFelt(0, root)
}

// pointTries is how many x are tried: half of them belong to a point.
const pointTries = 200

// randomPoint writes a point that depends on nothing but on how many were asked for before in this run, so that an
// execution can be repeated.
func randomPoint(c *call) {
	var block [16]byte
	binary.LittleEndian.PutUint64(block[:], c.run.points)
	c.run.points++
	for i := range uint64(pointTries) {
		binary.LittleEndian.PutUint64(block[8:], i)
		h := sha256.Sum256(block[:])
		var x felt.Felt
		x.SetBytesReduce(h[1:])
		if y, ok := crypto.RecoverY(x); ok {
			c.setFelt(0, x)
			c.setFelt(1, y)
			return
		}
	}
	c.failf("RandomEcPoint: no point found")
}

// inverseModulo writes the inverse of b modulo n with the quotient that proves it, or, if there is none, a common divisor
// with the numbers that prove that.
func inverseModulo(c *call) {
	b, n := c.int(0, 2), c.int(2, 2)
	if n.Sign() == 0 {
		c.failf("U256InvModN: division by zero")
		return
	}
	var r, g, k wide.Int
	switch r.Bezout(&b, &n, &g); {
	case n.IsOne():
		c.proveNoInverse(&one, &b, &one)
	case !g.IsOne():
		if g.Bit(0) == 0 {
			g = wide.FromUint64(2)
		}
		var s, t, rest wide.Int
		s.QuoRem(&b, &g, &rest)
		t.QuoRem(&n, &g, &rest)
		c.proveNoInverse(&g, &s, &t)
	default:
		r.Mod(&r, &n)
		k.Mul(&r, &b)
		k.QuoRem(k.Sub(&k, &one), &n, &g)
		c.setLimbs(2, 2, &r, limbBits)
		c.setLimbs(4, 2, &k, limbBits)
		c.setFelt(0, felt.Felt{})
	}
}

// proveNoInverse writes a common divisor g of b and n, and s = b/g and t = n/g.
func (c *call) proveNoInverse(g, s, t *wide.Int) {
	c.setLimbs(2, 2, s, limbBits)
	c.setLimbs(4, 2, t, limbBits)
	c.setLimbs(0, 2, g, limbBits)
}
