// Package serial is the scheduler that executes transactions one after the other. It is the definition of what
// every scheduler must do, and the shortest complete example of one.
package serial

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Factory makes the scheduler for a host: `scheduler: { use: serial }`.
func Factory() plugin.Factory {
	info := plugin.Info{ID: "serial", Version: "0.1.0", Summary: "one transaction after the other"}
	return plugin.ForScheduler(info, struct{}{}, func(context.Context, struct{}) (framework.Scheduler, error) {
		return Scheduler{}, nil
	})
}

// Scheduler executes the transactions of a block in order. It has no configuration; the zero value is ready.
type Scheduler struct{}

// Run implements [framework.Scheduler].
func (Scheduler) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	r := &run{
		Job:   j,
		start: time.Now(),
		state: framework.NewOverlay(ctx, j.Base, j.Block.Start),
		end:   -1,
	}
	for !r.ended() {
		txs, err := j.Feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.stats, err
		}
		for i := 0; i < len(txs) && !r.ended(); i++ {
			if err := r.step(ctx, &txs[i]); err != nil {
				return r.stats, err
			}
		}
	}
	return r.stats, nil
}

// run is one block being executed.
type run struct {
	framework.Job
	start time.Time
	state *framework.Overlay // the base with the writes of all transactions below next
	stats framework.Stats

	next, end framework.TxIndex // the transaction to execute, and where the block ends; -1 until that is known

	out   framework.Outcome // reused by every transaction
	final [1]framework.Final
}

// ended reports whether the block ends below the next transaction.
func (r *run) ended() bool {
	select {
	case r.end = <-r.End:
	default:
	}
	return r.end >= 0 && r.next >= r.end
}

// step executes one transaction, makes its effects visible to the next, and hands out its outcome.
func (r *run) step(ctx context.Context, tx *framework.Tx) error {
	v := framework.Version{Tx: r.next}
	writes, fault := r.attempt(ctx, tx, v)
	if errors.Is(fault, framework.ErrOverflow) {
		exact := *tx
		exact.Mode |= framework.Exact
		v.Inc++
		writes, fault = r.attempt(ctx, &exact, v)
	}
	if err := errors.Join(ctx.Err(), r.state.Err()); err != nil {
		return err // whatever the VM made of it
	}
	if fault != nil {
		r.out.Reset()
		r.out.Status, writes = framework.Rejected, nil
	}
	r.state.Apply(writes, r.out.Classes)
	if vm, ok := r.VM.(framework.Publisher); ok {
		vm.Publish(v, writes, nil)
	}
	if vm, ok := r.VM.(framework.Rewinder); ok {
		vm.Forget(v.Tx)
	}
	r.observe(framework.Finalized, v)
	r.next++
	r.stats.Transactions++
	r.final[0] = framework.Final{Tx: v.Tx, Outcome: &r.out, Writes: writes, Fault: fault}
	return r.Final(r.final[:])
}

// attempt executes a transaction once and returns the exact change that it makes to the state.
func (r *run) attempt(ctx context.Context, tx *framework.Tx, v framework.Version) ([]framework.Write, error) {
	r.stats.Executions++
	r.observe(framework.Started, v)
	r.out.Reset()
	if err := r.VM.Execute(ctx, tx, v, r.state, &r.out); err != nil {
		return nil, err
	}
	r.observe(framework.Executed, v)
	return r.state.Fold(ctx, &r.out)
}

func (r *run) observe(kind framework.EventKind, v framework.Version) {
	if r.Observer != nil {
		r.Observer.Observe(&framework.Event{Kind: kind, Version: v, At: time.Since(r.start)})
	}
}
