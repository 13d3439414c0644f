package wide_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// random returns a number of at most that many bits: an even one, one near a power of two, or a small one.
func random(r *rand.Rand, width int) *big.Int {
	x := new(big.Int)
	if width > 1 {
		width = 1 + r.IntN(width)
	}
	switch r.IntN(4) {
	case 0:
		x.Lsh(big.NewInt(1), uint(width-1)) //nolint:gosec // not negative
		x.Sub(x, big.NewInt(int64(r.IntN(2))))
	case 1: // words of all ones and all zeros, for the rare branches of a division
		for x.BitLen() < width {
			x.Lsh(x, 64)
			x.Or(x, new(big.Int).SetUint64([]uint64{0, 1, 1 << 63, 1<<64 - 1, 1<<64 - 2}[r.IntN(5)]))
		}
		x.Rsh(x, uint(x.BitLen()-width)) //nolint:gosec // not negative
	default:
		for x.BitLen() < width {
			x.Lsh(x, 64)
			x.Or(x, new(big.Int).SetUint64(r.Uint64()))
		}
		x.Rsh(x, uint(x.BitLen()-width)) //nolint:gosec // not negative
	}
	return x
}

// signed is random with either sign.
func signed(r *rand.Rand, width int) *big.Int {
	x := random(r, width)
	if r.IntN(2) == 0 {
		x.Neg(x)
	}
	return x
}

// want fails unless got is want, and looks like it would if it were made from want, word for word.
func want(t *testing.T, name string, got *wide.Int, want *big.Int, operands ...*big.Int) {
	t.Helper()
	if *got != wide.FromBig(want) {
		t.Fatalf("%s of %v = %v, want %v", name, operands, got, want)
	}
}

// check compares all operations on two numbers with those of math/big.
func check(t *testing.T, x, y *big.Int, shift int) {
	t.Helper()
	a, b := wide.FromBig(x), wide.FromBig(y)
	z := a // to be overwritten
	want(t, "sum", z.Add(&a, &b), new(big.Int).Add(x, y), x, y)
	want(t, "difference", z.Sub(&a, &b), new(big.Int).Sub(x, y), x, y)
	z = a
	want(t, "difference in place", z.Sub(&z, &b), new(big.Int).Sub(x, y), x, y)
	z = b
	want(t, "sum in place", z.Add(&a, &z), new(big.Int).Add(x, y), x, y)
	want(t, "negative", z.Neg(&a), new(big.Int).Neg(x), x)
	want(t, "magnitude", z.Abs(&a), new(big.Int).Abs(x), x)
	if x.BitLen()+y.BitLen() <= 64*wide.Words-64 {
		want(t, "product", z.Mul(&a, &b), new(big.Int).Mul(x, y), x, y)
	}
	if x.BitLen()+shift <= 64*wide.Words {
		want(t, "left shift", z.Lsh(&a, shift), new(big.Int).Lsh(x, uint(shift)), x) //nolint:gosec // not negative
	}
	half := new(big.Int).Rsh(new(big.Int).Abs(x), uint(shift)) //nolint:gosec // not negative
	if x.Sign() < 0 {
		half.Neg(half)
	}
	want(t, "right shift", z.Rsh(&a, shift), half, x)
	if a.Cmp(&b) != x.Cmp(y) || a.CmpAbs(&b) != x.CmpAbs(y) || a.Sign() != x.Sign() || a.BitLen() != x.BitLen() ||
		a.String() != x.String() || a.Big().Cmp(x) != 0 || a.IsOne() != (x.Cmp(big.NewInt(1)) == 0) {
		t.Fatalf("%v and %v compare wrongly", x, y)
	}
	if got, want := a.Felt(), *new(felt.Felt).SetBig(x); got != want {
		t.Fatalf("%v is the felt %v, want %v", x, got, want)
	}
	for _, width := range []int{1, 64, 86, 96, 128, 192} {
		limb := new(big.Int).Rsh(new(big.Int).Abs(x), uint(shift)) //nolint:gosec // not negative
		limb.And(limb, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(width)), big.NewInt(1)))
		if got := a.Bits(shift, width); got != *new(felt.Felt).SetBig(limb) {
			t.Fatalf("%d bits of %x from %d on: %v", width, x, shift, got)
		}
	}
	if y.Sign() != 0 {
		checkDivision(t, x, y)
	}
	checkEuclid(t, x, y)
}

