package crypto

import (
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// r2 and r3 are 2^512 and 2^768 mod P as plain words. A Montgomery product divides by 2^256, so a
// product by r2 brings a canonical number into Montgomery form, and one by the plain word 1 brings
// it back.
var (
	r2 = fp.Element{0xfffffd737e000401, 0x1330fffff, 0xffffffffff6f8000, 0x7ffd4ab5e008810}
	r3 = new(fp.Element).Mul(&r2, &r2)
)

// enter returns x in Montgomery form.
func enter(x *felt.Felt) (z fp.Element) {
	z.Mul((*fp.Element)(x), &r2)
	return z
}

// leave returns x in canonical form.
func leave(x *fp.Element) felt.Felt { return felt.Felt(x.Bits()) }

// add, double and sub are the sums and differences of package felt, which hold in Montgomery form
// too. Those of gnark-crypto branch on whether to reduce, and that is guessed wrong every second time
// in the midst of a hash: 9 ns against 4.
func add(z, x, y *fp.Element) { (*felt.Felt)(z).Add((*felt.Felt)(x), (*felt.Felt)(y)) }

func double(z, x *fp.Element) { add(z, x, x) }

func sub(z, x, y *fp.Element) { (*felt.Felt)(z).Sub((*felt.Felt)(x), (*felt.Felt)(y)) }

// invert sets z to 1/x, or to 0 for 0. x and z are in Montgomery form.
func invert(z, x *fp.Element) {
	// The plain inverse of x*R is 1/(x*R), two factors R short of Montgomery form, and r3 has three
	// of which the product takes one.
	(*felt.Felt)(z).Inverse((*felt.Felt)(x))
	z.Mul(z, r3)
}

// invertAll replaces each of x by its inverse with the help of scratch, which is as long. It
// reports whether all of them had one; if not, x is spoilt.
func invertAll(x, scratch []fp.Element) bool {
	if len(x) == 0 {
		return true
	}
	acc := x[0]
	scratch[0] = acc
	for i := 1; i < len(x); i++ {
		acc.Mul(&acc, &x[i])
		scratch[i] = acc
	}
	if acc.IsZero() {
		return false
	}
	invert(&acc, &acc)
	for i := len(x) - 1; i > 0; i-- {
		scratch[i].Mul(&acc, &scratch[i-1])
		acc.Mul(&acc, &x[i])
		x[i] = scratch[i]
	}
	x[0] = acc
	return true
}
