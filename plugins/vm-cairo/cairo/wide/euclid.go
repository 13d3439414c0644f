package wide

import "math/bits"

// Bezout sets z to the x of x*a + y*b = gcd(a, b) that Euclid's algorithm comes to, and g to the divisor. Neither a nor b may be
// negative; z and g must differ.
//
// It works in the manner of Lehmer: the quotients are found on the leading 64 bits for as long as they are certain, and
// applied to the whole numbers some 30 bits at a time.
func (z *Int) Bezout(a, b, g *Int) (x, gcd *Int) {
	e := euclid{a: *a, b: *b, u: one}
	for e.b.n != 0 {
		if !e.leap() {
			e.step()
		}
	}
	*z, *g = e.u, e.a
	z.neg = e.odd && z.n != 0
	return z, g
}

// Inverse sets z to the inverse of x modulo the magnitude of m, and reports whether there is one.
func (z *Int) Inverse(x, m *Int) bool {
	var p, a, g Int
	p.Abs(m)
	if p.n == 0 {
		return false
	}
	z.Bezout(a.Mod(x, &p), &p, &g)
	z.Mod(z, &p)
	return g.IsOne()
}

// euclid is a state of the algorithm: remainders with the magnitudes of their cofactors, whose signs alternate.
type euclid struct {
	a, b Int
	u, v Int  // a = u*first and b = -v*first modulo the second number
	odd  bool // both with the other sign
}

// leap makes as many steps as the leading bits of both remainders vouch for. It reports whether it made any.
func (e *euclid) leap() bool {
	if e.a.CmpAbs(&e.b) < 0 {
		return false
	}
	a, b, whole := e.leading()
	x0, y0, x1, y1 := uint64(1), uint64(0), uint64(0), uint64(1)
	odd := false
	for b != 0 {
		q := a / b
		r := a - q*b
		x2, y2 := x0+q*x1, y0+q*y1
		// Jebelean's condition: what was cut off cannot change the quotient.
		if !whole && (r < y2 || b-r < y1+y2) {
			break
		}
		a, b = b, r
		x0, y0, x1, y1 = x1, y1, x2, y2
		odd = !odd
	}
	if y0 == 0 {
		return false
	}
	// The remainders are x0*a - y0*b and y1*b - x1*a, or their negatives if odd.
	A, B, u, v := e.a, e.b, e.u, e.v
	if odd {
		e.a.combine(y0, &B, x0, &A, true)
		e.b.combine(x1, &A, y1, &B, true)
	} else {
		e.a.combine(x0, &A, y0, &B, true)
		e.b.combine(y1, &B, x1, &A, true)
	}
	e.u.combine(x0, &u, y0, &v, false)
	e.v.combine(x1, &u, y1, &v, false)
	e.odd = e.odd != odd
	return true
}

// leading returns the leading 64 bits of a and the bits of b in the same places; whole says that those are all bits.
func (e *euclid) leading() (a, b uint64, whole bool) {
	n := e.a.n - 1
	if n == 0 {
		return e.a.w[0], e.b.w[0], true
	}
	s := uint(bits.LeadingZeros64(e.a.w[n])) //nolint:gosec // 63 at most
	return e.a.w[n]<<s | e.a.w[n-1]>>1>>(63-s), e.b.w[n]<<s | e.b.w[n-1]>>1>>(63-s), false
}

// step makes one step whatever the size of the quotient.
func (e *euclid) step() {
	var q, r, t Int
	q.quoRem(&e.a, &e.b, &r)
	t.Mul(&q, &e.v)
	t.Add(&t, &e.u)
	e.a, e.b, e.u, e.v = e.b, r, e.v, t
	e.odd = !e.odd
}

// combine sets z to x*a + y*b, or to x*a - y*b, which must not be negative.
func (z *Int) combine(x uint64, a *Int, y uint64, b *Int, minus bool) {
	n := max(a.n, b.n)
	var p, q, carry uint64 // what the products carry, and the sum
	for i := range n {
		hi, lo := bits.Mul64(x, a.w[i])
		lo, c := bits.Add64(lo, p, 0)
		p = hi + c
		hi, m := bits.Mul64(y, b.w[i])
		m, c = bits.Add64(m, q, 0)
		q = hi + c
		if minus {
			z.w[i], carry = bits.Sub64(lo, m, carry)
		} else {
			z.w[i], carry = bits.Add64(lo, m, carry)
		}
	}
	if !minus {
		if p += q + carry; p != 0 {
			z.w[n] = p
			n++
		}
	}
	z.cut(n)
}
