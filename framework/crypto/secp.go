package crypto

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// SecpCurve is one of the curves that contracts reach by system calls. Its methods are safe for
// concurrent use. Points that they take have to be of the curve or at infinity, as all points are
// that they return.
type SecpCurve uint8

// The curves of SEC 2, https://www.secg.org/sec2-v2.pdf, 2.4.1 and 2.4.2.
const (
	Secp256k1 SecpCurve = iota
	Secp256r1
)

// SecpPoint is a point of a SecpCurve with its coordinates in little-endian words. The point at
// infinity is (0, 0), which is on neither curve: the zero value.
type SecpPoint struct{ X, Y [4]uint64 }

// secpCurve is what differs between the curves. All numbers are below the modulus.
type secpCurve interface {
	modulus() *big.Int
	order() *big.Int
	onCurve(p *SecpPoint) bool // true for the point at infinity
	solve(x *[4]uint64) (y [4]uint64, ok bool)
	add(p, q *SecpPoint) SecpPoint
	mul(p *SecpPoint, k *big.Int) SecpPoint
}

func (c SecpCurve) ops() secpCurve {
	if c == Secp256k1 {
		return koblitz{}
	}
	return nist{}
}

// String returns the name of c.
func (c SecpCurve) String() string {
	if c == Secp256k1 {
		return "secp256k1"
	}
	return "secp256r1"
}

// Modulus returns the modulus of the coordinates in a number that belongs to the caller.
func (c SecpCurve) Modulus() *big.Int { return new(big.Int).Set(c.ops().modulus()) }

// Order returns the number of points in a number that belongs to the caller.
func (c SecpCurve) Order() *big.Int { return new(big.Int).Set(c.ops().order()) }

// secpModuli are the moduli in little-endian words, by curve.
var secpModuli = [2][4]uint64{
	{0xfffffffefffffc2f, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff},
	{0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001},
}

// InRange reports whether x is a coordinate: below the modulus. System calls refuse others before
// they look at the curve.
func (c SecpCurve) InRange(x [4]uint64) bool {
	m := &secpModuli[c&1]
	_, b := bits.Sub64(x[0], m[0], 0)
	_, b = bits.Sub64(x[1], m[1], b)
	_, b = bits.Sub64(x[2], m[2], b)
	_, b = bits.Sub64(x[3], m[3], b)
	return b != 0
}

// New returns the point (x, y), and whether it is on c or (0, 0), the point at infinity.
// Coordinates that are not InRange are on no curve.
func (c SecpCurve) New(x, y [4]uint64) (p SecpPoint, ok bool) {
	p = SecpPoint{x, y}
	if !c.InRange(x) || !c.InRange(y) || !c.ops().onCurve(&p) {
		return SecpPoint{}, false
	}
	return p, true
}

// FromX returns the point at x with an odd y, or with an even one, and whether there are points at
// x.
func (c SecpCurve) FromX(x [4]uint64, odd bool) (p SecpPoint, ok bool) {
	if !c.InRange(x) {
		return SecpPoint{}, false
	}
	y, ok := c.ops().solve(&x)
	if !ok {
		return SecpPoint{}, false
	}
	if (y[0]&1 == 1) != odd {
		y = c.negative(&y)
	}
	return SecpPoint{x, y}, true
}

// negative returns the modulus less y, which is not 0: the order is odd.
func (c SecpCurve) negative(y *[4]uint64) (z [4]uint64) {
	m := &secpModuli[c&1]
	var b uint64
	for i := range z {
		z[i], b = bits.Sub64(m[i], y[i], b)
	}
	return z
}

// Add returns p + q.
func (c SecpCurve) Add(p, q SecpPoint) SecpPoint { return c.ops().add(&p, &q) }

// Mul returns k*p for any k.
func (c SecpCurve) Mul(p SecpPoint, k [4]uint64) SecpPoint {
	b := bigEndian(&k)
	n := new(big.Int).SetBytes(b[:])
	return c.ops().mul(&p, n.Mod(n, c.ops().order()))
}

// IsInfinity reports whether p is the point at infinity.
func (p SecpPoint) IsInfinity() bool { return p == SecpPoint{} }

func bigEndian(x *[4]uint64) (b [32]byte) {
	for i, w := range x {
		binary.BigEndian.PutUint64(b[24-8*i:], w)
	}
	return b
}