func checkDivision(t *testing.T, x, y *big.Int) {
	t.Helper()
	a, b := wide.FromBig(x), wide.FromBig(y)
	var z, r wide.Int
	q, m := new(big.Int).QuoRem(x, y, new(big.Int))
	z.QuoRem(&a, &b, &r)
	want(t, "quotient", &z, q, x, y)
	want(t, "remainder", &r, m, x, y)
	if m.Sign() != 0 && (m.Sign() < 0) != (y.Sign() < 0) {
		q.Sub(q, big.NewInt(1))
		m.Add(m, y)
	}
	z, r = a, b
	z.DivMod(&z, &r, &r)
	want(t, "rounded quotient", &z, q, x, y)
	want(t, "modulus", &r, m, x, y)
	want(t, "modulus", z.Mod(&a, &b), m, x, y)
	if x.Sign() >= 0 {
		want(t, "square root", z.Sqrt(&a), new(big.Int).Sqrt(x), x)
	}
}

// checkEuclid compares with Euclid's algorithm step by step.
func checkEuclid(t *testing.T, x, y *big.Int) {
	t.Helper()
	x, y = new(big.Int).Abs(x), new(big.Int).Abs(y)
	a, b := wide.FromBig(x), wide.FromBig(y)
	u, v, p, q := big.NewInt(1), new(big.Int), x, y
	for q.Sign() != 0 {
		k, rest := new(big.Int).QuoRem(p, q, new(big.Int))
		u, v = v, new(big.Int).Sub(u, k.Mul(k, v))
		p, q = q, rest
	}
	var z, g wide.Int
	z.Bezout(&a, &b, &g)
	want(t, "cofactor", &z, u, x, y)
	want(t, "divisor", &g, p, x, y)
	inverse := new(big.Int)
	exists := y.Sign() != 0 && inverse.ModInverse(x, y) != nil
	if ok := z.Inverse(&a, &b); ok != exists {
		t.Fatalf("%v has an inverse modulo %v: %v", x, y, ok)
	}
	if exists {
		want(t, "inverse", &z, inverse, x, y)
	}
}

// checkPowers compares powers and roots modulo m, which is above 0.
func checkPowers(t *testing.T, x, e, m *big.Int) {
	t.Helper()
	a, b, p := wide.FromBig(x), wide.FromBig(e), wide.FromBig(m)
	var z wide.Int
	if !z.Exp(&a, &b, &p, nil) {
		t.Fatal("stopped by nobody")
	}
	want(t, "power", &z, new(big.Int).Exp(new(big.Int).Mod(x, m), e, m), x, e, m)
	prime, _ := p.Prime(nil)
	if prime != m.ProbablyPrime(1) {
		t.Fatalf("%v is a prime: %v", m, prime)
	}
	if !prime || m.Bit(0) == 0 {
		return
	}
	square, _ := a.IsSquare(&p, nil)
	root := new(big.Int).ModSqrt(new(big.Int).Mod(x, m), m)
	if square != (root != nil) {
		t.Fatalf("%v is a square modulo %v: %v", x, m, square)
	}
	if square {
		z.SqrtMod(&a, &p, nil)
		if other := new(big.Int).Sub(m, root); root.Sign() != 0 && other.Cmp(root) < 0 {
			root = other
		}
		want(t, "root", &z, root, x, m)
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3_000 {
		check(t, signed(r, 1080), signed(r, 540), r.IntN(300))
	}
}

// moduli are primes that hints know, one of 384 bits, ones with many roots of unity, small ones, and numbers that are none.
var moduli = []string{
	"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
	"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
	"73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
	"1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
	"800000000000011000000000000000000000000000000000000000000000001",
	"ffffffffffffffc5", "10001", "3", "5", "7", "d", "11", "2", "1", "9", "2047", "c8ba7f", "fffffffffffffffffffffffffffffffe",
}

func TestPowers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, hex := range moduli {
		m, _ := new(big.Int).SetString(hex, 16)
		if constant := wide.MustHex(hex); constant.Big().Cmp(m) != 0 {
			t.Errorf("MustHex(%s) = %v", hex, constant)
		}
		for range 12 {
			checkPowers(t, signed(r, 540), random(r, 400), m)
		}
	}
	for range 1_000 {
		m := random(r, 1+r.IntN(200))
		checkPowers(t, signed(r, 540), random(r, 100), m.Add(m, big.NewInt(1)))
	}
}

