package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/report"
)

// StoreJob is what one process does for the benchmark of stores.
type StoreJob struct {
	Case StoreCase
	Keys int
	// Dir is the folder for stores: that of the state, but for Insert, which makes new ones below it.
	Dir string
	// Build says to build the state and to measure nothing.
	Build bool
	// WarmUp is how many blocks are committed before those that are measured.
	WarmUp int
	Rounds int
	Vector bool // as it should be; a process of another kind refuses
}

// StoreTimes are the figures of a job, a round each.
type StoreTimes struct {
	CPUMs, WallMs, Hashes []float64
	// PeakMB is the most memory that the process had during one more block, above what it had before and above what the
	// caches of the store have grown by, which hold CacheMB then. That block is not timed: the process has given back
	// what memory it could, and collects garbage early, so that it has little more than what it needs.
	PeakMB, CacheMB float64
}

// OpenStore opens the store in a folder, and makes it if there is none.
type OpenStore func(ctx context.Context, dir string) (framework.Store, error)

// RunStoreJob does a job in this process.
func RunStoreJob(ctx context.Context, job StoreJob, open OpenStore) (*StoreTimes, error) {
	if vector := crypto.Default().Path() == crypto.Vector; vector != job.Vector {
		return nil, fmt.Errorf("the hashes of this process go by the path %v", crypto.Default().Path())
	}
	if job.Case == Insert {
		return runInserts(ctx, job, open)
	}
	store, err := open(ctx, job.Dir)
	if err != nil {
		return nil, err
	}
	times := new(StoreTimes)
	if job.Build {
		err = job.Case.build(ctx, store, job.Keys)
	}
	if err == nil {
		err = settle(ctx)
	}
	if err == nil && !job.Build {
		err = runBlocks(ctx, job, store, times)
	}
	return times, errors.Join(err, store.Close())
}

// settle waits until the store has done what it does in the background, at most for a minute: that is part of what
// building or opening a state costs, not of the blocks after it.
func settle(ctx context.Context) error {
	const window = 300 * time.Millisecond
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		meter := report.Start()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(window):
		}
		if wall, cpu := meter.Stop(); cpu < wall/50 {
			return nil
		}
	}
	return nil
}

// runInserts measures blocks that are the first of their store.
func runInserts(ctx context.Context, job StoreJob, open OpenStore) (*StoreTimes, error) {
	times := new(StoreTimes)
	err := job.each(times, func(i int, measure measure) error {
		store, err := open(ctx, filepath.Join(job.Dir, fmt.Sprint(i)))
		if err != nil {
			return err
		}
		return errors.Join(measure(ctx, store, 0, job.Case.block(0, uint64(i))), store.Close()) //nolint:gosec // i is not negative
	})
	return times, err
}

// runBlocks measures the blocks after the head of a store.
func runBlocks(ctx context.Context, job StoreJob, store framework.Store, times *StoreTimes) error {
	head, err := store.Head(ctx)
	if err != nil {
		return err
	}
	return job.each(times, func(i int, measure measure) error {
		n := head.Number + 1 + framework.BlockNumber(i)
		return measure(ctx, store, n, job.Case.block(job.Keys, uint64(n))) //nolint:gosec // nor are numbers of blocks
	})
}

// measure commits a block.
type measure func(ctx context.Context, store framework.Store, n framework.BlockNumber, d *framework.Diff) error

// each calls do for each block of the job with what measures it: nothing in those that warm up, then times, and in the
// last one memory.
func (job *StoreJob) each(times *StoreTimes, do func(i int, measure measure) error) error {
	for i := range job.WarmUp + job.Rounds + 1 {
		measure := times.time
		switch {
		case i < job.WarmUp:
			measure = new(StoreTimes).time
		case i == job.WarmUp+job.Rounds:
			measure = times.weigh
		}
		if err := do(i, measure); err != nil {
			return err
		}
	}
	return nil
}

// counter is a store that counts the hashes that it computes.
type counter interface{ Hashes() uint64 }

func hashes(store framework.Store) uint64 {
	if c, ok := plugin.As[counter](store); ok {
		return c.Hashes()
	}
	return 0
}

// cacher is a store that says how many bytes its caches hold.
type cacher interface{ Cached() uint64 }

// cachedMB returns how many megabytes the caches of a store hold, 0 if it does not say.
func cachedMB(store framework.Store) float64 {
	if c, ok := plugin.As[cacher](store); ok {
		return float64(c.Cached()) / (1 << 20)
	}
	return 0
}

// earlyGC is how much garbage there may be, in percent of what is not.
const earlyGC = 10

// weigh commits a block and takes note of the memory that it took.
func (t *StoreTimes) weigh(ctx context.Context, store framework.Store, n framework.BlockNumber, d *framework.Diff) error {
	if err := settle(ctx); err != nil {
		return err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(earlyGC))
	debug.FreeOSMemory()
	before, peak := cachedMB(store), watchMemory()
	_, err := commit(ctx, store, n, d)
	t.CacheMB = cachedMB(store)
	t.PeakMB = max(0, peak()-max(0, t.CacheMB-before))
	return err
}

// time commits a block and adds what that took.
func (t *StoreTimes) time(ctx context.Context, store framework.Store, n framework.BlockNumber, d *framework.Diff) error {
	before, meter := hashes(store), report.Start()
	if _, err := commit(ctx, store, n, d); err != nil {
		return err
	}
	wall, cpu := meter.Stop()
	t.WallMs = append(t.WallMs, report.Milliseconds(wall))
	t.CPUMs = append(t.CPUMs, report.Milliseconds(cpu))
	t.Hashes = append(t.Hashes, float64(hashes(store)-before))
	return nil
}
