package wide

import "math/bits"

// Add sets z to x + y.
func (z *Int) Add(x, y *Int) *Int { return z.sum(x, y, y.neg) }

// Sub sets z to x - y.
func (z *Int) Sub(x, y *Int) *Int { return z.sum(x, y, !y.neg) }

// Neg sets z to -x.
func (z *Int) Neg(x *Int) *Int {
	*z = *x
	z.neg = !x.neg && x.n != 0
	return z
}

// Abs sets z to the magnitude of x.
func (z *Int) Abs(x *Int) *Int {
	*z = *x
	z.neg = false
	return z
}

// sum sets z to x + y, where y has the sign that it is given.
func (z *Int) sum(x, y *Int, negative bool) *Int {
	sign := x.neg
	switch {
	case sign == negative:
		z.addAbs(x, y)
	case x.CmpAbs(y) >= 0:
		z.subAbs(x, y)
	default:
		sign = negative
		z.subAbs(y, x)
	}
	z.neg = sign && z.n != 0
	return z
}

// addAbs sets z to the sum of the magnitudes.
func (z *Int) addAbs(x, y *Int) {
	n := max(x.n, y.n)
	var c uint64
	for i := range n {
		z.w[i], c = bits.Add64(x.w[i], y.w[i], c)
	}
	if c != 0 {
		z.w[n] = c
		n++
	}
	z.cut(n)
}

// subAbs sets z to the difference of the magnitudes, of which y's is not larger.
func (z *Int) subAbs(x, y *Int) {
	n := x.n
	var b uint64
	for i := range n {
		z.w[i], b = bits.Sub64(x.w[i], y.w[i], b)
	}
	z.cut(n)
}

// cut forgets words of an older value from n on.
func (z *Int) cut(n int) {
	if n < z.n {
		clear(z.w[n:z.n])
	}
	z.settle(n)
}

// Mul sets z to x * y.
func (z *Int) Mul(x, y *Int) *Int {
	var t [Words]uint64
	for i, v := range x.w[:x.n] {
		var carry uint64
		row := t[i : i+y.n+1]
		for j, w := range y.w[:y.n] {
			hi, lo := bits.Mul64(v, w)
			lo, c := bits.Add64(lo, row[j], 0)
			hi += c
			row[j], c = bits.Add64(lo, carry, 0)
			carry = hi + c
		}
		row[y.n] = carry
	}
	neg := x.neg != y.neg
	n := x.n + y.n
	z.w, z.neg = t, neg
	z.settle(n)
	return z
}

// Lsh sets z to x * 2^s.
func (z *Int) Lsh(x *Int, s int) *Int {
	if x.n == 0 {
		*z = Int{}
		return z
	}
	words, b := s/64, uint(s%64)
	var t [Words]uint64
	n := x.n + words
	for i := x.n - 1; i >= 0; i-- {
		t[i+words] |= x.w[i] << b
		if over := x.w[i] >> 1 >> (63 - b); over != 0 {
			t[i+words+1] |= over
			n = max(n, i+words+2)
		}
	}
	z.w, z.neg = t, x.neg
	z.settle(n)
	return z
}

// Rsh sets z to the magnitude of x divided by 2^s and cut off, with the sign of x.
func (z *Int) Rsh(x *Int, s int) *Int {
	words, b := s/64, uint(s%64)
	n, neg := max(x.n-words, 0), x.neg
	for i := range n {
		v := x.w[i+words] >> b
		if i+words+1 < Words {
			v |= x.w[i+words+1] << 1 << (63 - b)
		}
		z.w[i] = v
	}
	z.n = max(z.n, x.n)
	z.neg = neg
	z.cut(n)
	return z
}
