package crypto

import (
	"math/big"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// piDigits returns n decimal digits of pi, from the 3 on, by Machin's formula.
func piDigits(n int) string {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n+20)), nil)
	arctan := func(x int64) *big.Int { // of 1/x
		sum, power, square := new(big.Int), new(big.Int).Div(unit, big.NewInt(x)), big.NewInt(x*x)
		for k := int64(1); power.Sign() > 0; k += 2 {
			term := new(big.Int).Div(power, big.NewInt(k))
			if k%4 == 3 {
				term.Neg(term)
			}
			sum.Add(sum, term)
			power.Div(power, square)
		}
		return sum
	}
	a, b := arctan(5), arctan(239)
	pi := a.Mul(a, big.NewInt(16))
	pi.Sub(pi, b.Mul(b, big.NewInt(4)))
	return pi.String()[:n]
}

// TestConstantsComeFromPi makes the constants of the curve and the points again. Each is a group of
// 76 digits of pi mod P, or the least number from there on that will do; a point has its smaller y.
func TestConstantsComeFromPi(t *testing.T) {
	const group = 76
	digits := piDigits(7 * group)
	var groups []felt.Felt
	for i := 0; i < len(digits); i += group {
		v, _ := new(big.Int).SetString(digits[i:i+group], 10)
		groups = append(groups, *new(felt.Felt).SetBig(v))
	}
	// The constant of the curve is 379 above its digits.
	b := leave(&beta)
	if want := felt.FromUint64(379); *b.Sub(&b, &groups[0]) != want {
		t.Errorf("beta is %v after its digits of pi, want %v", b, want)
	}
	for i, p := range []affine{
		pedersenPoints[0], generator, pedersenPoints[1], pedersenPoints[2], pedersenPoints[3], pedersenPoints[4],
	} {
		x := groups[i+1]
		y, ok := RecoverY(x)
		for !ok {
			x.Add(&x, &felt.One)
			y, ok = RecoverY(x)
		}
		if got, want := p.point(), (Point{x, y}); got != want {
			t.Errorf("point %d is %v, want %v from pi", i, got, want)
		}
	}
}

// TestAdderRefusesPointsOfOneX forces the case that no input is known to reach: a table point that
// meets a sum with its x. The hash must come out all the same.
func TestAdderRefusesPointsOfOneX(t *testing.T) {
	for _, path := range Paths() {
		h, err := Default().WithPath(path)
		if err != nil {
			t.Fatal(err)
		}
		pairs := make([][2]felt.Felt, 8)
		s := h.free.Get().(pointAdder)
		s.load(h.table, 0, pairs)
		s.load(h.table, 1, pairs)
		if !s.add(1, 1) {
			t.Errorf("path %v: add of two points = false, want true", path)
		}
		s.load(h.table, 0, pairs)
		same := *h.table
		same.rows = append([][]affine{nil}, h.table.rows...)
		s.load(&same, 1, pairs)
		if s.add(1, 1) {
			t.Errorf("path %v: add of two points of one x = true, want false", path)
		}
	}
}

// TestHashAnyway compares the hash by complete formulas with the other.
func TestHashAnyway(t *testing.T) {
	h := Default()
	for _, a := range []felt.Felt{{}, felt.One, felt.FromUint64(1 << 63), *new(felt.Felt).SetInt64(-1)} {
		if got, want := h.table.hashAnyway(&a, &a), h.Pedersen(a, a); got != want {
			t.Errorf("hashAnyway(%v) = %v, want %v", a, got, want)
		}
	}
}

// TestPedersenWithCollidingTable hashes with rows of which two have the same points, so that every
// batch and every single hash has to fall back.
func TestPedersenWithCollidingTable(t *testing.T) {
	table := newPedersenTable(MinPedersenWindow)
	table.rows[1] = table.rows[0]
	table.rows[table.digits] = table.rows[0] // 63 and 0 are added first, and 0 and 32 meet later
	table.sumZeros()
	pairs := make([][2]felt.Felt, 40)
	pairs[1][0] = felt.FromUint64(0x11) // the same digit twice: a single hash meets the point again
	got := make([]felt.Felt, len(pairs))
	for _, path := range Paths() {
		h := newHasher(path, table)
		h.PedersenBatch(got, pairs)
		for i := range pairs {
			want := table.hashAnyway(&pairs[i][0], &pairs[i][1])
			if one := h.Pedersen(pairs[i][0], pairs[i][1]); got[i] != want || one != want {
				t.Fatalf("path %v: hash %d = %v, single %v, want %v", path, i, got[i], one, want)
			}
		}
	}
}
