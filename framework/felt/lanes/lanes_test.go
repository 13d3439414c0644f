package lanes

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// number returns number j of b as it stands, with limbs of any size and sign.
func number(b *Block, j int) *big.Int {
	v := new(big.Int)
	for i := 4; i >= 0; i-- {
		v.Lsh(v, limbBits).Add(v, big.NewInt(int64(b[i][j])))
	}
	return v
}

// blocks returns n blocks of tight numbers below limit*P: random ones, and the ends of the range.
func blocks(r *rand.Rand, n int, limit int64) []Block {
	out := make([]Block, n)
	bound := new(big.Int).Mul(felt.Modulus(), big.NewInt(limit))
	for k := range out {
		for j := range Width {
			v := new(big.Int)
			for range 5 {
				v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(r.Uint64()))
			}
			v.Mod(v, bound)
			switch r.IntN(12) {
			case 0:
				v.SetInt64(int64(r.IntN(2)))
			case 1:
				v.Sub(bound, big.NewInt(1))
			case 2:
				v.Mul(felt.Modulus(), big.NewInt(r.Int64N(limit)))
			case 3:
				v.Lsh(big.NewInt(1), uint(r.IntN(251)))
			}
			l := limbs(v)
			out[k].Put(j, &l)
		}
	}
	return out
}

func limbs(v *big.Int) (l Limbs) {
	for i := range l {
		l[i] = new(big.Int).And(new(big.Int).Rsh(v, uint(limbBits*i)), big.NewInt(mask)).Uint64()
	}
	return l
}

func random(r *rand.Rand) *big.Int { return number(&blocks(r, 1, 1)[0], 3) }

// check compares the numbers of got mod P with want and their size with the limit that is promised.
func check(t *testing.T, what string, got []Block, limit float64, tight bool, want func(k, j int) *big.Int) {
	t.Helper()
	bound, _ := new(big.Float).Mul(new(big.Float).SetInt(felt.Modulus()), big.NewFloat(limit)).Int(nil)
	for k := range got {
		for j := range Width {
			g := number(&got[k], j)
			if g.Sign() < 0 || g.Cmp(bound) >= 0 {
				t.Fatalf("%s: number %d of block %d is %x, want less than %v*P", what, j, k, g, limit)
			}
			w := want(k, j)
			if w.Sub(w, g).Mod(w, felt.Modulus()).Sign() != 0 {
				t.Fatalf("%s: number %d of block %d is %x, which is wrong", what, j, k, g)
			}
			for i := range got[k] {
				if tight && got[k][i][j] > mask {
					t.Fatalf("%s: limb %d of number %d of block %d is %#x", what, i, j, k, got[k][i][j])
				}
			}
		}
	}
}

func clone(b []Block) []Block { return append([]Block(nil), b...) }

// bodies calls f with the assembly, if there is any, and with the twins in Go.
func bodies(t *testing.T, f func(t *testing.T)) {
	t.Run("Go", func(t *testing.T) {
		old := force
		force = true
		defer func() { force = old }()
		f(t)
	})
	t.Run("assembly", func(t *testing.T) {
		if !Fast() {
			t.Skip("this processor has no AVX-512 IFMA")
		}
		f(t)
	})
}

func TestMul(t *testing.T) {
	inverse := new(big.Int).ModInverse(new(big.Int).Lsh(big.NewInt(1), 260), felt.Modulus())
	bodies(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, limit := range []int64{1, 16, 64} {
			for n := range 12 {
				a, b := blocks(r, n, limit), blocks(r, n, limit)
				want := func(k, j int) *big.Int {
					v := number(&a[k], j)
					return v.Mul(v, number(&b[k], j)).Mul(v, inverse)
				}
				got, inA, inB := make([]Block, n), clone(a), clone(b)
				Mul(got, a, b)
				Mul(inA, inA, b)
				Mul(inB, a, inB)
				promised := float64(limit*limit)/512 + 1
				check(t, "Mul", got, promised, true, want)
				check(t, "Mul into a", inA, promised, true, want)
				check(t, "Mul into b", inB, promised, true, want)
			}
		}
	})
}

func TestSub(t *testing.T) {
	bodies(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for n := range 12 {
			a, b := blocks(r, n, 64), blocks(r, n, 64)
			want := func(k, j int) *big.Int {
				v := number(&a[k], j)
				return v.Sub(v, number(&b[k], j))
			}
			got, inA, inB := make([]Block, n), clone(a), clone(b)
			Sub(got, a, b)
			Sub(inA, inA, b)
			Sub(inB, a, inB)
			check(t, "Sub", got, 3, true, want)
			check(t, "Sub into a", inA, 3, true, want)
			check(t, "Sub into b", inB, 3, true, want)
		}
	})
}

func TestAddConstant(t *testing.T) {
	bodies(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for n := range 12 {
			a, k := blocks(r, n, 60), random(r)
			got, l := clone(a), limbs(k)
			AddConstant(got, &l)
			check(t, "AddConstant", got, 61, true, func(n, j int) *big.Int { return new(big.Int).Add(number(&a[n], j), k) })
		}
	})
}

// combine returns x*a + y*b + z*c + k.
func combine(x int64, a *big.Int, y int64, b *big.Int, z int64, c, k *big.Int) *big.Int {
	v := new(big.Int).Set(k)
	for _, term := range []struct {
		n int64
		v *big.Int
	}{{x, a}, {y, b}, {z, c}} {
		v.Add(v, new(big.Int).Mul(big.NewInt(term.n), term.v))
	}
	return v
}

