package felt

import "math/bits"

// Inverse sets z to 1/x and returns z. The inverse of 0 is 0.
//
// It is Euclid's algorithm in the manner of Lehmer: the quotients are found on the leading 64
// bits for as long as they are certain, and applied to the whole numbers some 30 bits at a
// time. The cofactors grow as the remainders shrink and never pass P, so nothing is reduced.
func (z *Felt) Inverse(x *Felt) *Felt {
	if x.IsZero() {
		return z.SetZero()
	}
	e := euclid{a: modulus, b: *x, v: One}
	for e.b[1]|e.b[2]|e.b[3] != 0 {
		if !e.leap() {
			e.step()
		}
	}
	e.finish()
	if e.odd {
		return z.Sub(&Felt{}, &e.u)
	}
	return z.Set(&e.u)
}

// euclid is a state of the extended Euclidean algorithm on P and x: remainders a > b >= 0 with
// cofactors of alternating sign, kept as magnitudes.
type euclid struct {
	a, b Felt
	u, v Felt // a = -u*x and b = v*x mod P; if odd, both with the other sign
	odd  bool
}

// leap makes as many steps as the leading 64 bits of both remainders vouch for. It reports
// whether it made any.
func (e *euclid) leap() bool {
	n := 3
	for e.a[n] == 0 {
		n--
	}
	// n >= 1: b, which is smaller, has two words.
	s := uint(bits.LeadingZeros64(e.a[n]))
	a := e.a[n]<<s | e.a[n-1]>>1>>(63-s)
	b := e.b[n]<<s | e.b[n-1]>>1>>(63-s)
	// The remainders are a = x0*A - y0*B and b = y1*B - x1*A, or their negatives if odd.
	x0, y0, x1, y1 := uint64(1), uint64(0), uint64(0), uint64(1)
	odd := false
	for b != 0 {
		q := a / b
		r := a - q*b
		x2, y2 := x0+q*x1, y0+q*y1
		// Jebelean's condition: what was cut off cannot change the quotient.
		if r < y2 || b-r < y1+y2 {
			break
		}
		a, b = b, r
		x0, y0, x1, y1 = x1, y1, x2, y2
		odd = !odd
	}
	if y0 == 0 {
		return false
	}
	A, B, u, v := e.a, e.b, e.u, e.v
	if odd {
		mulSub(&e.a, y0, &B, x0, &A)
		mulSub(&e.b, x1, &A, y1, &B)
	} else {
		mulSub(&e.a, x0, &A, y0, &B)
		mulSub(&e.b, y1, &B, x1, &A)
	}
	mulAdd(&e.u, x0, &u, y0, &v)
	mulAdd(&e.v, x1, &u, y1, &v)
	e.odd = e.odd != odd
	return true
}

// step makes one step whatever the size of the quotient, in time linear to its bits. Only
// numbers made for it, or rare ones (quotients above 2^30), come here.
func (e *euclid) step() {
	for !e.a.Less(&e.b) {
		s := uint(e.a.BitLen() - e.b.BitLen())
		t := shl(&e.b, s)
		if e.a.Less(&t) {
			s--
			t = shl(&e.b, s)
		}
		mulSub(&e.a, 1, &e.a, 1, &t)
		w := shl(&e.v, s)
		mulAdd(&e.u, 1, &e.u, 1, &w)
	}
	e.a, e.b, e.u, e.v = e.b, e.a, e.v, e.u
	e.odd = !e.odd
}

// finish runs the algorithm to its end, a = 1, from a state whose b has one word. The sign of
// u is then right for x itself: 1 = u*x, or -u*x if odd.
func (e *euclid) finish() {
	e.odd = !e.odd // from here on odd tells the sign of a = u*x
	if !e.a.IsUint64() {
		if e.b[0] == 0 {
			return
		}
		var q, w Felt
		var r uint64
		q[3], r = bits.Div64(0, e.a[3], e.b[0])
		q[2], r = bits.Div64(r, e.a[2], e.b[0])
		q[1], r = bits.Div64(r, e.a[1], e.b[0])
		q[0], r = bits.Div64(r, e.a[0], e.b[0])
		mulLow(&w, &q, &e.v)
		mulAdd(&w, 1, &e.u, 1, &w)
		e.a, e.b, e.u, e.v = e.b, Felt{r}, e.v, w
		e.odd = !e.odd
	}
	a, b := e.a[0], e.b[0]
	y0, y1, x0, x1 := uint64(0), uint64(1), uint64(1), uint64(0)
	for b != 0 {
		q := a / b
		a, b = b, a-q*b
		y0, y1 = y1, y0+q*y1
		x0, x1 = x1, x0+q*x1
		e.odd = !e.odd
	}
	mulAdd(&e.u, x0, &e.u, y0, &e.v)
}

