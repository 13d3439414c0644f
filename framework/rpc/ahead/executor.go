package ahead

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
)

// executor is the executor of a job, as its scheduler sees it.
type executor struct {
	framework.Executor
	r *run
}

// executor returns e with all its abilities.
func (r *run) executor(e framework.Executor) framework.Executor {
	x := &executor{e, r}
	var resume framework.Rewinder
	if rewinder, ok := e.(framework.Rewinder); ok {
		resume = &resumer{rewinder, r}
	}
	return framework.Combine(x, resume, x, r.publisher)
}

// Predict implements [framework.Predictor] with the guesses that were made already.
func (e *executor) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	r := e.r
	r.mu.Lock()
	r.asks = true
	guesses, ok := r.made[tx.ID]
	delete(r.made, tx.ID)
	r.mu.Unlock()
	if !ok {
		return r.predictor.Predict(tx, dst)
	}
	return append(dst, guesses...)
}

// Learn implements [framework.Predictor].
func (e *executor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	e.r.predictor.Learn(tx, reads, writes)
}

// Execute implements [framework.Executor].
func (e *executor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome) error {
	view, done := e.r.watch(v.Tx, view, nil)
	defer done()
	return e.Executor.Execute(ctx, tx, v, view, out)
}

// resumer is the ability of an executor to go on from the middle of an attempt.
type resumer struct {
	framework.Rewinder
	r *run
}

// Resume implements [framework.Rewinder].
func (x *resumer) Resume(ctx context.Context, from framework.Version, read int, v framework.Version, view framework.View, out *framework.Outcome) error {
	x.r.mu.Lock()
	known := x.r.reads[v.Tx]
	x.r.mu.Unlock()
	view, done := x.r.watch(v.Tx, view, known[:min(max(read, 0), len(known))])
	defer done()
	return x.Rewinder.Resume(ctx, from, read, v, view, out)
}

// watch returns a view that keeps what an attempt reads besides known, and what to call when it has ended; the view itself
// if the scheduler tells the VM what was read.
func (r *run) watch(tx framework.TxIndex, view framework.View, known []framework.Key) (framework.View, func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asks {
		return view, func() {}
	}
	w := &watcher{View: view, keys: append([]framework.Key(nil), known...)}
	return w, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.reads[tx] = w.keys
	}
}

// watcher is a view of an attempt that keeps the keys that are read.
type watcher struct {
	framework.View
	keys []framework.Key
}

// Read implements [framework.View].
func (w *watcher) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	w.keys = append(w.keys, keys...)
	return w.View.Read(ctx, keys, out)
}

// final returns what receives the outcomes of the job: the VM learns from them if the scheduler does not see to that.
func (r *run) final(next func([]framework.Final) error) func([]framework.Final) error {
	return func(finals []framework.Final) error {
		for i := range finals {
			r.learn(&finals[i])
		}
		return next(finals)
	}
}

func (r *run) learn(f *framework.Final) {
	r.mu.Lock()
	asks, tx, reads := r.asks, (*framework.Tx)(nil), r.reads[f.Tx]
	delete(r.reads, f.Tx)
	if int(f.Tx) < len(r.handed) {
		tx = r.handed[f.Tx]
		r.handed[f.Tx] = nil
	}
	if tx != nil {
		delete(r.made, tx.ID)
	}
	r.mu.Unlock()
	if asks || tx == nil || f.Fault != nil {
		return
	}
	writes := make([]framework.Key, 0, len(f.Writes))
	for i := range f.Writes {
		writes = append(writes, f.Writes[i].Key)
	}
	r.predictor.Learn(tx, reads, writes)
}
