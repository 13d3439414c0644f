package crypto_test

import (
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// TestPedersenMemoHammer asks for more hashes than there is room for, from several goroutines and several times.
func TestPedersenMemoHammer(t *testing.T) {
	t.Parallel()
	const n = 40
	want := [n]felt.Felt{}
	for i := range want {
		want[i] = crypto.Pedersen(felt.FromUint64(uint64(i)), felt.One)
	}
	var m crypto.PedersenMemo
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 20 * n {
				k := (i*7 + g) % n
				if got := m.Hash(felt.FromUint64(uint64(k)), felt.One); got != want[k] {
					t.Errorf("Hash(%d, 1) = %v, want %v", k, got, want[k])
				}
			}
		})
	}
	group.Wait()
	if a, b := m.Hash(felt.One, felt.Felt{}), crypto.Pedersen(felt.One, felt.Felt{}); a != b {
		t.Errorf("Hash(1, 0) = %v, want %v", a, b)
	}
}

// TestPedersenMemoInverse finds what a hash is the hash of, and nothing for another number.
func TestPedersenMemoInverse(t *testing.T) {
	t.Parallel()
	var m crypto.PedersenMemo
	for i := range uint64(100) {
		h := m.Hash(felt.FromUint64(i), felt.One)
		if a, b, ok := m.Inverse(h); !ok || a != felt.FromUint64(i) || b != felt.One {
			t.Errorf("Inverse of Hash(%d, 1) = %v, %v, %v", i, a, b, ok)
		}
		h.Add(&h, &felt.One)
		if _, _, ok := m.Inverse(h); ok {
			t.Errorf("Inverse(%v) finds something, want nothing", h)
		}
	}
}

func BenchmarkPedersenMemo(b *testing.B) {
	var m crypto.PedersenMemo
	b.ReportAllocs()
	for b.Loop() {
		m.Hash(felt.One, felt.Felt{5, 6, 7, 8})
	}
}
