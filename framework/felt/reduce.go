package felt

import "math/bits"

// reduce sets z to t mod P, t being the product of two felts in eight words, and returns z.
//
// P-1 is d*2^192 with d = 2^59 + 17 one word long, so the quotient of t and P-1 is a quotient
// by d, and 1/d is a quickly falling series in e = 17/2^59:
//
//	q = t/2^251 * (1 - e + e^2 - e^3 + e^4)      the next term is below 1
//
// Each term needs only the words of t that reach above its point, 4+3+2+1 products by a
// constant. Cutting off the terms leaves q wrong by at most a few units, and t - q*P needs no
// long product: q*P = q + (q*top)*2^192, of which 256 bits are looked at. What remains
// is within a few P of [0, P), is divided once more, by its top word, and is then in range
// but for one case in 2^53.
//
// Against two Montgomery reductions this needs 11 products instead of 24 (BenchmarkMul).
func (z *Felt) reduce(t0, t1, t2, t3, t4, t5, t6, t7 uint64) *Felt {
	const (
		e1 = 17 << 10 // e*t/2^251 = 17*t / 2^310 = (t>>256) * e1 / 2^64
		e2 = 289 << 15
		e3 = 4913 << 20
		e4 = 83521 << 25
	)
	// a = e*t/2^251
	a0, _ := bits.Mul64(t4, e1)
	h1, l1 := bits.Mul64(t5, e1)
	h2, l2 := bits.Mul64(t6, e1)
	h3, l3 := bits.Mul64(t7, e1)
	a0, c := bits.Add64(a0, l1, 0)
	a1, c := bits.Add64(h1, l2, c)
	a2, c := bits.Add64(h2, l3, c)
	a3 := h3 + c
	// b = (e^2 - e^3 + e^4) * t/2^251
	c0, _ := bits.Mul64(t6, e3)
	h1, l1 = bits.Mul64(t7, e3)
	c0, c = bits.Add64(c0, l1, 0)
	c1 := h1 + c
	d0, _ := bits.Mul64(t7, e4)
	c0, c = bits.Sub64(c0, d0, 0)
	c1 -= c
	b0, _ := bits.Mul64(t5, e2)
	h1, l1 = bits.Mul64(t6, e2)
	h2, l2 = bits.Mul64(t7, e2)
	b0, c = bits.Add64(b0, l1, 0)
	b1, c := bits.Add64(h1, l2, c)
	b2 := h2 + c
	b0, c = bits.Sub64(b0, c0, 0)
	b1, c = bits.Sub64(b1, c1, c)
	b2 -= c
	// q = t/2^251 - a + b
	a0, c = bits.Sub64(a0, b0, 0)
	a1, c = bits.Sub64(a1, b1, c)
	a2, c = bits.Sub64(a2, b2, c)
	a3 -= c
	q0, c := bits.Sub64(t3>>59|t4<<5, a0, 0)
	q1, c := bits.Sub64(t4>>59|t5<<5, a1, c)
	q2, c := bits.Sub64(t5>>59|t6<<5, a2, c)
	q3 := (t6>>59 | t7<<5) - a3 - c
	// t - q*P
	t0, c = bits.Sub64(t0, q0, 0)
	t1, c = bits.Sub64(t1, q1, c)
	t2, c = bits.Sub64(t2, q2, c)
	t3 = t3 - q0*top - q3 - c
	// The same with the small q, which may be negative, of the top word.
	k := int64(t3) >> 59
	s := uint64(k >> 63)
	t0, c = bits.Sub64(t0, uint64(k), 0)
	t1, c = bits.Sub64(t1, s, c)
	t2, c = bits.Sub64(t2, s, c)
	t3 = t3 - uint64(k)*top - s - c
	if t3 >= top { // also if it is negative
		return z.settle(t0, t1, t2, t3)
	}
	z[0], z[1], z[2], z[3] = t0, t1, t2, t3
	return z
}

// settle sets z to t, a signed number less than P away from [0, P), mod P and returns z.
//
//go:noinline
func (z *Felt) settle(t0, t1, t2, t3 uint64) *Felt {
	var c uint64
	if int64(t3) < 0 {
		t0, c = bits.Add64(t0, 1, 0)
		t1, c = bits.Add64(t1, 0, c)
		t2, c = bits.Add64(t2, 0, c)
		t3 += top + c
	}
	*z = Felt{t0, t1, t2, t3}
	if !z.Valid() {
		z[0], c = bits.Sub64(t0, 1, 0)
		z[1], c = bits.Sub64(t1, 0, c)
		z[2], c = bits.Sub64(t2, 0, c)
		z[3] = t3 - top - c
	}
	return z
}
