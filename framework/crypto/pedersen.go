package crypto

import (
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Pedersen returns the Pedersen hash of a and b: the x coordinate of
//
//	P0 + aLow*P1 + aHigh*P2 + bLow*P3 + bHigh*P4
//
// where low is the lowest 248 bits of a felt and high the four above. See
// https://docs.starknet.io/architecture-and-concepts/cryptography/#pedersen-hash.
func (h *Hasher) Pedersen(a, b felt.Felt) felt.Felt {
	t := h.table
	var acc xyzz
	acc.set(t.entry(0, &a))
	if !t.addDigits(&acc, 0, 1, &a) || !t.addDigits(&acc, 1, 0, &b) {
		return t.hashAnyway(&a, &b)
	}
	var inv fp.Element
	invert(&inv, &acc.zz)
	inv.Mul(&inv, &acc.x)
	return leave(&inv)
}

// addDigits adds the points of the digits of x, the input of a side, from digit i on. The digits that are 0 from some one on, most
// of them in a small number, are one addition together. It reports false if the sum met a point with its x.
func (t *pedersenTable) addDigits(acc *xyzz, side, i int, x *felt.Felt) bool {
	n := max(i, (x.BitLen()+t.window-1)/t.window)
	for ; i < n; i++ {
		if !acc.addDistinct(t.entry(side*t.digits+i, x)) {
			return false
		}
	}
	return n == t.digits || acc.addDistinct(&t.zeros[side][n])
}

// hashAnyway is the hash of a and b by formulas that hold for any points. The others don't hold
// where a sum meets a point with its x, which would take a known relation between the constants.
func (t *pedersenTable) hashAnyway(a, b *felt.Felt) felt.Felt {
	var acc xyzz
	for i := range 2 * t.digits {
		x := a
		if i >= t.digits {
			x = b
		}
		acc.addAffine(t.entry(i, x))
	}
	p := acc.affine()
	return leave(&p.x)
}

// PedersenChain returns the hash of a sequence: h = 0, then h = Pedersen(h, x) for each x of xs,
// then Pedersen(h, len(xs)).
func (h *Hasher) PedersenChain(xs ...felt.Felt) felt.Felt {
	var acc felt.Felt
	for i := range xs {
		acc = h.Pedersen(acc, xs[i])
	}
	return h.Pedersen(acc, felt.FromUint64(uint64(len(xs))))
}
