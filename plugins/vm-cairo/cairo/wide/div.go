package wide

import "math/bits"

// QuoRem sets z to the quotient of x and y, cut off, and r to the remainder, which has the sign of x. z and r must differ, and y
// must not be 0.
func (z *Int) QuoRem(x, y, r *Int) (quo, rem *Int) {
	zneg, rneg := x.neg != y.neg, x.neg
	z.quoRem(x, y, r)
	z.neg, r.neg = zneg && z.n != 0, rneg && r.n != 0
	return z, r
}

// DivMod sets z to the quotient of x and y, rounded down, and m to the remainder, which has the sign of y. z and m must differ,
// and y must not be 0.
func (z *Int) DivMod(x, y, m *Int) (quo, mod *Int) {
	divisor := *y
	z.QuoRem(x, y, m)
	if m.n != 0 && m.neg != divisor.neg {
		m.Add(m, &divisor)
		z.Sub(z, &one)
	}
	return z, m
}

// Mod sets z to x modulo y, with the sign of y, which must not be 0.
func (z *Int) Mod(x, y *Int) *Int {
	if x.neg == y.neg && x.CmpAbs(y) < 0 {
		*z = *x
		return z
	}
	var q Int
	q.DivMod(x, y, z)
	return z
}

var one = FromUint64(1)

// quoRem divides the magnitudes.
func (z *Int) quoRem(x, y, r *Int) {
	if x.CmpAbs(y) < 0 {
		*z, *r = Int{}, *x
		r.neg = false
		return
	}
	if y.n == 1 {
		q, rest := *x, uint64(0)
		d := y.w[0]
		for i := x.n - 1; i >= 0; i-- {
			q.w[i], rest = bits.Div64(rest, q.w[i], d)
		}
		q.neg = false
		q.settle(x.n)
		*z, *r = q, FromUint64(rest)
		return
	}
	divide(z, x, y, r)
}

// divide is Knuth's algorithm D, for a divisor of two words or more.
func divide(z, x, y, r *Int) {
	n, m := y.n, x.n
	s := uint(bits.LeadingZeros64(y.w[n-1])) //nolint:gosec // 63 at most
	var d [Words]uint64
	var u [Words + 1]uint64
	for i := n - 1; i > 0; i-- {
		d[i] = y.w[i]<<s | y.w[i-1]>>1>>(63-s)
	}
	d[0] = y.w[0] << s
	u[m] = x.w[m-1] >> 1 >> (63 - s)
	for i := m - 1; i > 0; i-- {
		u[i] = x.w[i]<<s | x.w[i-1]>>1>>(63-s)
	}
	u[0] = x.w[0] << s
	var q Int
	for j := m - n; j >= 0; j-- {
		q.w[j] = take(u[j:j+n+1], d[:n])
	}
	q.settle(m - n + 1)
	*z = q
	var rest Int
	for i := range n {
		rest.w[i] = u[i]>>s | u[i+1]<<1<<(63-s)
	}
	rest.settle(n)
	*r = rest
}

// take subtracts d, whose top bit is set, from u, which has one word more, as often as it goes, and returns how often.
func take(u, d []uint64) uint64 {
	n := len(d)
	hat, r, over := ^uint64(0), uint64(0), false
	if u[n] >= d[n-1] {
		var c uint64
		r, c = bits.Add64(u[n-1], d[n-1], 0)
		over = c != 0
	} else {
		hat, r = bits.Div64(u[n], u[n-1], d[n-1])
	}
	for !over {
		hi, lo := bits.Mul64(hat, d[n-2])
		if hi < r || hi == r && lo <= u[n-2] {
			break
		}
		hat--
		var c uint64
		r, c = bits.Add64(r, d[n-1], 0)
		over = c != 0
	}
	if subtract(u, d, hat) == 0 {
		return hat
	}
	var c uint64
	for i, w := range d { // once too often
		u[i], c = bits.Add64(u[i], w, c)
	}
	u[n] += c
	return hat - 1
}

// subtract takes hat*d from u and returns the borrow.
func subtract(u, d []uint64, hat uint64) uint64 {
	var carry, b uint64
	u = u[:len(d)+1]
	for i, w := range d {
		hi, lo := bits.Mul64(hat, w)
		lo, c := bits.Add64(lo, carry, 0)
		carry = hi + c
		u[i], b = bits.Sub64(u[i], lo, b)
	}
	u[len(d)], b = bits.Sub64(u[len(d)], carry, b)
	return b
}

// Sqrt sets z to the square root of x, cut off. x must not be negative.
func (z *Int) Sqrt(x *Int) *Int {
	if x.n == 0 {
		*z = Int{}
		return z
	}
	// Newton's method from above: the first value that does not fall is the root.
	var root, next, r Int
	square := *x
	root.Lsh(&one, (x.BitLen()+1)/2)
	for {
		next.QuoRem(&square, &root, &r)
		next.Rsh(next.Add(&next, &root), 1)
		if next.CmpAbs(&root) >= 0 {
			*z = root
			return z
		}
		root = next
	}
}
