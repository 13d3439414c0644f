package crypto

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// TestMatchRootless compares the short way of Verify with the plain one, on sums that are right,
// wrong, doublings and the point at infinity.
func TestMatchRootless(t *testing.T) {
	told := 0
	for u := range int64(8) {
		for v := int64(1); v < 8; v++ {
			for key := int64(1); key < 4; key++ {
				// base + v*Q and base - v*Q with Q = key*G.
				for _, at := range []int64{u + v*key, u - v*key, 99, u, v} {
					told += checkMatch(t, u, v, key, at)
				}
			}
		}
	}
	if told == 0 {
		t.Error("matchRootless never told")
	}
	// Multiples at which the last addition of a product is a doubling.
	for d := int64(1); d < 16; d += 2 {
		checkMatch(t, 5, -2*d, 3, 5-6*d)
		checkMatch(t, 5, -d, 3, 5-3*d)
	}
	base := multiplyBase(&felt.One)
	for x := range uint64(20) {
		public := felt.FromUint64(x)
		_, on := RecoverY(public)
		match, ok := matchRootless(nil, &base, &public, &felt.One, &generator.x)
		if !on && (match || !ok) {
			t.Errorf("matchRootless with no point at %d = %v, %v, want false, true", x, match, ok)
		}
	}
}

// checkMatch compares both ways for the sum u*G and v*Q at the x of at*G. It returns 1 if the short
// way could tell.
func checkMatch(t *testing.T, u, v, key, at int64) int {
	t.Helper()
	multiple := func(n int64) xyzz { k := modOrder(n); return multiplyBase(&k) }
	base, k := multiple(u), modOrder(v)
	public, err := PublicKey(modOrder(key))
	if err != nil {
		t.Fatal(err)
	}
	target := multiple(at)
	r := generator.x
	if !target.isInfinity() {
		p := target.affine()
		r = p.x
	}
	want := matchByRoot(&base, &public, &k, &r)
	got, ok := matchRootless(nil, &base, &public, &k, &r)
	if ok && got != want {
		t.Errorf("matchRootless(%d*G, %d*G, %d, x of %d*G) = %v, want %v", u, key, v, at, got, want)
	}
	if !ok {
		return 0
	}
	return 1
}

// modOrder returns n modulo the order of the curve.
func modOrder(n int64) (z felt.Felt) {
	if n >= 0 {
		return felt.FromUint64(uint64(n))
	}
	m := felt.FromUint64(uint64(-n))
	return *z.Sub(&Order, &m)
}
