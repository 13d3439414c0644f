package optimistic

import (
	"context"
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
)

// worker is a goroutine that executes transactions.
type worker struct {
	*run
	id  int32
	out framework.Outcome // used by the bug sharesOutcome only
}

// work executes transactions, and commits what is ready, until the run is over.
func (w *worker) work(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.more() {
		t := w.lowest()
		if t == nil {
			w.wake.Wait()
			continue
		}
		w.execute(ctx, t)
		w.commit(ctx)
	}
}

// lowest returns the lowest transaction of the window that has to be executed, or nil. r.mu must be held.
func (r *run) lowest() *transaction {
	for i := r.head; i < min(r.head+r.window, r.end, framework.TxIndex(len(r.txs))); i++ {
		if r.txs[i].status == pending {
			return r.txs[i]
		}
	}
	return nil
}

// execute runs one attempt of t. r.mu must be held; it is released while the VM works.
func (w *worker) execute(ctx context.Context, t *transaction) {
	tx, last := t.tx, t.view
	if t.exact {
		tx.Mode |= framework.Exact
	}
	v := newView(w.run, framework.Version{Tx: t.index, Inc: t.next})
	t.status, t.view = running, v
	t.next++
	w.stats.Executions++
	read := w.keepPrefix(t, last)
	out := w.outcome(t)

	w.mu.Unlock()
	err := framework.ErrNoCheckpoint
	if read > 0 {
		w.observe(framework.Event{Kind: framework.Resumed, Version: v.version, Worker: w.id})
		err = w.rewinder.Resume(ctx, last.version, read, v.version, v, out)
	}
	resumed := !errors.Is(err, framework.ErrNoCheckpoint)
	if !resumed {
		v.forget()
		w.observe(framework.Event{Kind: framework.Started, Version: v.version, Worker: w.id})
		err = w.VM.Execute(ctx, &tx, v.version, v, out)
	}
	if err == nil {
		err = w.loadAdds(ctx, out)
	}
	w.mu.Lock()

	if resumed {
		w.stats.Resumptions++
	}
	w.ended(ctx, t, out, err)
}

// ended takes note of what the attempt of t has come to. r.mu must be held.
func (w *worker) ended(ctx context.Context, t *transaction, out *framework.Outcome, err error) {
	t.view.open = false
	if ctx.Err() != nil {
		w.fail(ctx.Err())
	}
	if t.view.aborted.Load() || t.view.late {
		t.status = pending
		w.wake.Broadcast()
		return
	}
	w.observe(framework.Event{Kind: framework.Executed, Version: t.view.version, Worker: w.id})
	t.status = executed
	w.publish(t, w.newResult(t.view.version, out, err))
	if w.bugs.has(retriesEarly) && t.result.overflow {
		w.retryExactly(t)
	}
}

// outcome returns what the next attempt of t is to fill.
func (w *worker) outcome(t *transaction) *framework.Outcome {
	switch {
	case w.bugs.has(sharesOutcome):
		w.out.Reset()
		return &w.out
	case w.bugs.has(keepsOutcome) && t.result != nil:
		return t.result.out
	}
	return new(framework.Outcome)
}

// newResult returns the result of an attempt without its additions folded.
func (w *worker) newResult(v framework.Version, out *framework.Outcome, err error) *result {
	if err != nil && !w.bugs.has(keepsFailed) {
		out = &framework.Outcome{Status: framework.Rejected}
	}
	res := &result{version: v, out: out, fault: err, cells: map[framework.Key]framework.Word{}}
	for _, write := range out.Writes {
		res.cells[write.Key] = write.Value
	}
	return res
}
