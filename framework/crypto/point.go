package crypto

import (
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// affine is a point of the Stark curve y^2 = x^3 + x + beta in Montgomery form. It is never the
// point at infinity.
type affine struct{ x, y fp.Element }

// xyzz is a point in coordinates x = X/ZZ, y = Y/ZZZ with ZZ^3 = ZZZ^2; the point at infinity has
// ZZ = 0. Formulas: https://www.hyperelliptic.org/EFD/g1p/auto-shortw-xyzz.html.
type xyzz struct{ x, y, zz, zzz fp.Element }

// beta is the constant of the curve, and generator its base point for signatures.
var (
	beta      = mustEnter("0x6f21413efbe40de150e596d72f7a8c5609ad26c15c915c1f4cdfcb99cee9e89")
	generator = affine{
		mustEnter("0x1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca"),
		mustEnter("0x5668060aa49730b7be4801df46ec62de53ecd11abe43a32873000c36e8dc1f"),
	}
)

func mustEnter(hex string) fp.Element {
	x := felt.MustParse(hex)
	return enter(&x)
}

func (p *affine) onCurve() bool {
	var l, r fp.Element
	l.Square(&p.y)
	r = curveRHS(&p.x)
	return l == r
}

// curveRHS returns x^3 + x + beta.
func curveRHS(x *fp.Element) (r fp.Element) {
	r.Square(x)
	r.Mul(&r, x)
	add(&r, &r, x)
	add(&r, &r, &beta)
	return r
}

func (p *affine) neg() affine {
	q := affine{x: p.x}
	q.y.Neg(&p.y)
	return q
}

func (z *xyzz) isInfinity() bool { return z.zz.IsZero() }

func (z *xyzz) set(p *affine) {
	*z = xyzz{p.x, p.y, fp.One(), fp.One()}
}

// affine returns z with one inversion. z must not be the point at infinity.
func (z *xyzz) affine() (p affine) {
	// 1/ZZZ = i gives 1/ZZ = (i*ZZ)^2.
	var i fp.Element
	invert(&i, &z.zzz)
	p.y.Mul(&z.y, &i)
	i.Mul(&i, &z.zz)
	i.Square(&i)
	p.x.Mul(&z.x, &i)
	return p
}

// hasX reports whether x is the x coordinate of z. False for the point at infinity.
func (z *xyzz) hasX(x *fp.Element) bool {
	var t fp.Element
	t.Mul(x, &z.zz)
	return t == z.x && !z.isInfinity()
}

// addAffine adds p to z, whatever both are.
func (z *xyzz) addAffine(p *affine) { z.addAffineOn(p, nil) }

// addAffineOn is addAffine on the curve of doubleOn.
func (z *xyzz) addAffineOn(p *affine, a *fp.Element) {
	if z.isInfinity() {
		z.set(p)
		return
	}
	if z.addDistinct(p) {
		return
	}
	var s fp.Element
	if s.Mul(&p.y, &z.zzz); s == z.y {
		z.set(p)
		z.doubleOn(a)
		return
	}
	*z = xyzz{}
}

// addDistinct adds p to z. It reports false and leaves z as it was if both have the same x; z must
// not be the point at infinity.
func (z *xyzz) addDistinct(p *affine) bool {
	var d, r, dd, ddd, q fp.Element
	d.Mul(&p.x, &z.zz)
	sub(&d, &d, &z.x)
	if d.IsZero() {
		return false
	}
	r.Mul(&p.y, &z.zzz)
	sub(&r, &r, &z.y)
	z.finishAdd(&d, &r, &z.x, &z.y, &dd, &ddd, &q)
	z.zz.Mul(&z.zz, &dd)
	z.zzz.Mul(&z.zzz, &ddd)
	return true
}

// finishAdd sets z.x and z.y to the sum of the point (x1, y1) and one that is d and r away from it,
// and dd and ddd to the square and cube of d.
func (z *xyzz) finishAdd(d, r, x1, y1, dd, ddd, q *fp.Element) {
	dd.Square(d)
	ddd.Mul(d, dd)
	q.Mul(x1, dd)
	var x3, t fp.Element
	x3.Square(r)
	sub(&x3, &x3, ddd)
	double(&t, q)
	sub(&x3, &x3, &t)
	sub(q, q, &x3)
	q.Mul(q, r)
	t.Mul(y1, ddd)
	sub(&z.y, q, &t)
	z.x = x3
}

// add adds p to z, whatever both are.
func (z *xyzz) add(p *xyzz) {
	switch {
	case p.isInfinity():
	case z.isInfinity():
		*z = *p
	case z.addApart(p):
	default:
		var y1, y2 fp.Element
		y1.Mul(&z.y, &p.zzz)
		y2.Mul(&p.y, &z.zzz)
		if y1 == y2 {
			z.double()
			return
		}
		*z = xyzz{}
	}
}

// addApart adds p to z. It reports false and leaves z as it was if both have the same x; neither may
// be the point at infinity.
func (z *xyzz) addApart(p *xyzz) bool {
	var x1, y1, d, r, dd, ddd, q fp.Element
	x1.Mul(&z.x, &p.zz)
	d.Mul(&p.x, &z.zz)
	sub(&d, &d, &x1)
	if d.IsZero() {
		return false
	}
	y1.Mul(&z.y, &p.zzz)
	r.Mul(&p.y, &z.zzz)
	sub(&r, &r, &y1)
	z.finishAdd(&d, &r, &x1, &y1, &dd, &ddd, &q)
	z.zz.Mul(&z.zz, &p.zz)
	z.zz.Mul(&z.zz, &dd)
	z.zzz.Mul(&z.zzz, &p.zzz)
	z.zzz.Mul(&z.zzz, &ddd)
	return true
}

// double doubles z. The curve has an odd order, so y is never 0.
func (z *xyzz) double() { z.doubleOn(nil) }

// doubleOn doubles z on a curve whose coefficient of x is a, or 1 if a is nil.
func (z *xyzz) doubleOn(a *fp.Element) {
	var u, v, w, s, m, t fp.Element
	double(&u, &z.y)
	v.Square(&u)
	w.Mul(&u, &v)
	s.Mul(&z.x, &v)
	m.Square(&z.x)
	double(&t, &m)
	add(&m, &m, &t)
	t.Square(&z.zz)
	if a != nil {
		t.Mul(&t, a)
	}
	add(&m, &m, &t)
	z.x.Square(&m)
	double(&t, &s)
	sub(&z.x, &z.x, &t)
	sub(&s, &s, &z.x)
	m.Mul(&m, &s)
	t.Mul(&w, &z.y)
	sub(&z.y, &m, &t)
	z.zz.Mul(&z.zz, &v)
	z.zzz.Mul(&z.zzz, &w)
}

// toAffine sets dst to the points of src, none of which may be at infinity, with one inversion and a
// scratch of twice their number.
func toAffine(dst []affine, src []xyzz, scratch []fp.Element) {
	inv, scratch := scratch[:len(src)], scratch[len(src):]
	for i := range src {
		inv[i] = src[i].zzz
	}
	invertAll(inv, scratch)
	for i := range src {
		dst[i].y.Mul(&src[i].y, &inv[i])
		inv[i].Mul(&inv[i], &src[i].zz)
		inv[i].Square(&inv[i])
		dst[i].x.Mul(&src[i].x, &inv[i])
	}
}
