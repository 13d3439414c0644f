package felt_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// binary are the operations of two felts with their references.
var binary = []struct {
	name string
	op   func(z, x, y *felt.Felt) *felt.Felt
	ref  func(x, y *big.Int) *big.Int
}{
	{"Add", (*felt.Felt).Add, func(x, y *big.Int) *big.Int { return x.Add(x, y) }},
	{"Sub", (*felt.Felt).Sub, func(x, y *big.Int) *big.Int { return x.Sub(x, y) }},
	{"Mul", (*felt.Felt).Mul, func(x, y *big.Int) *big.Int { return x.Mul(x, y) }},
	{"Div", (*felt.Felt).Div, func(x, y *big.Int) *big.Int { return x.Mul(x, refInverse(y)) }},
}

// unary are the operations of one felt with their references.
var unary = []struct {
	name string
	op   func(z, x *felt.Felt) *felt.Felt
	ref  func(x *big.Int) *big.Int
}{
	{"Neg", (*felt.Felt).Neg, func(x *big.Int) *big.Int { return x.Neg(x) }},
	{"Double", (*felt.Felt).Double, func(x *big.Int) *big.Int { return x.Add(x, x) }},
	{"Square", (*felt.Felt).Square, func(x *big.Int) *big.Int { return x.Mul(x, x) }},
	{"Inverse", (*felt.Felt).Inverse, refInverse},
}

func refInverse(x *big.Int) *big.Int {
	if x.Sign() == 0 {
		return new(big.Int)
	}
	return new(big.Int).ModInverse(x, p)
}

// checkArithmetic compares every operation on x and y with its reference, with the result in a
// variable of its own and in place of each operand.
func checkArithmetic(t *testing.T, x, y felt.Felt) {
	t.Helper()
	for _, c := range binary {
		want := mod(c.ref(ref(x), ref(y)))
		var z felt.Felt
		inX, inY := x, y
		if c.op(&z, &x, &y) != &z || z != want {
			t.Fatalf("%s(%v, %v) = %v, want %v", c.name, x, y, z, want)
		}
		if c.op(&inX, &inX, &y); inX != want {
			t.Fatalf("%s(%v, %v) into the first = %v, want %v", c.name, x, y, inX, want)
		}
		if c.op(&inY, &x, &inY); inY != want {
			t.Fatalf("%s(%v, %v) into the second = %v, want %v", c.name, x, y, inY, want)
		}
	}
	for _, c := range unary {
		want := mod(c.ref(ref(x)))
		var z felt.Felt
		inX := x
		if c.op(&z, &x) != &z || z != want {
			t.Fatalf("%s(%v) = %v, want %v", c.name, x, z, want)
		}
		if c.op(&inX, &inX); inX != want {
			t.Fatalf("%s(%v) in place = %v, want %v", c.name, x, inX, want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	pairs(func(x, y felt.Felt) { checkArithmetic(t, x, y) })
}

func FuzzArithmetic(f *testing.F) {
	f.Add(uint64(0), uint64(0), uint64(0), uint64(1<<59+17), uint64(1), uint64(0), uint64(0), uint64(1<<59))
	f.Add(uint64(3), uint64(0), uint64(0), uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), uint64(1<<59-1))
	f.Fuzz(func(t *testing.T, x0, x1, x2, x3, y0, y1, y2, y3 uint64) {
		x, y := felt.Felt{x0, x1, x2, x3}, felt.Felt{y0, y1, y2, y3}
		checkArithmetic(t, mod(ref(x)), mod(ref(y)))
	})
}

// TestInverse/Crafted meets quotients of every length at every place of Euclid's algorithm,
// which random numbers don't.
func TestInverse(t *testing.T) {
	t.Run("Zero", func(t *testing.T) {
		z := felt.One
		if z.Inverse(&felt.Felt{}); !z.IsZero() {
			t.Errorf("Inverse(0) = %v, want 0", z)
		}
	})
	t.Run("Crafted", func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 5_000 {
			// P = q*x + r for a wanted q, then the same for x and r, ...
			a, b := new(big.Int).Set(p), new(big.Int).Set(p)
			for range 1 + r.IntN(3) {
				q := new(big.Int).Lsh(big.NewInt(1), uint(1+r.IntN(130)))
				q.Sub(q, big.NewInt(int64(r.IntN(3))))
				b.Div(a, q.Add(q, big.NewInt(1)))
				a, b = b, a
			}
			x := mod(a)
			var z felt.Felt
			if got, want := *z.Inverse(&x), mod(refInverse(ref(x))); got != want {
				t.Fatalf("Inverse(%v) = %v, want %v", x, got, want)
			}
		}
	})
	t.Run("Small", func(t *testing.T) {
		for i := range uint64(5_000) {
			x := felt.FromUint64(i)
			var z felt.Felt
			if got, want := *z.Inverse(&x), mod(refInverse(ref(x))); got != want {
				t.Fatalf("Inverse(%v) = %v, want %v", x, got, want)
			}
		}
	})
}

func TestBatchInverse(t *testing.T) {
	src := append(edges(), felt.Felt{}, felt.One, felt.Felt{})
	for _, n := range []int{0, 1, 2, 3, 8, len(src)} {
		want := make([]felt.Felt, n)
		for i := range want {
			want[i].Inverse(&src[i])
		}
		got := make([]felt.Felt, n)
		felt.BatchInverse(got, src[:n])
		same := append([]felt.Felt(nil), src[:n]...)
		felt.BatchInverse(same, same)
		for i := range want {
			if got[i] != want[i] || same[i] != want[i] {
				t.Fatalf("BatchInverse[%d] of %v = %v, in place %v, want %v", i, src[i], got[i], same[i], want[i])
			}
		}
	}
}

func TestExp(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	all := edges()
	for range 300 {
		x, e := all[r.IntN(len(all))], random(r)
		var z felt.Felt
		if got, want := *z.Exp(&x, &e), mod(new(big.Int).Exp(ref(x), ref(e), p)); got != want {
			t.Fatalf("Exp(%v, %v) = %v, want %v", x, e, got, want)
		}
		z = x
		if got, want := *z.Exp(&z, &z), mod(new(big.Int).Exp(ref(x), ref(x), p)); got != want {
			t.Fatalf("Exp(%v, %v) in place = %v, want %v", x, x, got, want)
		}
	}
	var z felt.Felt
	if z.Exp(&felt.Felt{}, &felt.Felt{}); !z.IsOne() {
		t.Errorf("Exp(0, 0) = %v, want 1", z)
	}
}
