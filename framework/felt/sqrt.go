package felt

import "sync"

// P-1 = 2^192 * (2^59 + 17), so the squares hide in a cyclic group of 2^192 elements, where a
// root is found by a discrete logarithm, digit by digit (Sarkar, "Computing square roots faster
// than the Tonelli-Shanks/Bernstein algorithm"). With digits of 8 bits that takes some 540
// multiplications and a table of 192 KiB, which is made at the first call; the plain algorithm
// of Tonelli and Shanks takes about 9,000.
const (
	digitBits = 8
	logDigits = 192 / digitBits
)

// rootTable holds, for a generator g of the group of 2^192 elements,
// power[k][j] = g^(-j * 2^(k*digitBits)), and the j of each element of the last row.
type rootTable struct {
	power [logDigits][1 << digitBits]Felt
	digit map[Felt]uint8
}

var rootTables = sync.OnceValue(func() *rootTable {
	t := &rootTable{digit: make(map[Felt]uint8, 1<<digitBits)}
	g := Felt{3} // the least number that is no square
	g.Exp(&g, &Felt{top}).Inverse(&g)
	for k := range t.power {
		row := &t.power[k]
		row[0] = One
		for j := 1; j < len(row); j++ {
			row[j].Mul(&row[j-1], &g)
		}
		g.Mul(&row[len(row)-1], &g)
	}
	for j, x := range t.power[logDigits-1] {
		t.digit[x] = uint8(j)
	}
	return t
})

// Sqrt sets z to the square root of x and returns z, or returns nil and leaves z as it was if x
// has none. Of the two roots r and P-r it takes the one that is smaller as an integer; the root
// of 0 is 0.
func (z *Felt) Sqrt(x *Felt) *Felt {
	if x.IsZero() {
		return z.SetZero()
	}
	// r = x^((d+1)/2) with d = 2^59 + 17, so that r^2 = x * u with u = x^d in the group.
	var r, u Felt
	w := oddPower(x)
	r.Mul(x, &w)
	u.Mul(&r, &w)
	e, ok := rootTables().logHalf(&u)
	if !ok {
		return nil
	}
	for k := range e { // r * g^(-e) is the root
		r.Mul(&r, &rootTables().power[k][e[k]])
	}
	var other Felt
	if other.Neg(&r); other.Less(&r) {
		r = other
	}
	return z.Set(&r)
}

// logHalf returns the digits of half the logarithm of u, lowest first, and whether u is a
// square. u must be of the group.
func (t *rootTable) logHalf(u *Felt) (half [logDigits]uint8, ok bool) {
	var power [logDigits]Felt // u^(2^(k*digitBits))
	power[0] = *u
	for k := 1; k < logDigits; k++ {
		power[k] = power[k-1]
		for range digitBits {
			power[k].Square(&power[k])
		}
	}
	var e [logDigits + 1]uint8
	for i := range logDigits {
		// Raised so far that only digit i is unknown, and above it there is nothing.
		x := power[logDigits-1-i]
		for j := range i {
			x.Mul(&x, &t.power[logDigits-1-i+j][e[j]])
		}
		e[i] = -t.digit[x] // the row has the inverses
		if i == 0 && e[0]&1 == 1 {
			return half, false
		}
	}
	for i := range half {
		half[i] = e[i]>>1 | e[i+1]<<(digitBits-1)
	}
	return half, true
}

// Legendre returns 1 if x is a square other than 0, 0 if x is 0 and -1 if x is no square.
func (z *Felt) Legendre() int {
	if z.IsZero() {
		return 0
	}
	// z^((P-1)/2) = (z^d)^(2^191)
	w := oddPower(z)
	w.Square(&w).Mul(&w, z)
	for range 191 {
		w.Square(&w)
	}
	if w.IsOne() {
		return 1
	}
	return -1
}

// oddPower returns x^((d-1)/2) = x^(2^58 + 8).
func oddPower(x *Felt) Felt {
	var w Felt
	w.Square(x)
	w.Square(&w)
	w.Square(&w)
	x8 := w
	for range 55 {
		w.Square(&w)
	}
	w.Mul(&w, &x8)
	return w
}
