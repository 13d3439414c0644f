package blockstm_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// shaky is a scheduler whose machine panics once in a run: after so many events.
type shaky struct {
	framework.Scheduler
	after    int64
	panicked *atomic.Int64
}

func (s shaky) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	j.Observer = &mine{left: s.after, panicked: s.panicked}
	return s.Scheduler.Run(ctx, j)
}

// mine is an observer that panics. The scheduler calls it where it calls its machine, under the same lock.
type mine struct {
	left     int64
	panicked *atomic.Int64
}

func (m *mine) Observe(*framework.Event) {
	if m.left--; m.left == 0 {
		m.panicked.Add(1)
		panic("the machine has failed")
	}
}

// TestFallback has the machine fail at every place in blocks of all kinds: what comes out is what comes out of serial
// execution.
func TestFallback(t *testing.T) {
	var panicked atomic.Int64
	runs := uint64(300)
	for seed := range runs {
		c := configOf(uint16(seed * 0x9e37))                          //nolint:gosec // any bits will do
		s := shaky{scheduler(t, c), 1 + int64(seed*7%200), &panicked} //nolint:gosec // small
		if err := schedtest.Compare(t.Context(), s, seed); err != nil {
			t.Fatalf("%+v, after %d events: %v", c, s.after, err)
		}
	}
	if n := panicked.Load(); n < int64(runs)/2 { //nolint:gosec // small
		t.Errorf("it failed in %d of %d runs", n, runs)
	}
}

// TestFallbackFinals counts the outcomes of a block in which the machine fails: each comes once, in order.
func TestFallbackFinals(t *testing.T) {
	for _, after := range []int64{1, 50, 500, 2000} {
		s := newScene(t, workload.Spec{Accounts: 10, Transactions: 500}, synthetic.Config{Rewind: true, Predict: true})
		var next framework.TxIndex
		s.final = func(finals []framework.Final) error {
			for i := range finals {
				if finals[i].Tx != next {
					t.Errorf("after %d events: outcome of %d, want %d", after, finals[i].Tx, next)
				}
				next++
			}
			return nil
		}
		var panicked atomic.Int64
		c := s.run(t, shaky{scheduler(t, blockstm.Config{Workers: 4, ForceWorkers: true}), after, &panicked})
		if next != 500 || c.stats.Transactions != 500 || panicked.Load() != 1 {
			t.Errorf("after %d events: %d outcomes, %d counted, it failed %d times", after, next, c.stats.Transactions, panicked.Load())
		}
	}
}

// TestTrial checks that a block whose transactions turn out to be costly goes on in parallel where the trial has ended:
// outcomes are those of serial execution, and all reads are right.
func TestTrial(t *testing.T) {
	for seed := range uint64(200) {
		if err := schedtest.Compare(t.Context(), scheduler(t, blockstm.Config{}), seed); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	for name, drop := range map[string]bool{"all at once": false, "one by one": true} {
		s := newScene(t, workload.Spec{Accounts: 100, Transactions: 40, Cost: time.Millisecond}, synthetic.Config{})
		var o most
		var sched framework.Scheduler = watched{scheduler(t, blockstm.Config{}), &o}
		if drop {
			sched = dripping{sched}
		}
		s.run(t, sched)
		if want := int32(min(runtime.GOMAXPROCS(0), 2) - 1); o.worker.Load() < want {
			t.Errorf("%s: the highest worker is %d, want %d", name, o.worker.Load(), want)
		}
	}
}

// dripping is a scheduler whose feed hands out one transaction at a time.
type dripping struct{ framework.Scheduler }

func (d dripping) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	j.Feed = &drip{Feed: j.Feed}
	return d.Scheduler.Run(ctx, j)
}

type drip struct {
	framework.Feed
	left []framework.Tx
}

func (d *drip) Next(ctx context.Context) (one []framework.Tx, err error) {
	if len(d.left) == 0 {
		if d.left, err = d.Feed.Next(ctx); err != nil {
			return nil, err
		}
	}
	one, d.left = d.left[:1:1], d.left[1:]
	return one, nil
}

// watched is a scheduler that is observed.
type watched struct {
	framework.Scheduler
	observer framework.Observer
}

func (w watched) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	j.Observer = w.observer
	return w.Scheduler.Run(ctx, j)
}

// most is an observer that keeps the highest worker.
type most struct{ worker atomic.Int32 }

func (m *most) Observe(e *framework.Event) {
	if e.Worker > m.worker.Load() {
		m.worker.Store(e.Worker)
	}
}
