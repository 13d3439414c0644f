package felt

import "math/bits"

// halfP is (P-1)/2: numbers above it stand for negative ones in the signed view.
var halfP = Felt{0, 0, 1 << 63, top >> 1}

// Signed returns the signed view of z, z itself up to (P-1)/2 and z - P above, as sign and
// magnitude.
func (z *Felt) Signed() (magnitude Felt, negative bool) {
	if halfP.Less(z) {
		magnitude.Neg(z)
		return magnitude, true
	}
	return *z, false
}

// Int64 returns the signed view of z, and whether it fits.
func (z *Felt) Int64() (v int64, ok bool) {
	m, negative := z.Signed()
	if !m.IsUint64() {
		return 0, false
	}
	if negative {
		return -int64(m[0]), m[0] <= 1<<63
	}
	return int64(m[0]), m[0] < 1<<63
}

// AddOffset returns off + z, z being taken in its signed view: how an address of the virtual
// machine moves. ok is false if z is 2^64 or more in magnitude or the sum is not in [0, 2^64).
func (z *Felt) AddOffset(off uint64) (sum uint64, ok bool) {
	if z.IsUint64() {
		sum, c := bits.Add64(off, z[0], 0)
		return sum, c == 0
	}
	m, negative := z.Signed()
	if !negative || !m.IsUint64() || m[0] > off {
		return 0, false
	}
	return off - m[0], true
}

// Split128 returns z as low + high*2^128, each half in two little-endian words.
func (z *Felt) Split128() (low, high Felt) {
	return Felt{z[0], z[1]}, Felt{z[2], z[3]}
}

// QuoRem sets z to the quotient and r to the remainder of x divided by y, all of them taken as
// integers, and returns both. y must not be 0: that panics, as it does for built-in integers.
// z and r must differ; either may be x or y.
func (z *Felt) QuoRem(x, y, r *Felt) (quo, rem *Felt) {
	a, b := *x, *y
	var q Felt
	switch {
	case b.IsUint64():
		var w uint64
		q[3], w = a[3]/b[0], a[3]%b[0]
		q[2], w = bits.Div64(w, a[2], b[0])
		q[1], w = bits.Div64(w, a[1], b[0])
		q[0], w = bits.Div64(w, a[0], b[0])
		a = Felt{w}
	case a.Less(&b):
	default:
		q = a.divide(&b)
	}
	*z, *r = q, a
	return z, r
}

// divide leaves in z the remainder of z divided by y, which has two words or more, and returns
// the quotient. It is Knuth's algorithm D.
func (z *Felt) divide(y *Felt) (q Felt) {
	n := 3
	for y[n] == 0 {
		n--
	}
	s := uint(bits.LeadingZeros64(y[n]))
	d := shl(y, s)
	u := shl(z, s)
	w := [5]uint64{u[0], u[1], u[2], u[3], z[3] >> 1 >> (63 - s)}
	for j := 3 - n; j >= 0; j-- {
		hat, r := ^uint64(0), uint64(0)
		over := w[j+n+1] >= d[n]
		if over {
			var c uint64
			r, c = bits.Add64(w[j+n], d[n], 0)
			over = c == 0
		} else {
			hat, r = bits.Div64(w[j+n+1], w[j+n], d[n])
			over = true
		}
		for over {
			hi, lo := bits.Mul64(hat, d[n-1])
			if hi < r || hi == r && lo <= w[j+n-1] {
				break
			}
			hat--
			var c uint64
			r, c = bits.Add64(r, d[n], 0)
			over = c == 0
		}
		q[j] = subtract(w[j:j+n+2], d[:n+1], hat)
	}
	for i := range z {
		z[i] = w[i]>>s | w[i+1]<<1<<(63-s)
	}
	return q
}

// subtract takes hat*d from w, which is one word longer, or one d less if that is too much, and
// returns what it took d times.
func subtract(w, d []uint64, hat uint64) uint64 {
	var carry, b uint64
	for i := range d {
		hi, lo := bits.Mul64(hat, d[i])
		lo, c := bits.Add64(lo, carry, 0)
		carry = hi + c
		w[i], b = bits.Sub64(w[i], lo, b)
	}
	w[len(d)], b = bits.Sub64(w[len(d)], carry, b)
	if b == 0 {
		return hat
	}
	var c uint64
	for i := range d {
		w[i], c = bits.Add64(w[i], d[i], c)
	}
	w[len(d)] += c
	return hat - 1
}
