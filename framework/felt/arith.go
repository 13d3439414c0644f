package felt

import "math/bits"

// Add sets z to x + y and returns z. Whether a sum passes P is a branch that is guessed wrong for
// every second pair of full numbers, so they go without; short ones, which can be told from them
// with hardly a wrong guess, are done before.
func (z *Felt) Add(x, y *Felt) *Felt {
	t0, c := bits.Add64(x[0], y[0], 0)
	t1, c := bits.Add64(x[1], y[1], c)
	t2, c := bits.Add64(x[2], y[2], c)
	t3 := x[3] + y[3] + c
	if t3 < 1<<48 {
		z[0], z[1], z[2], z[3] = t0, t1, t2, t3
		return z
	}
	u0, b := bits.Sub64(t0, 1, 0)
	u1, b := bits.Sub64(t1, 0, b)
	u2, b := bits.Sub64(t2, 0, b)
	u3, b := bits.Sub64(t3, top, b)
	if b != 0 { // each of these is a conditional move
		u0 = t0
	}
	if b != 0 {
		u1 = t1
	}
	if b != 0 {
		u2 = t2
	}
	if b != 0 {
		u3 = t3
	}
	z[0], z[1], z[2], z[3] = u0, u1, u2, u3
	return z
}

// Double sets z to 2*x and returns z.
func (z *Felt) Double(x *Felt) *Felt { return z.Add(x, x) }

// Sub sets z to x - y and returns z.
func (z *Felt) Sub(x, y *Felt) *Felt {
	t0, b := bits.Sub64(x[0], y[0], 0)
	t1, b := bits.Sub64(x[1], y[1], b)
	t2, b := bits.Sub64(x[2], y[2], b)
	t3, b := bits.Sub64(x[3], y[3], b)
	// b is the lowest word of what has to be added back: P = (1, 0, 0, top).
	z0, c := bits.Add64(t0, b, 0)
	z1, c := bits.Add64(t1, 0, c)
	z2, c := bits.Add64(t2, 0, c)
	z3 := t3 + (-b & top) + c
	z[0], z[1], z[2], z[3] = z0, z1, z2, z3
	return z
}

// Neg sets z to -x and returns z.
func (z *Felt) Neg(x *Felt) *Felt {
	if x.IsZero() {
		return z.SetZero()
	}
	return z.Sub(&Felt{}, x)
}

// Mul sets z to x*y and returns z. Operands below 2^64, which most numbers of a program are, take
// a short way, and those below 2^128 one of half the length.
func (z *Felt) Mul(x, y *Felt) *Felt {
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
	if x2|x3|y2|y3 == 0 {
		if x1|y1 == 0 {
			z[1], z[0] = bits.Mul64(x0, y0)
			z[2], z[3] = 0, 0
			return z
		}
		return z.mul128(x0, x1, y0, y1)
	}
	var t1, t2, t3, t4, t5, t6, t7, c uint64

	h0, t0 := bits.Mul64(x0, y0)
	h1, l1 := bits.Mul64(x1, y0)
	h2, l2 := bits.Mul64(x2, y0)
	h3, l3 := bits.Mul64(x3, y0)
	t1, c = bits.Add64(h0, l1, 0)
	t2, c = bits.Add64(h1, l2, c)
	t3, c = bits.Add64(h2, l3, c)
	t4 = h3 + c

	h0, l0 := bits.Mul64(x0, y1)
	h1, l1 = bits.Mul64(x1, y1)
	h2, l2 = bits.Mul64(x2, y1)
	h3, l3 = bits.Mul64(x3, y1)
	t1, c = bits.Add64(t1, l0, 0)
	t2, c = bits.Add64(t2, l1, c)
	t3, c = bits.Add64(t3, l2, c)
	t4, c = bits.Add64(t4, l3, c)
	t5 = h3 + c
	t2, c = bits.Add64(t2, h0, 0)
	t3, c = bits.Add64(t3, h1, c)
	t4, c = bits.Add64(t4, h2, c)
	t5 += c

	h0, l0 = bits.Mul64(x0, y2)
	h1, l1 = bits.Mul64(x1, y2)
	h2, l2 = bits.Mul64(x2, y2)
	h3, l3 = bits.Mul64(x3, y2)
	t2, c = bits.Add64(t2, l0, 0)
	t3, c = bits.Add64(t3, l1, c)
	t4, c = bits.Add64(t4, l2, c)
	t5, c = bits.Add64(t5, l3, c)
	t6 = h3 + c
	t3, c = bits.Add64(t3, h0, 0)
	t4, c = bits.Add64(t4, h1, c)
	t5, c = bits.Add64(t5, h2, c)
	t6 += c

	h0, l0 = bits.Mul64(x0, y3)
	h1, l1 = bits.Mul64(x1, y3)
	h2, l2 = bits.Mul64(x2, y3)
	h3, l3 = bits.Mul64(x3, y3)
	t3, c = bits.Add64(t3, l0, 0)
	t4, c = bits.Add64(t4, l1, c)
	t5, c = bits.Add64(t5, l2, c)
	t6, c = bits.Add64(t6, l3, c)
	t7 = h3 + c
	t4, c = bits.Add64(t4, h0, 0)
	t5, c = bits.Add64(t5, h1, c)
	t6, c = bits.Add64(t6, h2, c)
	t7 += c
	return z.reduce(t0, t1, t2, t3, t4, t5, t6, t7)
}

