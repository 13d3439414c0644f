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
	// PeakMB is the most memory that the process had during a measured block, above what it had before.
	PeakMB []float64
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
		if err = job.Case.build(ctx, store, job.Keys); err == nil {
			err = settle(ctx)
		}
	} else {
		err = runBlocks(ctx, job, store, times)
	}
	return times, errors.Join(err, store.Close())
}

// settle waits until the store has done what it does in the background, at most for a minute: that is part of what
// building a state costs, not of the blocks after it.
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
	for i := range job.WarmUp + job.Rounds {
		store, err := open(ctx, filepath.Join(job.Dir, fmt.Sprint(i)))
		if err != nil {
			return nil, err
		}
		into := times
		if i < job.WarmUp {
			into = new(StoreTimes)
		}
		err = into.measure(ctx, store, 0, job.Case.block(0, uint64(i)))
		if err := errors.Join(err, store.Close()); err != nil {
			return nil, err
		}
	}
	return times, nil
}

// runBlocks measures the blocks after the head of a store.
func runBlocks(ctx context.Context, job StoreJob, store framework.Store, times *StoreTimes) error {
	head, err := store.Head(ctx)
	if err != nil {
		return err
	}
	for i := range job.WarmUp + job.Rounds {
		n := head.Number + 1 + framework.BlockNumber(i)
		into := times
		if i < job.WarmUp {
			into = new(StoreTimes)
		}
		if err := into.measure(ctx, store, n, job.Case.block(job.Keys, uint64(n))); err != nil {
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

// measure commits a block and adds what that took.
func (t *StoreTimes) measure(ctx context.Context, store framework.Store, n framework.BlockNumber, d *framework.Diff) error {
	debug.FreeOSMemory()
	memory := watchMemory()
	before, meter := hashes(store), report.Start()
	if _, err := commit(ctx, store, n, d); err != nil {
		return err
	}
	wall, cpu := meter.Stop()
	t.WallMs = append(t.WallMs, report.Milliseconds(wall))
	t.CPUMs = append(t.CPUMs, report.Milliseconds(cpu))
	t.Hashes = append(t.Hashes, float64(hashes(store)-before))
	t.PeakMB = append(t.PeakMB, memory())
	return nil
}
