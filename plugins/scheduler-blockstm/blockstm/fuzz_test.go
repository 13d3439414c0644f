package blockstm_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// FuzzBlock compares random blocks with serial execution, under a random choice of abilities.
func FuzzBlock(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, uint16(seed*37))
	}
	f.Fuzz(func(t *testing.T, seed uint64, abilities uint16) {
		c := configOf(abilities)
		s, err := blockstm.New(c)
		if err != nil {
			t.Fatalf("New(%+v): %v", c, err)
		}
		if err := schedtest.Compare(t.Context(), s, seed); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	})
}

// configOf chooses abilities by the bits of n.
func configOf(n uint16) blockstm.Config {
	bit := func(i int) string { return []string{"off", "on"}[n>>i&1] }
	small := func(i int) int { return int(n>>i&3) * 3 } // 0 is the default
	return blockstm.Config{
		Workers: 2 + int(n>>6&3)*2, ForceWorkers: true,
		Push: bit(0), Estimates: bit(1), Suspend: bit(2), Stop: bit(3), Rewind: bit(4), Hints: bit(5), Rewrites: bit(14),
		Window: small(8), Parked: small(10), Attempts: small(12),
	}
}

// TestRandom compares many random blocks with serial execution, under all combinations of abilities and 1 to 8
// processors. It takes 100,000 blocks if SWITCHYARD_LONG is 1.
func TestRandom(t *testing.T) {
	blocks := uint64(2000)
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		blocks = 100_000
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for procs := uint64(1); procs <= 8; procs++ {
		t.Run(fmt.Sprintf("processors=%d", procs), func(t *testing.T) {
			runtime.GOMAXPROCS(int(procs)) //nolint:gosec // small
			for i := range blocks / 8 {
				seed := i*8 + procs
				c := configOf(uint16(seed * 0x9e37)) //nolint:gosec // any bits will do
				s, err := blockstm.New(c)
				if err != nil {
					t.Fatalf("New(%+v): %v", c, err)
				}
				if err := schedtest.Compare(t.Context(), s, seed); err != nil {
					t.Fatalf("%+v: %v", c, err)
				}
			}
		})
	}
}
