package felt_test

import (
	"math/big"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// checkIntegers compares the views of x and y as integers with math/big.
func checkIntegers(t *testing.T, x, y felt.Felt) {
	t.Helper()
	signed := ref(x)
	if new(big.Int).Lsh(signed, 1).Cmp(p) > 0 {
		signed.Sub(signed, p)
	}
	m, negative := x.Signed()
	if negative != (signed.Sign() < 0) || m != mod(new(big.Int).Abs(signed)) {
		t.Fatalf("Signed(%v) = %v, %v, want %v", x, m, negative, signed)
	}
	v, ok := x.Int64()
	if ok != signed.IsInt64() || ok && v != signed.Int64() {
		t.Fatalf("Int64(%v) = %v, %v, want %v", x, v, ok, signed)
	}
	sum, ok := x.AddOffset(y[0])
	wantSum := new(big.Int).Add(signed, new(big.Int).SetUint64(y[0]))
	if ok != wantSum.IsUint64() || ok && sum != wantSum.Uint64() {
		t.Fatalf("AddOffset(%v, %v) = %v, %v, want %v", x, y[0], sum, ok, wantSum)
	}
	low, high := x.Split128()
	if got := new(big.Int).Add(ref(low), new(big.Int).Lsh(ref(high), 128)); got.Cmp(ref(x)) != 0 || !low.IsUint128() {
		t.Fatalf("Split128(%v) = %v, %v", x, low, high)
	}
	if y.IsZero() {
		return
	}
	wantQuo, wantRem := new(big.Int).QuoRem(ref(x), ref(y), new(big.Int))
	var q, r felt.Felt
	if q.QuoRem(&x, &y, &r); q != mod(wantQuo) || r != mod(wantRem) {
		t.Fatalf("QuoRem(%v, %v) = %v, %v, want %x, %x", x, y, q, r, wantQuo, wantRem)
	}
	q, r = x, y
	if q.QuoRem(&q, &r, &r); q != mod(wantQuo) || r != mod(wantRem) {
		t.Fatalf("QuoRem(%v, %v) in place = %v, %v, want %x, %x", x, y, q, r, wantQuo, wantRem)
	}
}

func TestIntegers(t *testing.T) {
	pairs(func(x, y felt.Felt) { checkIntegers(t, x, y) })
}

func TestQuoRem(t *testing.T) {
	// Estimates of the quotient that are one and two too big, and a full first word.
	top := uint64(1 << 59)
	for _, c := range [][2]felt.Felt{
		{{0, 0, 1 << 63, top - 1}, {^uint64(0), 0, 1 << 63}},
		{{0, ^uint64(0) - 1, ^uint64(0), 7}, {^uint64(0), ^uint64(0), 7}},
		{{3, 0, 1 << 63, 0}, {1, 0, 1 << 61, 0}},
		{{0, 0, 1 << 63, 1 << 58}, {1, 1 << 63, 0, 0}},
		{{0, ^uint64(0) - 1, 1 << 63, 0}, {^uint64(0), 1 << 63}},
	} {
		checkIntegers(t, c[0], c[1])
	}
	t.Run("ByZeroPanics", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("QuoRem(1, 0) didn't panic")
			}
		}()
		var q, r felt.Felt
		q.QuoRem(&felt.One, &felt.Felt{}, &r)
	})
}

func FuzzIntegers(f *testing.F) {
	f.Add(uint64(0), ^uint64(0), uint64(1<<63), uint64(0), ^uint64(0), uint64(1<<63), uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, x0, x1, x2, x3, y0, y1, y2, y3 uint64) {
		x, y := felt.Felt{x0, x1, x2, x3}, felt.Felt{y0, y1, y2, y3}
		checkIntegers(t, mod(ref(x)), mod(ref(y)))
	})
}