func TestMix(t *testing.T) {
	bodies(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for n := range 12 {
			a, b, c := blocks(r, n, 1), blocks(r, n, 1), blocks(r, n, 1)
			ks := [3]*big.Int{random(r), random(r), random(r)}
			var biased [3]Limbs
			for i, k := range ks {
				l := limbs(k)
				biased[i] = Biased(&l)
			}
			x, y, z := clone(a), clone(b), clone(c)
			Mix(x, y, z, &biased)
			at := func(k, j int) (p, q, s *big.Int) { return number(&a[k], j), number(&b[k], j), number(&c[k], j) }
			check(t, "Mix a", x, 12, true, func(k, j int) *big.Int {
				p, q, s := at(k, j)
				return combine(3, p, 1, q, 1, s, ks[0])
			})
			check(t, "Mix b", y, 12, true, func(k, j int) *big.Int {
				p, q, s := at(k, j)
				return combine(1, p, -1, q, 1, s, ks[1])
			})
			check(t, "Mix c", z, 12, true, func(k, j int) *big.Int {
				p, q, s := at(k, j)
				return combine(1, p, 1, q, -2, s, ks[2])
			})
		}
	})
}

func TestPartial(t *testing.T) {
	bodies(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for n := range 12 {
			a, w := blocks(r, n, 30), blocks(r, n, 30)
			for round := range 20 { // a and w go around as they are left
				y, k := blocks(r, n, 2), random(r)
				l := limbs(k)
				l = Biased(&l)
				a2, w2, y2 := clone(a), clone(w), clone(y)
				Partial(a2, w2, y2, &l)
				at := func(k, j int) (p, q, s *big.Int) { return number(&a[k], j), number(&w[k], j), number(&y[k], j) }
				limit := 7.0
				if round == 0 {
					limit = 33 // w is still what it was
				}
				check(t, "Partial a", a2, limit, false, func(n, j int) *big.Int {
					p, q, s := at(n, j)
					return combine(2, p, 1, q, 1, s, new(big.Int))
				})
				check(t, "Partial w", w2, 5, false, func(n, j int) *big.Int {
					p, _, s := at(n, j)
					return combine(4, p, 2, s, 0, s, new(big.Int))
				})
				check(t, "Partial y", y2, limit+30, true, func(n, j int) *big.Int {
					_, q, s := at(n, j)
					return combine(1, q, -2, s, 0, s, k)
				})
				a, w = a2, w2
			}
		}
	})
}

func TestSplitAndNumber(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 2000 {
		x := [4]uint64{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()}
		for s := uint(0); s <= 4; s++ {
			l := Split(&x, s)
			var b Block
			b.Fill(&l)
			v := new(big.Int)
			for i := 3; i >= 0; i-- {
				v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(x[i]))
			}
			if got := number(&b, 5); got.Cmp(v.Lsh(v, s)) != 0 {
				t.Fatalf("Split(%x, %d) = %x, want %x", x, s, got, v)
			}
			if s == 0 {
				if got, want := b.Number(2), *new(felt.Felt).SetBig(v); got != want {
					t.Fatalf("Number of %x = %v, want %v", x, got, want)
				}
			}
		}
	}
}

func TestGather(t *testing.T) {
	bodies(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(15, 16))
		for range 200 {
			var numbers [Width][4]uint64
			var src [Width]*[4]uint64
			var want, got Block
			for j := range numbers {
				src[j] = &numbers[j]
				for i := range numbers[j] {
					numbers[j][i] = r.Uint64()
				}
				l := Split(src[j], 4)
				want.Put(j, &l)
			}
			if got.Gather(&src); got != want {
				t.Fatalf("Gather(%x) = %x, want %x", numbers, got, want)
			}
		}
	})
}

// FuzzBodies holds the assembly against the twins in Go limb by limb.
func FuzzBodies(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint8(3))
	f.Fuzz(func(t *testing.T, seed1, seed2 uint64, count uint8) {
		r := rand.New(rand.NewPCG(seed1, seed2))
		n := int(count % 20)
		a, b, c := blocks(r, n, 64), blocks(r, n, 64), blocks(r, n, 2)
		var ks [3]Limbs
		for i := range ks {
			l := limbs(random(r))
			ks[i] = Biased(&l)
		}
		run := func() []Block {
			m, s, k, x, y, z := make([]Block, n), make([]Block, n), clone(a), clone(c), clone(c), clone(c)
			Mul(m, a, b)
			Sub(s, a, b)
			AddConstant(k, &ks[0])
			Mix(x, y, z, &ks)
			Partial(x, y, clone(c), &ks[1])
			out := append(append(m, s...), k...)
			return append(append(append(out, x...), y...), z...)
		}
		fast := run()
		force = true
		defer func() { force = false }()
		for i, want := range run() {
			if fast[i] != want {
				t.Fatalf("block %d of %d = %x, want %x", i, n, fast[i], want)
			}
		}
	})
}

func BenchmarkMul(b *testing.B) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, n := range []int{1, 4, 32} {
		x, y := blocks(r, n, 1), blocks(r, n, 1)
		b.Run("blocks="+big.NewInt(int64(n)).String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Mul(x, x, y)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n*Width), "ns/product")
		})
	}
}

func BenchmarkSub(b *testing.B) {
	r := rand.New(rand.NewPCG(13, 14))
	x, y := blocks(r, 32, 1), blocks(r, 32, 1)
	b.ReportAllocs()
	for b.Loop() {
		Sub(x, x, y)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(32*Width), "ns/difference")
}
