package blockstm

import (
	"sync"
	"time"
)

// worth knows whether it pays to ask the VM what transactions will touch: a prediction takes time, and saves some where
// transactions are in each other's way. It is safe for concurrent use; its zero value asks.
type worth struct {
	mu    sync.Mutex
	no    bool          // guarded by mu: it did not pay in the last block
	price time.Duration // guarded by mu: of a prediction, when the last was made
}

const (
	// enough is after how many transactions of a block it is judged.
	enough = 64
	// around is how many times the time of a prediction everything takes that has to do with it.
	around = 2
	// sample is of how many transactions one is learnt from while nothing is predicted.
	sample = 16
)

// pays reports whether to ask.
func (w *worth) pays() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.no
}

// judge notes what a block was like: how long a prediction took, 0 if there was none, how often transactions were in each
// other's way, and how long an attempt took.
func (w *worth) judge(price time.Duration, clashes float64, attempt time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if price > 0 {
		w.price = price
	}
	w.no = clashes*float64(attempt) < around*float64(w.price)
}

// judge has the scheduler remember whether predictions are worth their time. r.mu must be held.
func (r *run) judge() {
	n := r.stats.Transactions - r.before
	if n < enough {
		return
	}
	price := r.predicting / time.Duration(max(r.predicted, 1))
	c := r.core.Counts()
	clashes := float64(c.Aborts+c.Parks+c.Waits) / float64(n)
	r.worth.judge(price, clashes, time.Since(r.start)*time.Duration(r.workers)/time.Duration(r.stats.Executions)) //nolint:gosec // small
}
