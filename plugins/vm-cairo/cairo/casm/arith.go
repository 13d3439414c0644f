package casm

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

func testLessThan(c *call) {
	x, y := c.felt(0), c.felt(1)
	c.setBool(0, x.Less(&y))
}

func testLessThanOrEqual(c *call) {
	x, y := c.felt(0), c.felt(1)
	c.setBool(0, !y.Less(&x))
}

// testAddresses compares addresses by segment and offset; they come before felts.
func testAddresses(c *call) {
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

// big returns the number whose limbs are n inputs from i on, the lowest first. A limb may be any felt.
func (c *call) big(i, n int) *big.Int {
	z := new(big.Int)
	for k := i + n - 1; k >= i; k-- {
		x := c.felt(k)
		z.Add(z.Lsh(z, limbBits), x.Big())
	}
	return z
}

// setLimbs writes x to n outputs from i on, in limbs of width bits; the last one takes what is left.
func (c *call) setLimbs(i, n int, x *big.Int, width uint) {
	rest := new(big.Int).Set(x)
	limb, mask := new(big.Int), new(big.Int)
	mask.Sub(mask.Lsh(one, width), one)
	for k := range n - 1 {
		c.setBig(i+k, limb.And(rest, mask))
		rest.Rsh(rest, width)
	}
	c.setBig(i+n-1, rest)
}

var one = big.NewInt(1)

func wideMul(c *call) {
	x, y := c.big(0, 1), c.big(1, 1)
	x.Mul(x, y)
	c.setBig(0, y.Rsh(x, limbBits))
	c.setBig(1, x.Sub(x, y.Lsh(y, limbBits)))
}

func uint256DivMod(c *call) { c.bigDivMod(2) }

func uint512DivMod(c *call) { c.bigDivMod(4) }

// bigDivMod divides a number of n limbs by one of 2.
func (c *call) bigDivMod(n int) {
	x, y := c.big(0, n), c.big(n, 2)
	if y.Sign() == 0 {
		c.failf("%s: division by zero", c.hint.name)
		return
	}
	x.DivMod(x, y, y)
	c.setLimbs(0, n, x, limbBits)
	c.setLimbs(n, 2, y, limbBits)
}

func squareRoot(c *call) {
	x := c.big(0, 1)
	c.setBig(0, x.Sqrt(x))
}

func uint256SquareRoot(c *call) {
	x := c.big(0, 2)
	root := new(big.Int).Sqrt(x)
	rest := x.Sub(x, new(big.Int).Mul(root, root))
	c.setLimbs(0, 2, root, 64)
	c.setLimbs(2, 2, rest, limbBits)
	root.Sub(root.Lsh(root, 1), rest)
	c.setBool(4, root.Sign() > 0 && root.BitLen() > limbBits)
}

// fieldSqrt writes the smaller root of a number or, if it has none, of three times the number.
func fieldSqrt(c *call) {
	x := c.felt(0)
	var root felt.Felt
	if root.Sqrt(&x) == nil {
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
	b, n := c.big(0, 2), c.big(2, 2)
	switch g := new(big.Int).GCD(nil, nil, b, n); {
	case n.Sign() == 0:
		c.failf("U256InvModN: division by zero")
	case n.Cmp(one) == 0:
		c.proveNoInverse(one, b, one)
	case g.Cmp(one) != 0:
		if g.Bit(0) == 0 {
			g.SetUint64(2)
		}
		c.proveNoInverse(g, new(big.Int).Quo(b, g), new(big.Int).Quo(n, g))
	default:
		r := new(big.Int).ModInverse(b, n)
		k := new(big.Int).Mul(r, b)
		k.Quo(k.Sub(k, one), n)
		c.setLimbs(2, 2, r, limbBits)
		c.setLimbs(4, 2, k, limbBits)
		c.setFelt(0, felt.Felt{})
	}
}

// proveNoInverse writes a common divisor g of b and n, and s = b/g and t = n/g.
func (c *call) proveNoInverse(g, s, t *big.Int) {
	c.setLimbs(2, 2, s, limbBits)
	c.setLimbs(4, 2, t, limbBits)
	c.setLimbs(0, 2, g, limbBits)
}
