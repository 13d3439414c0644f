package felt_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

var p = felt.Modulus()

// ref is the reference: the felt as a big integer, read off its words.
func ref(x felt.Felt) *big.Int {
	r := new(big.Int)
	for i := 3; i >= 0; i-- {
		r.Lsh(r, 64).Or(r, new(big.Int).SetUint64(x[i]))
	}
	return r
}

// mod returns x mod P as a felt, made without the package.
func mod(x *big.Int) (z felt.Felt) {
	r := new(big.Int).Mod(x, p)
	word := new(big.Int).SetUint64(^uint64(0))
	for i := range z {
		z[i] = new(big.Int).And(r, word).Uint64()
		r.Rsh(r, 64)
	}
	return z
}

// edges are the numbers next to every border in the arithmetic, and their negatives.
func edges() (out []felt.Felt) {
	one := big.NewInt(1)
	add := func(x *big.Int) {
		for d := int64(-1); d <= 1; d++ {
			y := new(big.Int).Add(x, big.NewInt(d))
			out = append(out, mod(y), mod(y.Neg(y)))
		}
	}
	add(new(big.Int))
	for _, s := range []uint{8, 31, 32, 59, 63, 64, 96, 127, 128, 187, 191, 192, 193, 196, 223, 248, 249, 250, 251} {
		add(new(big.Int).Lsh(one, s))
	}
	add(new(big.Int).Rsh(p, 1))
	add(new(big.Int).Div(p, big.NewInt(3)))
	add(new(big.Int).Sqrt(p))
	add(new(big.Int).Lsh(big.NewInt(17), 192))
	return out
}

// random returns a felt whose length is random too, so that short numbers and long runs of
// equal bits occur.
func random(r *rand.Rand) felt.Felt {
	x := felt.Felt{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()}
	v := ref(x)
	v.Rsh(v, uint(r.IntN(256)))
	if r.IntN(4) == 0 {
		v.Neg(v)
	}
	return mod(v)
}

// pairs calls f with every pair of edges and with random pairs from a fixed seed.
func pairs(f func(x, y felt.Felt)) {
	all := edges()
	for _, x := range all {
		for _, y := range all {
			f(x, y)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		f(random(r), random(r))
	}
}

func TestPredicates(t *testing.T) {
	pairs(func(x, y felt.Felt) {
		a, b := ref(x), ref(y)
		if got, want := x.Cmp(&y), a.Cmp(b); got != want {
			t.Fatalf("%v.Cmp(%v) = %v, want %v", x, y, got, want)
		}
		if got, want := x.Less(&y), a.Cmp(b) < 0; got != want {
			t.Fatalf("%v.Less(%v) = %v, want %v", x, y, got, want)
		}
		if got, want := x.Equal(&y), a.Cmp(b) == 0; got != want {
			t.Fatalf("%v.Equal(%v) = %v, want %v", x, y, got, want)
		}
		got := [6]bool{x.IsZero(), x.IsOne(), x.IsUint64(), x.IsUint128(), x.Valid(), x.Uint64() == a.Uint64()}
		want := [6]bool{a.Sign() == 0, a.Cmp(big.NewInt(1)) == 0, a.BitLen() <= 64, a.BitLen() <= 128, true, true}
		if got != want {
			t.Fatalf("predicates of %v = %v, want %v", x, got, want)
		}
		if got, want := x.BitLen(), a.BitLen(); got != want {
			t.Fatalf("%v.BitLen() = %v, want %v", x, got, want)
		}
		i := uint(y[0] % 300)
		if got, want := x.Bit(i), uint64(a.Bit(int(i))); got != want {
			t.Fatalf("%v.Bit(%v) = %v, want %v", x, i, got, want)
		}
	})
}

func TestValid(t *testing.T) {
	top := uint64(1<<59 + 17)
	for _, c := range []struct {
		x    felt.Felt
		want bool
	}{
		{felt.Felt{}, true},
		{felt.Felt{0, 0, 0, top}, true}, // P-1
		{felt.Felt{1, 0, 0, top}, false},
		{felt.Felt{0, 1, 0, top}, false},
		{felt.Felt{0, 0, 1, top}, false},
		{felt.Felt{0, 0, 0, top + 1}, false},
		{felt.Felt{^uint64(0), ^uint64(0), ^uint64(0), top - 1}, true},
	} {
		if got := c.x.Valid(); got != c.want {
			t.Errorf("Valid(%x) = %v, want %v", c.x, got, c.want)
		}
	}
}

func TestModulusBelongsToCaller(t *testing.T) {
	felt.Modulus().SetInt64(7)
	want, _ := new(big.Int).SetString("800000000000011000000000000000000000000000000000000000000000001", 16)
	if got := felt.Modulus(); got.Cmp(want) != 0 {
		t.Errorf("Modulus() = %x, want %x", got, want)
	}
}

func TestSetters(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 1<<63 - 1, -1 << 63, 42, -42} {
		var z felt.Felt
		if got, want := *z.SetInt64(v), mod(big.NewInt(v)); got != want {
			t.Errorf("SetInt64(%v) = %v, want %v", v, got, want)
		}
	}
	var z felt.Felt
	if got, want := *z.SetUint64(1<<64 - 1), felt.FromUint64(1<<64-1); got != want {
		t.Errorf("SetUint64(2^64-1) = %v, want %v", got, want)
	}
	if !z.SetOne().IsOne() || !z.SetZero().IsZero() || *z.Set(&felt.One) != felt.One {
		t.Errorf("SetOne, SetZero or Set doesn't")
	}
}