// mul128 sets z to the product of the two-word numbers x and y and returns z.
func (z *Felt) mul128(x0, x1, y0, y1 uint64) *Felt {
	h00, l00 := bits.Mul64(x0, y0)
	h01, l01 := bits.Mul64(x0, y1)
	h10, l10 := bits.Mul64(x1, y0)
	h11, l11 := bits.Mul64(x1, y1)
	t1, c := bits.Add64(h00, l01, 0)
	t2, c := bits.Add64(h01, l11, c)
	t3 := h11 + c
	t1, c = bits.Add64(t1, l10, 0)
	t2, c = bits.Add64(t2, h10, c)
	t3 += c
	if t3 < top {
		z[0], z[1], z[2], z[3] = l00, t1, t2, t3
		return z
	}
	return z.SetWords([4]uint64{l00, t1, t2, t3})
}

// Square sets z to x*x and returns z.
func (z *Felt) Square(x *Felt) *Felt {
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	if x1|x2|x3 == 0 {
		z[1], z[0] = bits.Mul64(x0, x0)
		z[2], z[3] = 0, 0
		return z
	}
	var c uint64
	// The products of different words, once ...
	t2, t1 := bits.Mul64(x0, x1)
	h02, l02 := bits.Mul64(x0, x2)
	h03, l03 := bits.Mul64(x0, x3)
	h12, l12 := bits.Mul64(x1, x2)
	h13, l13 := bits.Mul64(x1, x3)
	h23, l23 := bits.Mul64(x2, x3)
	t2, c = bits.Add64(t2, l02, 0)
	t3, c := bits.Add64(h02, l03, c)
	t4, c := bits.Add64(h03, l13, c)
	t5, c := bits.Add64(h13, l23, c)
	t6 := h23 + c
	t3, c = bits.Add64(t3, l12, 0)
	t4, c = bits.Add64(t4, h12, c)
	t5, c = bits.Add64(t5, 0, c)
	t6 += c
	// ... doubled, then the squares.
	t7 := t6 >> 63
	t6 = t6<<1 | t5>>63
	t5 = t5<<1 | t4>>63
	t4 = t4<<1 | t3>>63
	t3 = t3<<1 | t2>>63
	t2 = t2<<1 | t1>>63
	t1 <<= 1
	h0, t0 := bits.Mul64(x0, x0)
	h1, l1 := bits.Mul64(x1, x1)
	h2, l2 := bits.Mul64(x2, x2)
	h3, l3 := bits.Mul64(x3, x3)
	t1, c = bits.Add64(t1, h0, 0)
	t2, c = bits.Add64(t2, l1, c)
	t3, c = bits.Add64(t3, h1, c)
	t4, c = bits.Add64(t4, l2, c)
	t5, c = bits.Add64(t5, h2, c)
	t6, c = bits.Add64(t6, l3, c)
	t7 += h3 + c
	return z.reduce(t0, t1, t2, t3, t4, t5, t6, t7)
}

// Div sets z to x/y, the number with z*y = x, and returns z. As with [Felt.Inverse], division
// by 0 gives 0: test y first where that is an error.
func (z *Felt) Div(x, y *Felt) *Felt {
	var inv Felt
	inv.Inverse(y)
	return z.Mul(x, &inv)
}

// Exp sets z to x^e, e being taken as an integer in [0, P), and returns z; 0^0 is 1.
func (z *Felt) Exp(x, e *Felt) *Felt {
	base, k := *x, *e
	r := One
	for i := k.BitLen() - 1; i >= 0; i-- {
		r.Square(&r)
		if k.Bit(uint(i)) == 1 {
			r.Mul(&r, &base)
		}
	}
	return z.Set(&r)
}
