package memory_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newStore(t testing.TB, cfg memory.Config) *memory.Store {
	t.Helper()
	s, err := memory.New(cfg)
	if err != nil {
		t.Fatalf("New(%+v): %v", cfg, err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConfig(t *testing.T) {
	if err := (memory.Config{}).Validate(); err != nil {
		t.Errorf("Validate of the zero value: %v", err)
	}
	bad := memory.Config{Retain: -1}
	if err := bad.Validate(); err == nil || !strings.HasPrefix(err.Error(), "retain: ") {
		t.Errorf("Validate(%+v) = %v, want an error that names the key", bad, err)
	}
	if _, err := memory.New(bad); err == nil {
		t.Errorf("New(%+v) succeeds", bad)
	}
}

func TestRetainOne(t *testing.T) {
	s := newStore(t, memory.Config{Retain: 1})
	for n := range framework.BlockNumber(4) {
		add(t, s, n, blockOf(1, int(n)))
		for m := range n + 1 {
			if st, err := s.At(t.Context(), m); (err == nil) != (m == n) {
				t.Errorf("with head %d: At(%d) = %v, %v", n, m, st, err)
			}
		}
	}
}

func TestErrorsNameTheEntry(t *testing.T) {
	s := newStore(t, memory.Config{})
	w := blockOf(3, 0).Writes
	for want, writes := range map[string][]framework.Write{
		"writes 1 and 2 are of the same key": {w[0], w[1], w[1]},
		"write 2 is out of order":            {w[0], w[2], w[1]},
	} {
		err := s.Stage(t.Context(), 0, "", &framework.Diff{Writes: writes})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Stage: %v, want an error with %q", err, want)
		}
	}
}

// TestPrunedBlocksAreFreed looks at the memory of a store that rewrites the same cells for many blocks.
func TestPrunedBlocksAreFreed(t *testing.T) {
	s := newStore(t, memory.Config{Retain: 2})
	const cells, blocks = 10_000, 60
	for n := range blocks {
		add(t, s, framework.BlockNumber(n), blockOf(cells, n))
	}
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	if limit := uint64(20 << 20); mem.HeapAlloc > limit { // the lists of all blocks together would take 60 MB
		t.Errorf("%d MB of memory after %d blocks of %d cells, want less than %d", mem.HeapAlloc>>20, blocks, cells, limit>>20)
	}
	runtime.KeepAlive(s)
}

// blockOf returns writes to the same cells with other values in each round.
func blockOf(cells, round int) *framework.Diff {
	d := new(framework.Diff)
	for i := range cells {
		d.Writes = append(d.Writes, framework.Write{
			Key:   framework.Key{Slot: framework.Word{uint64(i), 0, 1}},
			Value: framework.Word{uint64(round) + 1, uint64(i)},
		})
	}
	framework.SortWrites(d.Writes)
	return d
}

func add(t testing.TB, s *memory.Store, n framework.BlockNumber, d *framework.Diff) {
	t.Helper()
	if err := s.Stage(t.Context(), n, "", d); err != nil {
		t.Fatalf("Stage(%d): %v", n, err)
	}
	if _, err := s.Seal(t.Context(), n); err != nil {
		t.Fatalf("Seal(%d): %v", n, err)
	}
}

// BenchmarkBlock stages and seals blocks of 10,000 writes on a state of a million cells.
func BenchmarkBlock(b *testing.B) {
	s := newStore(b, memory.Config{Retain: 10})
	add(b, s, 0, blockOf(1_000_000, 0))
	blocks := []*framework.Diff{blockOf(10_000, 1), blockOf(10_000, 2)}
	b.ReportAllocs()
	n := framework.BlockNumber(1)
	for b.Loop() {
		add(b, s, n, blocks[n%2])
		n++
	}
}

// BenchmarkRead reads ten cells of a million, from the newest block and from older ones.
func BenchmarkRead(b *testing.B) {
	s := newStore(b, memory.Config{})
	add(b, s, 0, blockOf(1_000_000, 0))
	for n := range framework.BlockNumber(100) {
		add(b, s, n+1, blockOf(100, int(n)))
	}
	for _, back := range []framework.BlockNumber{0, 1, 10, 100} {
		b.Run(fmt.Sprintf("back=%d", back), func(b *testing.B) {
			st, err := s.At(context.Background(), 100-back)
			if err != nil {
				b.Fatalf("At: %v", err)
			}
			keys, out := make([]framework.Key, 10), make([]framework.Word, 10)
			i := uint64(0)
			for b.Loop() {
				for k := range keys {
					i = (i + 7919) % 1_000_000
					keys[k] = framework.Key{Slot: framework.Word{i, 0, 1}}
				}
				if err := st.Read(b.Context(), keys, out); err != nil {
					b.Fatalf("Read: %v", err)
				}
			}
		})
	}
}
