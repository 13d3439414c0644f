package wide

// IsSquare reports whether z is a square modulo p, of 576 bits at most, by Euler's criterion: for primes, that is; of other moduli
// it says what the criterion says. ok is false if it was stopped.
func (z *Int) IsSquare(p *Int, stop func() bool) (square, ok bool) {
	var x, e Int
	x.Mod(z, p)
	if x.BitLen() < 2 || p.BitLen() < 2 || p.n == 1 && p.w[0] == 2 {
		return true, true
	}
	e.Rsh(e.Sub(p, &one), 1)
	ok = x.Exp(&x, &e, p, stop)
	return x.IsOne(), ok
}

// SqrtMod sets z to the smaller square root of a modulo p, an odd prime of 576 bits at most modulo which a is a square. ok is
// false if it was stopped.
func (z *Int) SqrtMod(a, p *Int, stop func() bool) (ok bool) {
	r := newRing(p)
	var x, less Int
	x.Mod(a, p)
	d, s := less.Sub(p, &one).oddPart()
	square := r.enter(&x)
	// root^2 = square * rest, and rest is 1 to the power 2^(s-1).
	var e Int
	e.Rsh(&d, 1)
	var root, rest element
	if !r.exp(&root, &square, &e, stop) { // square^((d-1)/2)
		return false
	}
	r.mul(&rest, &root, &root)
	r.mul(&rest, &rest, &square)
	r.mul(&root, &root, &square)
	if square != (element{}) && !r.settleRoot(&root, &rest, &d, s, p, stop) {
		return false
	}
	*z = r.leave(&root)
	if other := *new(Int).Sub(p, z); z.n != 0 && other.Cmp(z) < 0 {
		*z = other
	}
	return true
}

// settleRoot is the loop of Tonelli and Shanks: it multiplies root by powers of an element of order 2^s, and rest by their squares,
// until rest is 1. d is (p-1)/2^s.
func (r *ring) settleRoot(root, rest *element, d *Int, s int, p *Int, stop func() bool) bool {
	if *rest == r.one {
		return true
	}
	g := uint64(2)
	for jacobi(g, p) != -1 {
		g++
	}
	small := FromUint64(g)
	c := r.enter(&small)
	if !r.exp(&c, &c, d, stop) {
		return false
	}
	for *rest != r.one {
		if stopped(stop) {
			return false
		}
		order := 0 // of rest, as a power of 2
		for t := *rest; t != r.one && order < s; order++ {
			r.mul(&t, &t, &t)
		}
		if order == s {
			return true // no square, or no prime
		}
		for ; s > order+1; s-- {
			r.mul(&c, &c, &c)
		}
		r.mul(root, root, &c)
		r.mul(&c, &c, &c)
		r.mul(rest, rest, &c)
		s = order
	}
	return true
}