// mulSub sets z to x*a - y*b modulo 2^256. z may be a or b.
func mulSub(z *Felt, x uint64, a *Felt, y uint64, b *Felt) {
	h0, l0 := bits.Mul64(x, a[0])
	h1, l1 := bits.Mul64(x, a[1])
	h2, l2 := bits.Mul64(x, a[2])
	l1, c := bits.Add64(l1, h0, 0)
	l2, c = bits.Add64(l2, h1, c)
	l3 := x*a[3] + h2 + c
	k0, m0 := bits.Mul64(y, b[0])
	k1, m1 := bits.Mul64(y, b[1])
	k2, m2 := bits.Mul64(y, b[2])
	m1, c = bits.Add64(m1, k0, 0)
	m2, c = bits.Add64(m2, k1, c)
	m3 := y*b[3] + k2 + c
	z[0], c = bits.Sub64(l0, m0, 0)
	z[1], c = bits.Sub64(l1, m1, c)
	z[2], c = bits.Sub64(l2, m2, c)
	z[3] = l3 - m3 - c
}

// mulAdd sets z to x*a + y*b modulo 2^256. z may be a or b.
func mulAdd(z *Felt, x uint64, a *Felt, y uint64, b *Felt) {
	h0, l0 := bits.Mul64(x, a[0])
	h1, l1 := bits.Mul64(x, a[1])
	h2, l2 := bits.Mul64(x, a[2])
	l1, c := bits.Add64(l1, h0, 0)
	l2, c = bits.Add64(l2, h1, c)
	l3 := x*a[3] + h2 + c
	k0, m0 := bits.Mul64(y, b[0])
	k1, m1 := bits.Mul64(y, b[1])
	k2, m2 := bits.Mul64(y, b[2])
	m1, c = bits.Add64(m1, k0, 0)
	m2, c = bits.Add64(m2, k1, c)
	m3 := y*b[3] + k2 + c
	z[0], c = bits.Add64(l0, m0, 0)
	z[1], c = bits.Add64(l1, m1, c)
	z[2], c = bits.Add64(l2, m2, c)
	z[3] = l3 + m3 + c
}

// mulLow sets z, which must be neither x nor y, to x*y modulo 2^256.
func mulLow(z, x, y *Felt) {
	*z = Felt{}
	for i := range x {
		var carry uint64
		for j := 0; i+j < 4; j++ {
			hi, lo := bits.Mul64(x[i], y[j])
			lo, c := bits.Add64(lo, carry, 0)
			hi += c
			z[i+j], c = bits.Add64(z[i+j], lo, 0)
			carry = hi + c
		}
	}
}

// shl returns x << s modulo 2^256, for s < 256.
func shl(x *Felt, s uint) (z Felt) {
	w, s := int(s/64), s%64
	for i := 3; i >= w; i-- {
		z[i] = x[i-w] << s
		if i > w {
			z[i] |= x[i-w-1] >> 1 >> (63 - s)
		}
	}
	return z
}

// BatchInverse sets every dst[i] to 1/src[i], or to 0 where src[i] is 0, at the cost of three
// multiplications each and a single inversion. dst must be as long as src, and either src
// itself or no part of it.
func BatchInverse(dst, src []Felt) {
	if len(dst) != len(src) {
		panic("felt: BatchInverse of slices of different length")
	}
	if len(src) == 0 {
		return
	}
	before := make([]Felt, len(src)) // the product of what is before each element
	acc := One
	for i := range src {
		before[i] = acc
		if !src[i].IsZero() {
			acc.Mul(&acc, &src[i])
		}
	}
	acc.Inverse(&acc)
	for i := len(src) - 1; i >= 0; i-- {
		x := src[i]
		if x.IsZero() {
			dst[i] = Felt{}
			continue
		}
		dst[i].Mul(&acc, &before[i])
		acc.Mul(&acc, &x)
	}
}
