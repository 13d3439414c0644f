package wide

import (
	"math/big"
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Words is the number of words of 64 bits of an Int.
const Words = 18

// Int is an integer below 2^1152 in magnitude. The zero value is 0.
type Int struct {
	w   [Words]uint64 // the magnitude, lowest word first; 0 from n on
	n   int           // how many words the magnitude has
	neg bool          // never of 0
}

// FromUint64 returns v.
func FromUint64(v uint64) (z Int) {
	z.w[0] = v
	z.settle(1)
	return z
}

// FromFelt returns x, which is not negative.
func FromFelt(x felt.Felt) (z Int) {
	z.w[0], z.w[1], z.w[2], z.w[3] = x[0], x[1], x[2], x[3]
	z.settle(len(x))
	return z
}

// FromSigned returns x in its signed view.
func FromSigned(x felt.Felt) Int {
	m, negative := x.Signed()
	z := FromFelt(m)
	z.neg = negative
	return z
}

// FromBig returns x, which must fit.
func FromBig(x *big.Int) (z Int) {
	var word big.Int
	rest, mask := new(big.Int).Abs(x), new(big.Int).SetUint64(1<<64-1)
	for i := 0; rest.Sign() != 0; i++ {
		z.w[i] = word.And(rest, mask).Uint64()
		rest.Rsh(rest, 64)
	}
	z.settle(Words)
	z.neg = x.Sign() < 0
	return z
}

// MustHex returns the number with these hexadecimal digits; it is for constants of programs.
func MustHex(digits string) (z Int) {
	for i := range len(digits) {
		d := uint64(digits[i] - '0')
		if d > 9 {
			d = uint64(digits[i]-'a') + 10
		}
		if d > 15 {
			panic("wide: no hexadecimal digit: " + digits)
		}
		z.Lsh(&z, 4)
		z.w[0] |= d
		z.settle(max(z.n, 1))
	}
	return z
}

// Big returns z as a number that belongs to the caller.
func (z *Int) Big() *big.Int {
	x := new(big.Int)
	for i := z.n - 1; i >= 0; i-- {
		x.Lsh(x, 64)
		x.Or(x, new(big.Int).SetUint64(z.w[i]))
	}
	if z.neg {
		x.Neg(x)
	}
	return x
}

// String returns z in decimal digits.
func (z Int) String() string { return z.Big().String() }

// settle finds out how many words z has, n at most. Above n there are zeros.
func (z *Int) settle(n int) {
	for n > 0 && z.w[n-1] == 0 {
		n--
	}
	z.n = n
	z.neg = z.neg && n != 0
}

// Sign returns -1, 0 or 1.
func (z *Int) Sign() int {
	switch {
	case z.n == 0:
		return 0
	case z.neg:
		return -1
	}
	return 1
}

// IsOne reports whether z is 1.
func (z *Int) IsOne() bool { return z.n == 1 && z.w[0] == 1 && !z.neg }

// Cmp returns -1, 0 or 1 as z is less than, equal to or more than x.
func (z *Int) Cmp(x *Int) int {
	switch {
	case z.neg != x.neg && z.neg:
		return -1
	case z.neg != x.neg:
		return 1
	case z.neg:
		return x.CmpAbs(z)
	}
	return z.CmpAbs(x)
}

// CmpAbs compares the magnitudes.
func (z *Int) CmpAbs(x *Int) int {
	if z.n != x.n {
		if z.n < x.n {
			return -1
		}
		return 1
	}
	for i := z.n - 1; i >= 0; i-- {
		if z.w[i] != x.w[i] {
			if z.w[i] < x.w[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// BitLen returns the number of bits of the magnitude.
func (z *Int) BitLen() int {
	if z.n == 0 {
		return 0
	}
	return 64*(z.n-1) + bits.Len64(z.w[z.n-1])
}

// Bit returns bit i of the magnitude.
func (z *Int) Bit(i int) uint64 {
	if i >= 64*Words {
		return 0
	}
	return z.w[i/64] >> (i % 64) & 1
}

// Bits returns the bits of the magnitude from at on, as many as width says, 192 at most: a limb.
func (z *Int) Bits(at, width int) (x felt.Felt) {
	i, s := at/64, uint(at%64)
	for k := 0; 64*k < width && i+k < z.n; k++ {
		x[k] = z.w[i+k] >> s
		if i+k+1 < Words {
			x[k] |= z.w[i+k+1] << 1 << (63 - s)
		}
	}
	for k := range x {
		switch rest := width - 64*k; {
		case rest <= 0:
			x[k] = 0
		case rest < 64:
			x[k] &= 1<<rest - 1
		}
	}
	return x
}

// Felt returns z modulo P.
func (z *Int) Felt() felt.Felt {
	var r Int
	if z.CmpAbs(&prime) < 0 {
		r = *z
		r.neg = false
	} else {
		new(Int).quoRem(z, &prime, &r)
	}
	x := felt.Felt{r.w[0], r.w[1], r.w[2], r.w[3]}
	if z.neg {
		x.Neg(&x)
	}
	return x
}

// prime is that of Starknet's field.
var prime = FromBig(felt.Modulus())
