package heap

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

// garbage allocates so many bytes and keeps nothing.
func garbage(bytes int) {
	for range bytes >> 16 {
		sink = make([]byte, 1<<16)
	}
	sink = nil
}

var sink []byte

// collections returns how often the heap is collected while f runs.
func collections(f func()) uint32 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.NumGC - before.NumGC
}

func TestRelax(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(usual))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	usually := collections(func() { garbage(512 << 20) })
	Relax()
	runtime.GC()
	relaxed := collections(func() { garbage(512 << 20) })
	if usually < 20 || relaxed > 10 {
		t.Errorf("512 MiB of garbage were collected %d times, and %d times when relaxed; want many and few", usually, relaxed)
	}
}

func TestRelaxLeavesWhatWasSet(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	Relax()
	if percent := debug.SetGCPercent(50); percent != 50 {
		t.Errorf("growth is %d, and was set to 50", percent)
	}
	debug.SetGCPercent(usual)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
	Relax()
	if percent := debug.SetGCPercent(usual); percent != usual {
		t.Errorf("growth is %d where memory is limited", percent)
	}
}

func TestGrowth(t *testing.T) {
	for live, want := range map[uint64]int{0: most, 1: most, 4 << 20: most - 100, 32 << 20: 300, 64 << 20: 100, 1 << 40: 100} {
		if got := growth(live); got != want {
			t.Errorf("growth(%d) = %d, want %d", live, got, want)
		}
	}
}
