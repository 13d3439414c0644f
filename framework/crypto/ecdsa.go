package crypto

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fr"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Signature is an ECDSA signature on the Stark curve.
type Signature struct {
	R, S felt.Felt
	// Odd tells which of the two points at R was met in signing. Only Recover reads it.
	Odd bool
}

// limit251 bounds messages and both parts of a signature, as the ecdsa builtin demands.
var limit251 = felt.Felt{0, 0, 0, 1 << 59}

// Verify reports whether s is a signature of message by the key whose public point has the x
// coordinate public; either of its y will do. message, S, R and 1/S modulo Order have to be below
// 2^251, and the latter three not 0. It is the rule of the ecdsa builtin; see
// https://github.com/starkware-libs/cairo-lang, src/starkware/crypto/signature/signature.py.
func Verify(public, message felt.Felt, s Signature) bool {
	match, _ := VerifyUntil(nil, public, message, s)
	return match
}

// VerifyUntil is Verify for those who may lose interest: it asks stop every few microseconds, and returns ErrStopped soon after
// stop has returned true. A nil stop is not asked.
func VerifyUntil(stop func() bool, public, message felt.Felt, s Signature) (match bool, err error) {
	w, ok := inverseOfS(&message, &s)
	if !ok {
		return false, nil
	}
	u, v := scale(&message, &w), scale(&s.R, &w)
	base, r := multiplyBase(&u), enter(&s.R)
	asked := stopper{ask: stop}
	if asked.now() {
		return false, ErrStopped
	}
	match, ok = matchRootless(&asked, &base, &public, &v, &r)
	if asked.now() {
		return false, ErrStopped
	}
	if !ok { // only signatures that were made to come here do
		match = matchByRoot(&base, &public, &v, &r)
	}
	return match, nil
}

// matchByRoot reports whether r is the x coordinate of base + v*Q or base - v*Q, where Q is a point
// at public.
func matchByRoot(base *xyzz, public, v *felt.Felt, r *fp.Element) bool {
	y, ok := RecoverY(*public)
	if !ok {
		return false
	}
	q := (&Point{*public, y}).affine()
	sum := multiply(&q, v)
	difference := sum
	difference.y.Neg(&difference.y)
	sum.add(base)
	difference.add(base)
	return sum.hasX(r) || difference.hasX(r)
}

// matchRootless is matchByRoot without the root that the y of Q takes, which is dear in this field. ok
// is false if it cannot tell.
//
// Let c = y^2. The points (x, y) of the curve are the points (c*x, c*sqrt(c)*y) of another one, with
// c^2 as the coefficient of x, on which Q is (c*public, c^2) and so known. With v*Q = (X, Y) there and
// base = (x, y) here, r belongs to the sum or the difference if and only if, cleared of c,
//
//	N = (c*(r+x) + X) * (c*x - X)^2 - c^3*y^2 - Y^2 has N^2 = 4 * c^3 * y^2 * Y^2
//
// as the formula for the x of a sum says of the squares of both sides.
func matchRootless(s *stopper, base *xyzz, public, v *felt.Felt, r *fp.Element) (match, ok bool) {
	x := enter(public)
	c := curveRHS(&x)
	if c.Legendre() != 1 || s.now() {
		return false, true
	}
	var c2, c3 fp.Element
	c2.Square(&c)
	c3.Mul(&c2, &c)
	q := affine{y: c2}
	q.x.Mul(&c, &x)
	both := [2]xyzz{*base, multiplyOn(s, &q, v, &c2)}
	if both[0].isInfinity() || both[1].isInfinity() {
		return false, false
	}
	var p [2]affine
	var scratch [4]fp.Element
	toAffine(p[:], both[:], scratch[:])
	var n, d, yy, t fp.Element
	d.Mul(&c, &p[0].x)
	sub(&d, &d, &p[1].x)
	if d.IsZero() {
		return false, false
	}
	add(&n, r, &p[0].x)
	n.Mul(&n, &c)
	add(&n, &n, &p[1].x)
	n.Mul(&n, d.Square(&d))
	yy.Square(&p[0].y)
	yy.Mul(&yy, &c3)
	sub(&n, &n, &yy)
	t.Square(&p[1].y)
	sub(&n, &n, &t)
	t.Mul(&t, &yy)
	double(&t, &t)
	double(&t, &t)
	return *n.Square(&n) == t, true
}

// inverseOfS returns 1/S modulo Order, and whether s and message are in range.
func inverseOfS(message *felt.Felt, s *Signature) (w fr.Element, ok bool) {
	if !message.Less(&limit251) || !s.R.Less(&limit251) || !s.S.Less(&limit251) || s.R.IsZero() || s.S.IsZero() {
		return w, false
	}
	w = scalar(&s.S)
	w.Inverse(&w)
	plain := felt.Felt(w.Bits())
	return w, plain.Less(&limit251)
}

