package synthetic

import (
	"context"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// spin does n rounds of arithmetic, each of which needs the result of the one before.
//
//go:noinline
func spin(n int) uint64 {
	x := uint64(n) | 1 //nolint:gosec // any bits will do
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// sink keeps the compiler from dropping calls of spin that nobody looks at.
//
//go:noinline
func sink(uint64) {}

// Pace returns how many rounds of arithmetic count as a microsecond of cost in this process: see [Config.Pace].
func Pace() int { return roundsPerMicrosecond() }

// roundsPerMicrosecond is how many rounds of spin take a microsecond, measured once, at the first burn. The fastest
// of many short samples is the one that nothing disturbed: in twelve processes on a loaded machine it came to between
// 565 and 598 rounds, and the median of nine longer samples to anything from 150 to 598.
var roundsPerMicrosecond = sync.OnceValue(func() int {
	const rounds, samples = 10_000, 31
	fastest := time.Hour
	for range samples {
		start := time.Now()
		sink(spin(rounds))
		fastest = min(fastest, time.Since(start))
	}
	return max(1, int(rounds*time.Microsecond/max(fastest, 1)))
})

// contextEvery is how many microseconds pass between two looks at the context.
const contextEvery = 64

// burn uses d of CPU time, at so many rounds per microsecond, 0 meaning as many as were measured. It never looks at a clock. It stops within about a microsecond of the attempt
// being aborted, with ErrAborted, and soon after the context has ended, with its error.
func burn(ctx context.Context, view framework.View, d time.Duration, rounds int) error {
	if d <= 0 {
		return nil
	}
	if rounds == 0 {
		rounds = roundsPerMicrosecond()
	}
	micros := int(d / time.Microsecond)
	for i := range micros {
		if view.Aborted() {
			return framework.ErrAborted
		}
		if i%contextEvery == contextEvery-1 && ctx.Err() != nil {
			return ctx.Err()
		}
		sink(spin(rounds))
	}
	sink(spin(rounds * int(d%time.Microsecond) / int(time.Microsecond)))
	return nil
}
