package wide

import "math/bits"

// most is the number of words of the largest modulus: products of two numbers below it have to fit.
const most = Words / 2

// element is a number below the modulus of a ring.
type element [most]uint64

// ring computes modulo an odd number, in Montgomery's form: x stands for x * 2^(-64n).
type ring struct {
	n      int // words of the modulus
	m      element
	neg    uint64 // -1/m modulo 2^64
	one    element
	square element // what 2^(64n) stands as: a factor that brings numbers into the form
}

// newRing returns the ring of an odd modulus above 1.
func newRing(m *Int) ring {
	r := ring{n: m.n, m: element(m.w[:most])}
	inverse := m.w[0] // right in three bits; each round doubles them
	for range 5 {
		inverse *= 2 - m.w[0]*inverse
	}
	r.neg = -inverse
	var x Int
	x.Mod(x.Lsh(&one, 64*r.n), m)
	r.one = element(x.w[:most])
	x.Mod(x.Lsh(&x, 64*r.n), m)
	r.square = element(x.w[:most])
	return r
}

// enter returns x, which must be below the modulus and not negative, in the form of r.
func (r *ring) enter(x *Int) (z element) {
	z = element(x.w[:most])
	r.mul(&z, &z, &r.square)
	return z
}

// leave returns x as a number.
func (r *ring) leave(x *element) (z Int) {
	t := element{1}
	r.mul(&t, &t, x)
	copy(z.w[:], t[:])
	z.settle(most)
	return z
}

// mul sets z to x * y. z may be x or y.
func (r *ring) mul(z, x, y *element) {
	n := r.n
	var t [most + 2]uint64
	for _, v := range y[:n] {
		var carry uint64
		for j, w := range x[:n] {
			hi, lo := bits.Mul64(v, w)
			lo, c := bits.Add64(lo, t[j], 0)
			hi += c
			t[j], c = bits.Add64(lo, carry, 0)
			carry = hi + c
		}
		var over uint64
		t[n], over = bits.Add64(t[n], carry, 0)
		t[n+1] = over
		// A multiple of the modulus makes the lowest word 0, and t moves down by it.
		k := t[0] * r.neg
		hi, lo := bits.Mul64(k, r.m[0])
		_, c := bits.Add64(lo, t[0], 0)
		carry = hi + c
		for j := 1; j < n; j++ {
			hi, lo := bits.Mul64(k, r.m[j])
			lo, c := bits.Add64(lo, t[j], 0)
			hi += c
			t[j-1], c = bits.Add64(lo, carry, 0)
			carry = hi + c
		}
		t[n-1], c = bits.Add64(t[n], carry, 0)
		t[n] = t[n+1] + c
	}
	r.reduce(z, t[:n+1])
}

// reduce sets z to t, less the modulus if it is not below it. t has one word more than the modulus.
func (r *ring) reduce(z *element, t []uint64) {
	var d element
	var b uint64
	n := r.n
	for i := range n {
		d[i], b = bits.Sub64(t[i], r.m[i], b)
	}
	if t[n] >= b {
		*z = d
		return
	}
	copy(z[:n], t)
}

// add sets z to x + y.
func (r *ring) add(z, x, y *element) {
	var t [most + 1]uint64
	var c uint64
	for i := range r.n {
		t[i], c = bits.Add64(x[i], y[i], c)
	}
	t[r.n] = c
	r.reduce(z, t[:r.n+1])
}

// sub sets z to x - y.
func (r *ring) sub(z, x, y *element) {
	var b uint64
	for i := range r.n {
		z[i], b = bits.Sub64(x[i], y[i], b)
	}
	if b == 0 {
		return
	}
	b = 0
	for i := range r.n {
		z[i], b = bits.Add64(z[i], r.m[i], b)
	}
}

// window is how many bits of an exponent are taken at once.
const window = 4

// exp sets z to x^e. It reports false if it was stopped.
func (r *ring) exp(z, x *element, e *Int, stop func() bool) bool {
	var powers [1 << window]element
	powers[0] = r.one
	for i := 1; i < len(powers); i++ {
		r.mul(&powers[i], &powers[i-1], x)
	}
	acc := r.one
	for i := (e.BitLen() + window - 1) / window * window; i > 0; i -= window {
		if i%(8*window) == 0 && stopped(stop) {
			return false
		}
		for range window {
			r.mul(&acc, &acc, &acc)
		}
		if digit := e.Bits(i-window, window); digit[0] != 0 {
			r.mul(&acc, &acc, &powers[digit[0]])
		}
	}
	*z = acc
	return true
}

// stopped asks whether to stop. Nil never does.
func stopped(stop func() bool) bool { return stop != nil && stop() }

// Exp sets z to x^e modulo m, between 0 and m. Neither e nor m, which must not be 0 or have more than 576 bits, may be
// negative. Stop, which may be nil, says whether to give up; Exp reports whether it went to the end.
func (z *Int) Exp(x, e, m *Int, stop func() bool) bool {
	var base Int
	base.Mod(x, m)
	if m.w[0]&1 == 1 && !m.IsOne() {
		r := newRing(m)
		b := r.enter(&base)
		ok := r.exp(&b, &b, e, stop)
		*z = r.leave(&b)
		return ok
	}
	var acc Int
	acc.Mod(&one, m)
	for i := e.BitLen() - 1; i >= 0; i-- {
		if i%8 == 0 && stopped(stop) {
			return false
		}
		acc.Mod(acc.Mul(&acc, &acc), m)
		if e.Bit(i) == 1 {
			acc.Mod(acc.Mul(&acc, &base), m)
		}
	}
	*z = acc
	return true
}
