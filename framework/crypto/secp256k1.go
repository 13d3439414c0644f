package crypto

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/secp256k1"
	"github.com/consensys/gnark-crypto/ecc/secp256k1/fp"
	"github.com/consensys/gnark-crypto/ecc/secp256k1/fr"
)

// koblitz is the curve y^2 = x^3 + 7 by gnark-crypto, whose point at infinity is (0, 0) too.
type koblitz struct{}

func (koblitz) modulus() *big.Int { return fp.Modulus() }

func (koblitz) order() *big.Int { return fr.Modulus() }

func (koblitz) onCurve(p *SecpPoint) bool {
	a := koblitzAffine(p)
	return a.IsOnCurve()
}

func (koblitz) solve(x *[4]uint64) (y [4]uint64, ok bool) {
	a, b := secp256k1.CurveCoefficients()
	m := koblitzElement(x)
	var r fp.Element
	r.Square(&m).Add(&r, &a).Mul(&r, &m).Add(&r, &b)
	if r.Sqrt(&r) == nil {
		return y, false
	}
	return r.Bits(), true
}

func (koblitz) add(p, q *SecpPoint) SecpPoint {
	a, b := koblitzAffine(p), koblitzAffine(q)
	a.Add(&a, &b)
	return SecpPoint{a.X.Bits(), a.Y.Bits()}
}

func (koblitz) mul(p *SecpPoint, k *big.Int) SecpPoint {
	a := koblitzAffine(p)
	a.ScalarMultiplication(&a, k)
	return SecpPoint{a.X.Bits(), a.Y.Bits()}
}

func koblitzAffine(p *SecpPoint) secp256k1.G1Affine {
	return secp256k1.G1Affine{X: koblitzElement(&p.X), Y: koblitzElement(&p.Y)}
}

// koblitzElement returns the number x, which is below the modulus, in Montgomery form.
func koblitzElement(x *[4]uint64) (z fp.Element) {
	b := bigEndian(x)
	z.SetBytes(b[:])
	return z
}
