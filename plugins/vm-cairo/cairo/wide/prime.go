package wide

import "math/bits"

// smallPrimes are the odd ones whose product fits into a word.
var smallPrimes = [...]uint64{3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53}

// Prime reports whether z, of 576 bits at most, is a prime, by the test of Baillie, Pomerance, Selfridge and Wagstaff, for which no
// composite number is known that passes it. ok is false if it was stopped.
func (z *Int) Prime(stop func() bool) (prime, ok bool) {
	if z.neg || z.n == 0 || z.IsOne() {
		return false, true
	}
	if z.w[0]&1 == 0 {
		return z.n == 1 && z.w[0] == 2, true
	}
	for _, p := range smallPrimes {
		if z.modWord(p) == 0 {
			return z.n == 1 && z.w[0] == p, true
		}
	}
	r := newRing(z)
	if prime, ok = r.probablePrime(z, stop); !prime || !ok {
		return false, ok
	}
	return r.lucasPrime(z, stop)
}

// modWord returns the magnitude of z modulo d.
func (z *Int) modWord(d uint64) (rest uint64) {
	for i := z.n - 1; i >= 0; i-- {
		_, rest = bits.Div64(rest, z.w[i], d)
	}
	return rest
}

// oddPart returns d and s with z = d * 2^s and d odd.
func (z *Int) oddPart() (d Int, s int) {
	for z.Bit(s) == 0 {
		s++
	}
	d.Rsh(z, s)
	return d, s
}

// probablePrime is the strong test to base 2 of Miller and Rabin.
func (r *ring) probablePrime(x *Int, stop func() bool) (prime, ok bool) {
	var less Int
	d, s := less.Sub(x, &one).oddPart()
	var y, minus element
	r.add(&y, &r.one, &r.one)
	r.sub(&minus, &minus, &r.one)
	if !r.exp(&y, &y, &d, stop) {
		return false, false
	}
	if y == r.one {
		return true, true
	}
	for ; s > 0; s-- {
		if y == minus {
			return true, true
		}
		r.mul(&y, &y, &y)
	}
	return false, true
}

// lucasPrime is the test of Lucas in the almost extra strong form of Baillie: Q = 1, and P the first number from 3 on for which
// P^2 - 4 is no square modulo x.
func (r *ring) lucasPrime(x *Int, stop func() bool) (prime, ok bool) {
	p := uint64(3)
	for ; ; p++ {
		j := jacobi(p*p-4, x)
		if j == -1 {
			break
		}
		if j == 0 { // p-2 or p+2 shares a factor with x
			return x.n == 1 && x.w[0] == p+2, true
		}
		if p == 40 { // a square would go on forever
			var root, square Int
			root.Sqrt(x)
			if square.Mul(&root, &root).Cmp(x) == 0 {
				return false, true
			}
		}
	}
	small := FromUint64(p)
	first := r.enter(&small)
	var two, minusTwo element
	r.add(&two, &r.one, &r.one)
	r.sub(&minusTwo, &minusTwo, &two)
	var more Int
	d, s := more.Add(x, &one).oddPart()
	v, next := two, first // V(0) and V(1)
	for i := d.BitLen() - 1; i >= 0; i-- {
		if i%32 == 0 && stopped(stop) {
			return false, false
		}
		// V(2k) = V(k)^2 - 2 and V(2k+1) = V(k)*V(k+1) - P
		var both element
		r.mul(&both, &v, &next)
		r.sub(&both, &both, &first)
		if d.Bit(i) == 1 {
			v = both
			r.mul(&next, &next, &next)
			r.sub(&next, &next, &two)
		} else {
			next = both
			r.mul(&v, &v, &v)
			r.sub(&v, &v, &two)
		}
	}
	if v == two || v == minusTwo {
		// U(d) is 0 as well if P*V(d) = 2*V(d+1).
		var a, b element
		r.mul(&a, &v, &first)
		r.add(&b, &next, &next)
		if a == b {
			return true, true
		}
	}
	for ; s > 1; s-- {
		if v == (element{}) {
			return true, true
		}
		if v == two {
			return false, true
		}
		r.mul(&v, &v, &v)
		r.sub(&v, &v, &two)
	}
	return false, true
}

// jacobi returns the symbol (d/x) of an odd x above 0.
func jacobi(d uint64, x *Int) int {
	sign := 1
	zeros := bits.TrailingZeros64(d)
	if d >>= zeros; zeros%2 == 1 && (x.w[0]&7 == 3 || x.w[0]&7 == 5) {
		sign = -1
	}
	if d&3 == 3 && x.w[0]&3 == 3 {
		sign = -sign
	}
	for a, n := x.modWord(d), d; ; { // now (a/n) of small numbers
		if a == 0 {
			if n != 1 {
				return 0
			}
			return sign
		}
		zeros := bits.TrailingZeros64(a)
		if a >>= zeros; zeros%2 == 1 && (n&7 == 3 || n&7 == 5) {
			sign = -sign
		}
		if a&3 == 3 && n&3 == 3 {
			sign = -sign
		}
		a, n = n%a, a
	}
}
