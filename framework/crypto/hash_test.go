package crypto_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"
	pedersenhash "github.com/consensys/gnark-crypto/ecc/stark-curve/pedersen-hash"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

func hex(s string) felt.Felt { return felt.MustParse(s) }

func ints(xs ...uint64) []felt.Felt {
	out := make([]felt.Felt, len(xs))
	for i, x := range xs {
		out[i] = felt.FromUint64(x)
	}
	return out
}

// minus1 is P-1.
var minus1 = *new(felt.Felt).SetInt64(-1)

// edges are the inputs at which a hash may go wrong: ends of the range, of the 248 bits, of words
// and of digits.
func edges() []felt.Felt {
	out := []felt.Felt{{}, felt.One, felt.FromUint64(2), minus1, *new(felt.Felt).SetInt64(-2)}
	for _, s := range []uint{63, 64, 128, 192, 247, 248, 249, 250, 251} {
		v := new(big.Int).Lsh(big.NewInt(1), s)
		out = append(out, *new(felt.Felt).SetBig(v), *new(felt.Felt).SetBig(v.Sub(v, big.NewInt(1))))
	}
	return out
}

// pairs returns n pairs, the edges with each other first, then random ones from a fixed seed.
func pairs(n int) [][2]felt.Felt {
	var out [][2]felt.Felt
	for _, x := range edges() {
		for _, y := range edges() {
			out = append(out, [2]felt.Felt{x, y})
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for len(out) < n {
		out = append(out, [2]felt.Felt{random(r), random(r)})
	}
	return out[:n]
}

func random(r *rand.Rand) (z felt.Felt) {
	z.SetWords([4]uint64{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()})
	return z
}

// hashers calls f for every path of this machine.
func hashers(t *testing.T, f func(t *testing.T, h *crypto.Hasher)) {
	t.Helper()
	for _, p := range crypto.Paths() {
		h, err := crypto.Default().WithPath(p)
		if err != nil {
			t.Fatal(err)
		}
		t.Run("path="+p.String(), func(t *testing.T) { f(t, h) })
	}
}

// gnarkPedersen is the hash by another implementation.
func gnarkPedersen(a, b felt.Felt) (z felt.Felt) {
	var x, y fp.Element
	x.SetBigInt(a.Big())
	y.SetBigInt(b.Big())
	h := pedersenhash.Pedersen(&x, &y)
	return *z.SetBig(h.BigInt(new(big.Int)))
}

func TestPedersen(t *testing.T) {
	for _, c := range []struct{ a, b, want felt.Felt }{
		{
			hex("0x3d937c035c878245caf64531a5756109c53068da139362728feb561405371cb"),
			hex("0x208a0a10250e382e1e4bbe2880906c2791bf6275695e02fbbc6aeff9cd8b31a"),
			hex("0x30e480bed5fe53fa909cc0f8c4d99b8f9f2c016be4c41e13a4848797979c662"),
		}, {
			hex("0x58f580910a6ca59b28927c08fe6c43e2e303ca384badc365795fc645d479d45"),
			hex("0x78734f65a067be9bdb39de18434d71e79f7b6466a4b66bbd979ab9e7515fe0b"),
			hex("0x68cc0b76cddd1dd4ed2301ada9b7c872b23875d5ff837b3a87993e0d9996b87"),
		},
		{felt.Felt{}, felt.Felt{}, hex("0x49ee3eba8c1600700ee1b87eb599f16716b0b1022947733551fde4050ca6804")},
		{felt.One, felt.FromUint64(2), hex("0x5bb9440e27889a364bcb678b1f679ecd1347acdedcbf36e83494f857cc58026")},
		{minus1, minus1, hex("0x7258fccaf3371fad51b117471d9d888a1786c5694c3e6099160477b593a576e")},
	} {
		if got := crypto.Pedersen(c.a, c.b); got != c.want {
			t.Errorf("Pedersen(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
	if got, want := crypto.PedersenChain(), crypto.Pedersen(felt.Felt{}, felt.Felt{}); got != want {
		t.Errorf("PedersenChain() = %v, want %v", got, want)
	}
	want := hex("0xf9d95fbf356fbeda26538c92f7040abe51bf142350f73c9ee5ba7c660bae71")
	if got := crypto.PedersenChain(ints(1, 2, 3)...); got != want {
		t.Errorf("PedersenChain(1, 2, 3) = %v, want %v", got, want)
	}
}

func TestPedersenAgainstGnark(t *testing.T) {
	for _, p := range pairs(500) {
		if got, want := crypto.Pedersen(p[0], p[1]), gnarkPedersen(p[0], p[1]); got != want {
			t.Fatalf("Pedersen(%v, %v) = %v, want %v", p[0], p[1], got, want)
		}
	}
}

// TestPedersenWindows builds tables of every size that is not slow to build.
func TestPedersenWindows(t *testing.T) {
	in := pairs(380)
	want := make([]felt.Felt, len(in))
	crypto.PedersenBatch(want, in)
	for _, w := range []int{4, 5, 6, 7, 8, 10, 11, 12} {
		h, err := crypto.New(crypto.Config{PedersenWindow: w})
		if err != nil {
			t.Fatal(err)
		}
		got := make([]felt.Felt, len(in))
		h.PedersenBatch(got, in)
		for i := range in {
			if one := h.Pedersen(in[i][0], in[i][1]); got[i] != want[i] || one != want[i] {
				t.Fatalf("window %d: Pedersen(%v) = %v, batched %v, want %v", w, in[i], one, got[i], want[i])
			}
		}
	}
}

// batchSizes are the lengths around every group, chunk and threshold.
var batchSizes = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 72, 127, 128, 129, 130, 137, 256, 1023, 1024, 1025}

func TestPedersenBatch(t *testing.T) {
	all := pairs(1025)
	want := make([]felt.Felt, len(all))
	for i, p := range all {
		want[i] = crypto.Pedersen(p[0], p[1])
	}
	hashers(t, func(t *testing.T, h *crypto.Hasher) {
		for _, n := range batchSizes {
			got := make([]felt.Felt, n)
			h.PedersenBatch(got, all[len(all)-n:])
			for i := range got {
				if got[i] != want[len(all)-n+i] {
					t.Fatalf("PedersenBatch of %d: [%d] = %v, want %v", n, i, got[i], want[len(all)-n+i])
				}
			}
		}
	})
}

func TestPoseidon(t *testing.T) {
	var s [3]felt.Felt
	crypto.PoseidonPermute(&s)
	want := [3]felt.Felt{
		hex("0x79e8d1e78258000a28fc9d49e233bc6852357968577b1e386550ed6a9086133"),
		hex("0x3840d003d0f3f96dbb796ff6aa6a63be5b5404b91ccaabca256154cbb6fb984"),
		hex("0x1eb39da3f7d3b04142d0ac83d9da00c9325a61fb2ef326e50b70eaa8a3c7cc7"),
	}
	if s != want {
		t.Errorf("PoseidonPermute(0, 0, 0) = %v, want %v", s, want)
	}
	for _, c := range []struct{ a, b, want felt.Felt }{
		{felt.One, felt.FromUint64(2), hex("0x5d44a3decb2b2e0cc71071f7b802f45dd792d064f0fc7316c46514f70f9891a")},
		{minus1, minus1, hex("0x8240c823e0ce7f8300da42d6a28931c23f7e2eec7dd8d7e4caae97f1fd28cf")},
	} {
		if got := crypto.Poseidon(c.a, c.b); got != c.want {
			t.Errorf("Poseidon(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
	for _, c := range []struct {
		xs   []felt.Felt
		want felt.Felt
	}{
		{nil, hex("0x2272be0f580fd156823304800919530eaa97430e972d7213ee13f4fbf7a5dbc")},
		{ints(1), hex("0x579e8877c7755365d5ec1ec7d3a94a457eff5d1f40482bbe9729c064cdead2")},
		{ints(1, 2), hex("0x371cb6995ea5e7effcd2e174de264b5b407027a75a231a70c2c8d196107f0e7")},
		{ints(1, 2, 3), hex("0x2f0d8840bcf3bc629598d8a6cc80cb7c0d9e52d93dab244bbf9cd0dca0ad082")},
	} {
		if got := crypto.PoseidonMany(c.xs...); got != c.want {
			t.Errorf("PoseidonMany(%v) = %v, want %v", c.xs, got, c.want)
		}
	}
}

// TestPoseidonAgainstDefinition runs the permutation as it is written down, with all constants and
// the matrix, on big integers.
func TestPoseidonAgainstDefinition(t *testing.T) {
	for _, p := range pairs(200) {
		got := [3]felt.Felt{p[0], p[1], p[0]}
		want := refPermute(got)
		if crypto.PoseidonPermute(&got); got != want {
			t.Fatalf("PoseidonPermute(%v, %v, %v) = %v, want %v", p[0], p[1], p[0], got, want)
		}
	}
}

func TestPoseidonBatch(t *testing.T) {
	all := pairs(1025)
	hashers(t, func(t *testing.T, h *crypto.Hasher) {
		for _, n := range batchSizes {
			in := all[len(all)-n:]
			got := make([]felt.Felt, n)
			h.PoseidonBatch(got, in)
			states := make([][3]felt.Felt, n)
			for i, p := range in {
				states[i] = [3]felt.Felt{p[0], p[1], p[1]}
			}
			h.PoseidonPermuteBatch(states)
			for i, p := range in {
				want := [3]felt.Felt{p[0], p[1], p[1]}
				crypto.PoseidonPermute(&want)
				if w := crypto.Poseidon(p[0], p[1]); got[i] != w || states[i] != want {
					t.Fatalf("batch of %d: [%d] = %v and %v, want %v and %v", n, i, got[i], states[i], w, want)
				}
			}
		}
	})
}

func TestPoseidonManyBatch(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	all := pairs(300)
	hashers(t, func(t *testing.T, h *crypto.Hasher) {
		for _, n := range []int{0, 1, 2, 3, 63, 64, 65, 200} {
			seqs, got := make([][]felt.Felt, n), make([]felt.Felt, n)
			for i := range seqs {
				for range r.IntN(12) {
					seqs[i] = append(seqs[i], all[r.IntN(len(all))][0])
				}
			}
			h.PoseidonManyBatch(got, seqs)
			for i := range seqs {
				if want := crypto.PoseidonMany(seqs[i]...); got[i] != want {
					t.Fatalf("PoseidonManyBatch of %d: [%d] of %d felts = %v, want %v", n, i, len(seqs[i]), got[i], want)
				}
			}
		}
	})
}

func TestSponge(t *testing.T) {
	in := edges()
	var p crypto.Sponge
	for i := range in {
		if got, want := p.Sum(), crypto.PoseidonMany(in[:i]...); got != want {
			t.Fatalf("Sum after %d = %v, want %v", i, got, want)
		}
		p.Write(in[i])
	}
}

func FuzzHashes(f *testing.F) {
	f.Add(uint64(0), uint64(0), uint64(0), uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), uint8(9))
	f.Fuzz(func(t *testing.T, a0, a1, a2, a3, b0, b1, b2, b3 uint64, n uint8) {
		var a, b felt.Felt
		a.SetWords([4]uint64{a0, a1, a2, a3})
		b.SetWords([4]uint64{b0, b1, b2, b3})
		in := make([][2]felt.Felt, int(n)%100)
		for i := range in {
			in[i] = [2]felt.Felt{a, b}
			a, b = b, *new(felt.Felt).Mul(&a, &b)
		}
		got := make([]felt.Felt, len(in))
		hashers(t, func(t *testing.T, h *crypto.Hasher) {
			h.PedersenBatch(got, in)
			for i, p := range in {
				if want := gnarkPedersen(p[0], p[1]); got[i] != want {
					t.Fatalf("PedersenBatch[%d] of %v = %v, want %v", i, p, got[i], want)
				}
			}
			h.PoseidonBatch(got, in)
			for i, p := range in {
				if want := refPermute([3]felt.Felt{p[0], p[1], felt.FromUint64(2)})[0]; got[i] != want {
					t.Fatalf("PoseidonBatch[%d] of %v = %v, want %v", i, p, got[i], want)
				}
			}
		})
	})
}

func TestBatchOfDifferentLengthsPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"Pedersen": func() { crypto.PedersenBatch(make([]felt.Felt, 1), nil) },
		"Poseidon": func() { crypto.PoseidonBatch(nil, make([][2]felt.Felt, 1)) },
		"Many":     func() { crypto.PoseidonManyBatch(nil, make([][]felt.Felt, 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("didn't panic")
				}
			}()
			f()
		})
	}
}

// TestHasherHammer hashes with one hasher from many goroutines.
func TestHasherHammer(t *testing.T) {
	in := pairs(70)
	want := make([]felt.Felt, len(in))
	for i, p := range in {
		want[i] = crypto.Pedersen(p[0], p[1])
	}
	hashers(t, func(t *testing.T, h *crypto.Hasher) {
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for n := range 10 {
					got := make([]felt.Felt, len(in)-g-n)
					h.PedersenBatch(got, in[:len(got)])
					for i := range got {
						if got[i] != want[i] {
							t.Errorf("PedersenBatch[%d] = %v, want %v", i, got[i], want[i])
							return
						}
					}
					h.PoseidonBatch(got, in[:len(got)])
					if w := crypto.Poseidon(in[n][0], in[n][1]); got[n] != w {
						t.Errorf("PoseidonBatch[%d] = %v, want %v", n, got[n], w)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

// TestBatchesDontAllocate counts after the first batch, which makes the scratch.
func TestBatchesDontAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget under the race detector")
	}
	in, out := pairs(200), make([]felt.Felt, 200)
	hashers(t, func(t *testing.T, h *crypto.Hasher) {
		for name, f := range map[string]func(){
			"Pedersen":      func() { h.Pedersen(in[1][0], in[1][1]) },
			"PedersenBatch": func() { h.PedersenBatch(out, in) },
			"PoseidonBatch": func() { h.PoseidonBatch(out, in) },
			"Poseidon":      func() { crypto.Poseidon(in[1][0], in[1][1]) },
		} {
			// The collector may empty the pool of scratches, so an average below 1 is all there is.
			if n := testing.AllocsPerRun(20, f); n >= 1 {
				t.Errorf("%s allocates %v times, want 0", name, n)
			}
		}
	})
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		config crypto.Config
		want   error
	}{
		{crypto.Config{}, nil},
		{crypto.Config{PedersenWindow: crypto.MinPedersenWindow}, nil},
		{crypto.Config{PedersenWindow: crypto.MinPedersenWindow - 1}, crypto.ErrWindow},
		{crypto.Config{PedersenWindow: crypto.MaxPedersenWindow + 1}, crypto.ErrWindow},
		{crypto.Config{PedersenWindow: -1}, crypto.ErrWindow},
		{crypto.Config{Path: 9}, crypto.ErrPath},
	} {
		if err := c.config.Validate(); !errors.Is(err, c.want) {
			t.Errorf("Validate(%+v) = %v, want %v", c.config, err, c.want)
		}
		if _, err := crypto.New(c.config); !errors.Is(err, c.want) {
			t.Errorf("New(%+v) = %v, want %v", c.config, err, c.want)
		}
	}
	if _, err := crypto.Default().WithPath(9); !errors.Is(err, crypto.ErrPath) {
		t.Errorf("WithPath(9) = %v, want %v", err, crypto.ErrPath)
	}
	if p := crypto.Default().Path(); p != crypto.Paths()[len(crypto.Paths())-1] {
		t.Errorf("Default().Path() = %v, want the last of %v", p, crypto.Paths())
	}
}

func BenchmarkPedersen(b *testing.B) {
	for _, p := range crypto.Paths() {
		h, _ := crypto.Default().WithPath(p)
		for _, n := range []int{1, 2, 3, 4, 8, 16, 64, 256, 1024} {
			b.Run(fmt.Sprintf("batch=%d/path=%v", n, p), func(b *testing.B) { benchBatch(b, n, h.PedersenBatch) })
		}
	}
	b.Run("batch=1/path=gnark", func(b *testing.B) {
		b.ReportAllocs()
		x, y := fp.Element{1, 2, 3, 4}, fp.Element{5, 6, 7, 8}
		for b.Loop() {
			x = pedersenhash.Pedersen(&x, &y)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/hash")
	})
}

func BenchmarkPedersenWindow(b *testing.B) {
	for _, w := range []int{6, 8, 9, 10, 12} {
		for _, p := range crypto.Paths() {
			h, _ := crypto.New(crypto.Config{PedersenWindow: w, Path: p})
			for _, n := range []int{1, 256} {
				b.Run(fmt.Sprintf("window=%d/batch=%d/path=%v", w, n, p), func(b *testing.B) { benchBatch(b, n, h.PedersenBatch) })
			}
		}
	}
}

func BenchmarkPedersenTable(b *testing.B) {
	for _, w := range []int{8, 9, 12} {
		b.Run(fmt.Sprintf("window=%d", w), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = crypto.New(crypto.Config{PedersenWindow: w})
			}
		})
	}
}

func BenchmarkPoseidon(b *testing.B) {
	for _, p := range crypto.Paths() {
		h, _ := crypto.Default().WithPath(p)
		for _, n := range []int{1, 2, 3, 4, 8, 16, 64, 256, 1024} {
			b.Run(fmt.Sprintf("batch=%d/path=%v", n, p), func(b *testing.B) { benchBatch(b, n, h.PoseidonBatch) })
		}
	}
}

func benchBatch(b *testing.B, n int, hash func(dst []felt.Felt, pairs [][2]felt.Felt)) {
	r := rand.New(rand.NewPCG(3, 4))
	in, out := make([][2]felt.Felt, n), make([]felt.Felt, n)
	for i := range in {
		in[i] = [2]felt.Felt{random(r), random(r)}
	}
	hash(out, in)
	b.ReportAllocs()
	for b.Loop() {
		hash(out, in)
		in[0][0] = out[0]
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/hash")
}
