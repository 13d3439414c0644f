// Package heap keeps Go's collector of garbage from running all the time in a process that holds little.
//
// By default a heap is collected when it has doubled, so a process that holds ten megabytes collects each ten that it
// allocates: several times in a block, on processors that its neighbours need too.
package heap

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// floor is how many bytes a heap may have before it is collected.
	floor = 128 << 20
	// usual is the growth of a heap between collections, in percent, that Go begins with.
	usual = 100
	// most is the growth with which an empty heap reaches the floor: Go takes it for 4 MiB at least.
	most = floor / (4 << 20) * 100
)

// Relax lets the heap of this process grow to 128 MiB before it is collected, and as usual from then on. It does nothing
// where somebody has said how (GOGC, GOMEMLIMIT), and no longer once somebody does. Call it once, in main.
func Relax() {
	before := debug.SetGCPercent(most)
	if before != usual || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		debug.SetGCPercent(before)
		return
	}
	follow(most)
}

// follow sets the growth anew after every collection, until somebody else does: it was percent until now.
func follow(percent int) {
	collected := new([2]*int) // found to be garbage by the next collection
	runtime.AddCleanup(collected, func(percent int) {
		next := growth(live())
		if before := debug.SetGCPercent(next); before != percent {
			debug.SetGCPercent(before)
			return
		}
		follow(next)
	}, percent)
}

// growth returns by how many percent a heap may grow that holds so many bytes.
func growth(live uint64) int {
	if live >= floor/2 {
		return usual
	}
	return int(min(most, floor*100/max(live, 1)-100)) //nolint:gosec // at most most
}

// live returns how many bytes the last collection has found to be in use.
func live() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