// scalar returns x modulo Order.
func scalar(x *felt.Felt) (z fr.Element) {
	b := x.Bytes()
	z.SetBytes(b[:])
	return z
}

// scale returns x*w modulo Order as an integer.
func scale(x *felt.Felt, w *fr.Element) felt.Felt {
	z := scalar(x)
	z.Mul(&z, w)
	return z.Bits()
}

// Recover returns the x coordinate of the public key that made s for message. It returns
// ErrSignature if none can have done so.
func Recover(message felt.Felt, s Signature) (felt.Felt, error) {
	if _, ok := inverseOfS(&message, &s); !ok {
		return felt.Felt{}, ErrSignature
	}
	y, ok := RecoverY(s.R)
	if !ok {
		return felt.Felt{}, ErrSignature
	}
	if (y[0]&1 == 1) != s.Odd {
		y.Neg(&y)
	}
	// The key is (s*R - message*G) / r.
	inv := scalar(&s.R)
	inv.Inverse(&inv)
	minus := inv
	minus.Neg(&minus)
	u, v := scale(&message, &minus), scale(&s.S, &inv)
	p := (&Point{s.R, y}).affine()
	sum, base := multiply(&p, &v), multiplyBase(&u)
	sum.add(&base)
	key, err := sum.point()
	if err != nil {
		return felt.Felt{}, ErrSignature
	}
	return key.X, nil
}

// PublicKey returns the x coordinate of the public point of a private key, which has to be in
// [1, Order), or else ErrKey.
func PublicKey(private felt.Felt) (felt.Felt, error) {
	if private.IsZero() || !private.Less(&Order) {
		return felt.Felt{}, ErrKey
	}
	p, err := MulGenerator(private)
	return p.X, err
}

// Sign returns the signature of message, which is below 2^251 (or ErrMessage), by the private key,
// which is in [1, Order) (or ErrKey). The same arguments give the same signature: the nonce is that
// of RFC 6979 with SHA-256, the next one where the builtin would refuse the outcome. It does not run
// in constant time; don't use it for keys that guard anything.
func Sign(private, message felt.Felt) (Signature, error) {
	if private.IsZero() || !private.Less(&Order) {
		return Signature{}, ErrKey
	}
	if !message.Less(&limit251) {
		return Signature{}, ErrMessage
	}
	key, msg := scalar(&private), scalar(&message)
	nonces := newNonces(&private, &message)
	for {
		k := nonces.next()
		p, err := MulGenerator(k)
		if err != nil {
			return Signature{}, err
		}
		// s = (message + r*key) / k
		sum, inv := scalar(&p.X), scalar(&k)
		sum.Mul(&sum, &key).Add(&sum, &msg)
		sum.Mul(&sum, inv.Inverse(&inv))
		s := Signature{R: p.X, S: sum.Bits(), Odd: p.Y[0]&1 == 1}
		if _, ok := inverseOfS(&message, &s); ok {
			return s, nil
		}
	}
}

// nonces is the generator of RFC 6979, 3.2.
type nonces struct{ k, v [sha256.Size]byte }

func newNonces(private, message *felt.Felt) *nonces {
	n := new(nonces)
	for i := range n.v {
		n.v[i] = 1
	}
	key := private.Bytes()
	reduced := scalar(message)
	plain := felt.Felt(reduced.Bits())
	msg := plain.Bytes()
	for _, sep := range []byte{0, 1} {
		n.k = n.mac(n.v[:], []byte{sep}, key[:], msg[:])
		n.v = n.mac(n.v[:])
	}
	return n
}

// next returns the next nonce, in [1, Order).
func (n *nonces) next() felt.Felt {
	for {
		n.v = n.mac(n.v[:])
		// The first 252 bits are the number.
		var x felt.Felt
		c := byte(0)
		var b [felt.Size]byte
		for i := range n.v {
			b[i] = c<<4 | n.v[i]>>4
			c = n.v[i]
		}
		if err := x.SetBytes(b[:]); err == nil && !x.IsZero() && x.Less(&Order) {
			return x
		}
		n.k = n.mac(n.v[:], []byte{0})
		n.v = n.mac(n.v[:])
	}
}

func (n *nonces) mac(parts ...[]byte) (sum [sha256.Size]byte) {
	m := hmac.New(sha256.New, n.k[:])
	for _, p := range parts {
		_, _ = m.Write(p)
	}
	m.Sum(sum[:0])
	return sum
}
