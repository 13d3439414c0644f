package felt_test

import (
	"math/big"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// checkSqrt compares Sqrt and Legendre of x with math/big.
func checkSqrt(t *testing.T, x felt.Felt) {
	t.Helper()
	if got, want := x.Legendre(), big.Jacobi(ref(x), p); got != want {
		t.Fatalf("Legendre(%v) = %v, want %v", x, got, want)
	}
	z := felt.FromUint64(99)
	root := z.Sqrt(&x)
	if x.Legendre() < 0 {
		if root != nil || z != felt.FromUint64(99) {
			t.Fatalf("Sqrt(%v) = %v and set %v, want nil", x, root, z)
		}
		return
	}
	if root != &z {
		t.Fatalf("Sqrt(%v) = %v, want a root", x, root)
	}
	var square, other felt.Felt
	if square.Square(&z); square != x {
		t.Fatalf("Sqrt(%v) = %v, with square %v", x, z, square)
	}
	if other.Neg(&z); other.Less(&z) {
		t.Fatalf("Sqrt(%v) = %v, want the smaller root %v", x, z, other)
	}
}

func TestSqrt(t *testing.T) {
	for _, x := range edges() {
		checkSqrt(t, x)
		checkSqrt(t, *new(felt.Felt).Square(&x))
	}
	// Elements of the small groups, where most digits of the logarithm are 0.
	g := felt.FromUint64(3)
	g.Exp(&g, &felt.Felt{1<<59 + 17})
	for range 193 {
		checkSqrt(t, g)
		g.Square(&g)
	}
}

func FuzzSqrt(f *testing.F) {
	f.Add(uint64(4), uint64(0), uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, x0, x1, x2, x3 uint64) { checkSqrt(t, mod(ref(felt.Felt{x0, x1, x2, x3}))) })
}
