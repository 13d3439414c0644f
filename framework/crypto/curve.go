package crypto

import (
	"math/bits"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Point is a point of the Stark curve y^2 = x^3 + x + b other than that at infinity. Functions take
// points of the curve and don't check it; see [Point.OnCurve]. See
// https://docs.starknet.io/architecture-and-concepts/cryptography/#the-stark-curve.
type Point struct{ X, Y felt.Felt }

// Order is the order of the curve, a prime below P.
var Order = felt.MustParse("0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2f")

// Generator returns the base point of signatures.
func Generator() Point { return generator.point() }

func (p *Point) affine() affine { return affine{enter(&p.X), enter(&p.Y)} }

func (p *affine) point() Point { return Point{leave(&p.x), leave(&p.y)} }

func (z *xyzz) point() (Point, error) {
	if z.isInfinity() {
		return Point{}, ErrInfinity
	}
	p := z.affine()
	return p.point(), nil
}

// OnCurve reports whether p is a point of the curve.
func (p Point) OnCurve() bool {
	a := p.affine()
	return a.onCurve()
}

// Neg returns -p.
func (p Point) Neg() Point {
	p.Y.Neg(&p.Y)
	return p
}

// RecoverY returns the smaller of the two y of the points at x, and whether there are any.
func RecoverY(x felt.Felt) (y felt.Felt, ok bool) {
	m := enter(&x)
	m = curveRHS(&m)
	y = leave(&m)
	return y, y.Sqrt(&y) != nil
}

// AddPoints returns p + q, also for p = q. It returns ErrInfinity for p = -q.
func AddPoints(p, q Point) (Point, error) {
	var z xyzz
	a, b := p.affine(), q.affine()
	z.set(&a)
	z.addAffine(&b)
	return z.point()
}

// DoublePoint returns 2*p.
func DoublePoint(p Point) Point {
	var z xyzz
	a := p.affine()
	z.set(&a)
	z.double()
	a = z.affine() // the order is odd, so twice a point is not infinity
	return a.point()
}

// MulPoint returns k*p, k being taken as an integer. It returns ErrInfinity if k is 0 modulo Order.
func MulPoint(p Point, k felt.Felt) (Point, error) {
	a := p.affine()
	z := multiply(&a, &k)
	return z.point()
}

// MulGenerator returns k times the generator, k being taken as an integer. It is several times as
// fast as MulPoint, and returns ErrInfinity if k is 0 modulo Order.
func MulGenerator(k felt.Felt) (Point, error) {
	z := multiplyBase(&k)
	return z.point()
}

// EcOp returns a + m*b by the rule of the ec_op builtin: for each bit of m from the lowest to the
// highest one, b is added to the sum if the bit is 1, and doubled; if sum and b have the same x
// before that, whatever the bit, the result is ErrCollision. It returns ErrNotOnCurve if a or b
// isn't a point of the curve.
func EcOp(a, b Point, m felt.Felt) (Point, error) { return EcOpUntil(nil, a, b, m) }

// EcOpUntil is EcOp for those who may lose interest: it asks stop every few microseconds, and returns ErrStopped soon after stop
// has returned true. A nil stop is not asked.
func EcOpUntil(stop func() bool, a, b Point, m felt.Felt) (Point, error) {
	pa, pb := a.affine(), b.affine()
	if !pa.onCurve() || !pb.onCurve() {
		return Point{}, ErrNotOnCurve
	}
	var sum xyzz
	sum.set(&pa)
	asked := stopper{ask: stop}
	var err error
	if pb == generator {
		err = climbGenerator(&asked, &sum, &pb, &m)
	} else {
		err = climb(&asked, &sum, &pb, &m)
	}
	if err != nil {
		return Point{}, err
	}
	return sum.point()
}

// stopper asks somebody whether to go on. A nil one always goes on.
type stopper struct {
	ask     func() bool
	stopped bool
}

// stopEvery is after how many doublings a stopper is asked: some 3 µs.
const stopEvery = 16

// now reports whether to stop.
func (s *stopper) now() bool {
	if s != nil && s.ask != nil && !s.stopped {
		s.stopped = s.ask()
	}
	return s != nil && s.stopped
}

// climb adds m*b to sum by the ladder of EcOp. The sum never is the point at infinity: it would have had to meet -b before.
func climb(s *stopper, sum *xyzz, b *affine, m *felt.Felt) error {
	var power xyzz
	power.set(b)
	for i, n := 0, m.BitLen(); i < n; i++ {
		if i%stopEvery == 0 && s.now() {
			return ErrStopped
		}
		if i > 0 {
			power.double()
		}
		if m.Bit(uint(i)) == 1 {
			if !sum.addApart(&power) {
				return ErrCollision
			}
		} else if sameX(sum, &power) {
			return ErrCollision
		}
	}
	return nil
}

// generatorPowers are 2^i times the generator.
var generatorPowers = sync.OnceValue(func() []affine { return powersOfTwo(&generator, felt.Bits) })

// climbGenerator is climb for the generator, which most signature checks multiply: without the
// doublings, and in affine points, it takes a third of the time.
func climbGenerator(s *stopper, sum *xyzz, _ *affine, m *felt.Felt) error {
	powers := generatorPowers()
	for i, n := 0, m.BitLen(); i < n; i++ {
		if i%stopEvery == 0 && s.now() {
			return ErrStopped
		}
		if m.Bit(uint(i)) == 1 {
			if !sum.addDistinct(&powers[i]) {
				return ErrCollision
			}
		} else if sum.hasX(&powers[i].x) {
			return ErrCollision
		}
	}
	return nil
}

// sameX reports whether two points, neither at infinity, have the same x.
func sameX(p, q *xyzz) bool {
	var l, r fp.Element
	l.Mul(&p.x, &q.zz)
	r.Mul(&q.x, &p.zz)
	return l == r
}

// multiply returns k*p. It adds odd multiples of p where the digits of k say, each of which is
// followed by four digits 0 at least (a width-5 non-adjacent form).
func multiply(p *affine, k *felt.Felt) xyzz { return multiplyOn(nil, p, k, nil) }

// multiplyOn is multiply on the curve of doubleOn. Where s stops it the result is of no use.
func multiplyOn(s *stopper, p *affine, k *felt.Felt, a *fp.Element) (z xyzz) {
	const width = 5
	digits, n := nonAdjacent(k, width)
	odd := oddMultiples(p, a)
	for i := n - 1; i >= 0; i-- {
		if i%stopEvery == 0 && s.now() {
			return z
		}
		if !z.isInfinity() {
			z.doubleOn(a)
		}
		switch d := digits[i]; {
		case d > 0:
			z.addAffineOn(&odd[d/2], a)
		case d < 0:
			q := odd[-d/2].neg()
			z.addAffineOn(&q, a)
		}
	}
	return z
}

// oddMultiples returns p, 3p, 5p ... 15p on the curve of doubleOn.
func oddMultiples(p *affine, a *fp.Element) (out [8]affine) {
	var twice xyzz
	twice.set(p)
	twice.doubleOn(a)
	var all [len(out)]xyzz
	all[0].set(p)
	for i := 1; i < len(all); i++ {
		all[i] = all[i-1]
		all[i].add(&twice)
	}
	var scratch [2 * len(out)]fp.Element
	toAffine(out[:], all[:], scratch[:])
	return out
}

// nonAdjacent returns the digits of k, lowest first, and how many there are. A digit is 0 or odd and
// below 2^(width-1) in size.
func nonAdjacent(k *felt.Felt, width uint) (digits [257]int8, n int) {
	v := *k
	for ; !v.IsZero(); n++ {
		if v[0]&1 == 1 {
			d := int64(v[0] & (1<<width - 1))
			if d >= 1<<(width-1) {
				d -= 1 << width
			}
			digits[n] = int8(d)
			var c uint64
			if d > 0 {
				v[0] -= uint64(d)
			} else {
				v[0], c = bits.Add64(v[0], uint64(-d), 0)
				v[1], c = bits.Add64(v[1], 0, c)
				v[2], c = bits.Add64(v[2], 0, c)
				v[3] += c
			}
		}
		for i := range 3 {
			v[i] = v[i]>>1 | v[i+1]<<63
		}
		v[3] >>= 1
	}
	return digits, n
}

const (
	baseWindow = 6
	baseRows   = felt.Bits / baseWindow
)

// baseTable has d * 2^(i*baseWindow) * generator at [i][d-1]: 165 KiB.
type baseTable [baseRows][1<<baseWindow - 1]affine

var baseMultiples = sync.OnceValue(func() *baseTable {
	t := new(baseTable)
	base := generator
	var scratch [2 << baseWindow]fp.Element
	for i := range t {
		var row [1 << baseWindow]xyzz
		row[0].set(&base)
		for d := 1; d < len(row); d++ {
			row[d] = row[d-1]
			row[d].addAffine(&base)
		}
		toAffine(t[i][:], row[:len(row)-1], scratch[:])
		base = row[len(row)-1].affine()
	}
	return t
})

// multiplyBase returns k times the generator.
func multiplyBase(k *felt.Felt) (z xyzz) {
	t := baseMultiples()
	for i := range t {
		if d := digit(k, uint(i*baseWindow), baseWindow); d != 0 {
			z.addAffine(&t[i][d-1])
		}
	}
	return z
}
