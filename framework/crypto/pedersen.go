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
	for i := 1; i < 2*t.digits; i++ {
		x := &a
		if i >= t.digits {
			x = &b
		}
		if !acc.addDistinct(t.entry(i, x)) {
			return t.hashAnyway(&a, &b)
		}
	}
	var inv fp.Element
	invert(&inv, &acc.zz)
	inv.Mul(&inv, &acc.x)
	return leave(&inv)
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
