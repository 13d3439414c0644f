package crypto

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/secp256r1"
	"github.com/consensys/gnark-crypto/ecc/secp256r1/fp"
	"github.com/consensys/gnark-crypto/ecc/secp256r1/fr"
)

// nist is the curve P-256 by gnark-crypto, whose point at infinity is (0, 0) too.
type nist struct{}

func (nist) modulus() *big.Int { return fp.Modulus() }

func (nist) order() *big.Int { return fr.Modulus() }

func (nist) onCurve(p *SecpPoint) bool {
	a := nistAffine(p)
	return a.IsOnCurve()
}

func (nist) solve(x *[4]uint64) (y [4]uint64, ok bool) {
	a, b := secp256r1.CurveCoefficients()
	m := nistElement(x)
	var r fp.Element
	r.Square(&m).Add(&r, &a).Mul(&r, &m).Add(&r, &b)
	if r.Sqrt(&r) == nil {
		return y, false
	}
	return r.Bits(), true
}

func (nist) add(p, q *SecpPoint) SecpPoint {
	a, b := nistAffine(p), nistAffine(q)
	a.Add(&a, &b)
	return SecpPoint{a.X.Bits(), a.Y.Bits()}
}

func (nist) mul(p *SecpPoint, k *big.Int) SecpPoint {
	a := nistAffine(p)
	a.ScalarMultiplication(&a, k)
	return SecpPoint{a.X.Bits(), a.Y.Bits()}
}

func nistAffine(p *SecpPoint) secp256r1.G1Affine {
	return secp256r1.G1Affine{X: nistElement(&p.X), Y: nistElement(&p.Y)}
}

// nistElement returns the number x, which is below the modulus, in Montgomery form.
func nistElement(x *[4]uint64) (z fp.Element) {
	b := bigEndian(x)
	z.SetBytes(b[:])
	return z
}
