package trie_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
)

// storageDiff sets n random slots of each of some contracts.
func storageDiff(rng *rand.Rand, contracts, n int, slot func(contract, i int) felt.Felt) *framework.Diff {
	d := new(framework.Diff)
	for c := range contracts {
		for i := range n {
			k := starknet.StorageKey(spread("contract", c), slot(c, i))
			d.Writes = append(d.Writes, framework.Write{Key: k, Value: framework.Word{rng.Uint64(), rng.Uint64(), 1}})
		}
	}
	framework.SortWrites(d.Writes)
	d.Writes = slices.CompactFunc(d.Writes, func(a, b framework.Write) bool { return a.Key == b.Key })
	return d
}

func anySlot(rng *rand.Rand) felt.Felt {
	return felt.Felt{rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64() >> 5}
}

// cpu returns the time that the processors have spent on this process.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSeal seals blocks on states of the given size. cpu-us/hash is all that a seal costs, over the hashes that
// it computes.
func BenchmarkSeal(b *testing.B) {
	for _, c := range []struct {
		name                     string
		contracts, keys, changed int // keys and changed are per contract
	}{
		{"insert_100k", 1, 0, 100_000},
		{"update_10k_of_1m", 1, 1_000_000, 10_000},
		{"block_like", 200, 5_000, 6},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkSeal(b, c.contracts, c.keys, c.changed) })
	}
}

func benchmarkSeal(b *testing.B, contracts, keys, changed int) {
	rng := rand.New(rand.NewPCG(1, 2))
	slots := make([]felt.Felt, contracts*keys)
	for i := range slots {
		slots[i] = anySlot(rng)
	}
	s := open(b, b.TempDir(), trie.BackendPebble, 2)
	n := framework.BlockNumber(0)
	const step = 200_000
	for from := 0; from < len(slots); from += step {
		d := new(framework.Diff)
		for i := from; i < min(from+step, len(slots)); i++ {
			d.Writes = append(d.Writes, framework.Write{
				Key: starknet.StorageKey(spread("contract", i/keys), slots[i]), Value: framework.Word{uint64(i) + 1},
			})
		}
		framework.SortWrites(d.Writes)
		add(b, s, n, d)
		n++
	}
	var hashes uint64
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		if keys == 0 {
			s, n = open(b, b.TempDir(), trie.BackendPebble, 2), 0
		}
		d := storageDiff(rng, contracts, changed, func(c, i int) felt.Felt {
			if keys == 0 {
				return anySlot(rng)
			}
			return slots[c*keys+rng.IntN(keys)]
		})
		before, from := s.Hashes(), cpu(b)
		b.StartTimer()
		add(b, s, n, d)
		b.StopTimer()
		used += cpu(b) - from
		hashes += s.Hashes() - before
		n++
		if keys == 0 {
			s.Close()
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(hashes)/float64(b.N), "hashes/op")
	b.ReportMetric(float64(used.Microseconds())/float64(hashes), "cpu-us/hash")
}

// BenchmarkStage stages a block of 1,200 writes; it must stay far below a millisecond.
func BenchmarkStage(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := open(b, b.TempDir(), trie.BackendPebble, 0)
	d := storageDiff(rng, 200, 6, func(int, int) felt.Felt { return anySlot(rng) })
	n := framework.BlockNumber(0)
	for b.Loop() {
		if err := s.Stage(b.Context(), n, "0.14.0", d); err != nil {
			b.Fatal(err)
		}
		if n++; n == 64 {
			b.StopTimer()
			if err := s.Revert(b.Context(), framework.AtEmpty); err != nil {
				b.Fatal(err)
			}
			n = 0
			b.StartTimer()
		}
	}
}

// BenchmarkRead reads ten cells of a million at a time, after the head and after an older block.
func BenchmarkRead(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := open(b, b.TempDir(), trie.BackendPebble, 0)
	slots := make([]felt.Felt, 200_000)
	for i := range slots {
		slots[i] = anySlot(rng)
	}
	add(b, s, 0, storageDiff(rng, 1, len(slots), func(_, i int) felt.Felt { return slots[i] }))
	for n := range framework.BlockNumber(10) {
		add(b, s, n+1, storageDiff(rng, 1, 1000, func(int, int) felt.Felt { return slots[rng.IntN(len(slots))] }))
	}
	for _, back := range []framework.BlockNumber{0, 5} {
		b.Run(fmt.Sprintf("back=%d", back), func(b *testing.B) {
			st, err := s.At(b.Context(), 10-back)
			if err != nil {
				b.Fatal(err)
			}
			defer st.Close()
			keys, out := make([]framework.Key, 10), make([]framework.Word, 10)
			for b.Loop() {
				for i := range keys {
					keys[i] = starknet.StorageKey(spread("contract", 0), slots[rng.IntN(len(slots))])
				}
				if err := st.Read(b.Context(), keys, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