// TestSmallPrimes compares all numbers up to some limit, and the first numbers that one half of the test takes for primes.
func TestSmallPrimes(t *testing.T) {
	t.Parallel()
	for n := range uint64(20_000) {
		x := wide.FromUint64(n)
		if prime, ok := x.Prime(nil); !ok || prime != new(big.Int).SetUint64(n).ProbablyPrime(0) {
			t.Errorf("%d is a prime: %v", n, prime)
		}
	}
}

// TestStops gives up at one question after the other.
func TestStops(t *testing.T) {
	t.Parallel()
	p, x := wide.MustHex(moduli[5]), wide.FromUint64(4)
	q := wide.MustHex(moduli[18])
	for name, f := range map[string]func(func() bool) bool{
		"power":      func(stop func() bool) bool { return new(wide.Int).Exp(&p, &q, &p, stop) },
		"even power": func(stop func() bool) bool { return new(wide.Int).Exp(&p, &p, &q, stop) },
		"prime":      func(stop func() bool) bool { _, ok := p.Prime(stop); return ok },
		"square":     func(stop func() bool) bool { _, ok := x.IsSquare(&p, stop); return ok },
		"root":       func(stop func() bool) bool { return new(wide.Int).SqrtMod(&x, &p, stop) },
	} {
		all := 0
		if !f(func() bool { all++; return false }) || all < 2 {
			t.Errorf("%s: asked %d times", name, all)
		}
		for k := 1; k <= all; k++ {
			asked := 0
			if f(func() bool { asked++; return asked == k }) || asked != k {
				t.Errorf("%s: went on after question %d of %d", name, k, all)
			}
		}
	}
}

func FuzzOperations(f *testing.F) {
	f.Add([]byte{1}, []byte{255, 255, 255, 255, 255, 255, 255, 255, 0}, 3, true)
	f.Add([]byte("some number of several words, long"), []byte("and another one of three words.."), 70, false)
	f.Fuzz(func(t *testing.T, a, b []byte, shift int, negative bool) {
		if len(a) > 1080/8 || len(b) > 540/8 || shift < 0 || shift > 1000 {
			return
		}
		x, y := new(big.Int).SetBytes(a), new(big.Int).SetBytes(b)
		if negative {
			x.Neg(x)
		}
		check(t, x, y, shift)
		check(t, y, x, shift)
		if y.Sign() > 0 && y.BitLen() <= 256 {
			checkPowers(t, x, new(big.Int).SetUint64(uint64(shift)), y) //nolint:gosec // not negative
		}
	})
}

func BenchmarkInverse(b *testing.B) {
	p, x := wide.MustHex(moduli[0]), wide.MustHex(moduli[3])
	b.ReportAllocs()
	for b.Loop() {
		var z wide.Int
		z.Inverse(&x, &p)
	}
}

func BenchmarkMod(b *testing.B) {
	p, x := wide.MustHex(moduli[0]), wide.MustHex(moduli[3])
	x.Mul(&x, &x)
	b.ReportAllocs()
	for b.Loop() {
		var z wide.Int
		z.Mod(&x, &p)
	}
}

func BenchmarkExp(b *testing.B) {
	for _, i := range []int{0, 4} {
		p, x := wide.MustHex(moduli[i]), wide.MustHex(moduli[3])
		b.Run(map[int]string{0: "bits=256", 4: "bits=384"}[i], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var z wide.Int
				z.Exp(&x, &p, &p, nil)
			}
		})
	}
}
