package blockstm

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// batch is the most transactions that are added at a time: the machine is locked meanwhile. The first ones are fewer, for
// nobody has anything to do before.
const (
	batch      = 64
	firstBatch = 4
)

// feed adds transactions, and then what the feed hands out until it ends.
func (r *run) feed(txs []framework.Tx) {
	var hints [batch][]core.Hint
	size := firstBatch
	for {
		for len(txs) > 0 {
			n := min(size, len(txs))
			size = min(2*size, batch)
			took := r.predict(txs[:n], hints[:n])
			if !r.add(txs, n, hints[:n], took) {
				return
			}
			txs = txs[n:]
		}
		var err error
		if txs, err = r.Feed.Next(r.ctx); err != nil {
			r.fed(err)
			return
		}
	}
}

// add appends the first n of some transactions, which it took so long to predict. It reports false if no more are wanted; if that is because the machine has
// failed, all are kept for what takes its place.
func (r *run) add(txs []framework.Tx, n int, hints [][]core.Hint, took time.Duration) (more bool) {
	r.locked(func() {
		r.poll()
		r.predicting += took
		r.predicted += n
		keep := n
		if r.broken {
			keep = len(txs)
		}
		first := len(r.txs)
		r.txs = slices.Grow(r.txs, keep)
		for i := range txs[:keep] {
			r.txs = append(r.txs, &txs[i])
		}
		for i := first; i < len(r.txs) && !r.broken; i++ {
			r.core.Add(hints[i-first])
		}
		r.settle()
		more = !r.over
	})
	return more
}

// fed notes that the feed has ended.
func (r *run) fed(err error) {
	r.locked(func() {
		r.poll()
		r.drawn = errors.Is(err, io.EOF)
		switch {
		case r.over:
		case r.drawn:
			r.core.Close()
			r.settle()
		default:
			r.fail(err)
		}
	})
}

// predict asks the VM what transactions will probably touch, if that is worth it, and returns how long that took.
func (r *run) predict(txs []framework.Tx, hints [][]core.Hint) time.Duration {
	if !r.asks {
		return 0
	}
	start := time.Now()
	for i := range txs {
		hints[i] = r.guess(&txs[i])
	}
	return time.Since(start)
}

// guess asks the VM what a transaction will probably touch.
func (r *run) guess(tx *framework.Tx) []core.Hint {
	var room [8]framework.Predicted
	guesses := r.predictor.Predict(tx, room[:0])
	hints := make([]core.Hint, len(guesses))
	for i := range guesses {
		g := &guesses[i]
		hints[i] = core.Hint{Key: r.keys.number(&g.Key), Access: g.Access, Rule: r.rules.rule(g.Rule)}
	}
	return hints
}

// endEvery is how often somebody looks at End when nothing else happens.
const endEvery = 5 * time.Millisecond

// listen waits until the block is over. Who hands out finals looks at End before each of them,
// so a number that was sent before is obeyed, which could not be promised if somebody else waited for it:
// he might have it and not have told yet. The ticker is there for attempts that run above the end.
func (r *run) listen() {
	if r.End == nil {
		<-r.done
		return
	}
	tick := time.NewTicker(endEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.done:
			return
		case <-tick.C:
			r.locked(r.poll)
		}
	}
}

// poll looks at End. r.mu must be held.
func (r *run) poll() {
	select {
	case n := <-r.End:
		r.ended = n
		if !r.broken {
			r.core.End(n)
			r.settle()
		}
	default:
	}
}
