package blockstm

import (
	"errors"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// batch is how many transactions are added at a time: the machine is locked meanwhile.
const batch = 64

// feed adds what the feed hands out until it ends.
func (r *run) feed() {
	var hints [batch][]core.Hint
	for {
		txs, err := r.Feed.Next(r.ctx)
		for len(txs) > 0 {
			n := min(batch, len(txs))
			for i := range txs[:n] {
				hints[i] = r.predict(&txs[i])
			}
			if !r.add(txs[:n], hints[:n]) {
				return
			}
			txs = txs[n:]
		}
		if err != nil {
			r.fed(err)
			return
		}
	}
}

// add appends transactions. It reports false if no more are wanted.
func (r *run) add(txs []framework.Tx, hints [][]core.Hint) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.poll()
	for i := range txs {
		r.txs = append(r.txs, record{tx: txs[i]})
		r.core.Add(hints[i])
	}
	r.settle()
	return !r.over
}

// fed notes that the feed has ended.
func (r *run) fed(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.poll()
	switch {
	case r.over:
	case errors.Is(err, io.EOF):
		r.core.Close()
		r.settle()
	default:
		r.fail(err)
	}
	r.listening = r.End != nil
}

// predict asks the VM what a transaction will probably touch.
func (r *run) predict(tx *framework.Tx) []core.Hint {
	if r.predictor == nil {
		return nil
	}
	var room [8]framework.Predicted
	guesses := r.predictor.Predict(tx, room[:0])
	hints := make([]core.Hint, len(guesses))
	for i := range guesses {
		g := &guesses[i]
		hints[i] = core.Hint{Key: r.keys.number(&g.Key), Access: g.Access, Rule: r.rules.rule(g.Rule)}
	}
	return hints
}

// listen waits for the end of the block, once the feed has ended. As long as the feed goes on, a number that was
// sent on End makes it return, and whoever has the lock may look.
func (r *run) listen() {
	for {
		select {
		case n := <-r.End:
			r.mu.Lock()
			r.endAt(n)
			r.mu.Unlock()
		case ask := <-r.asks:
			r.mu.Lock()
			r.poll()
			r.mu.Unlock()
			close(ask)
		case <-r.done:
			return
		}
	}
}

// obey returns when a number that was sent on End before has been obeyed. r.mu must be held; it may be released
// meanwhile.
func (r *run) obey() {
	if !r.listening {
		r.poll()
		return
	}
	ask := make(chan struct{})
	r.mu.Unlock()
	select {
	case r.asks <- ask:
		<-ask
	case <-r.done:
	}
	r.mu.Lock()
}

// poll looks at End. r.mu must be held.
func (r *run) poll() {
	select {
	case n := <-r.End:
		r.endAt(n)
	default:
	}
}

// endAt ends the block. r.mu must be held.
func (r *run) endAt(n framework.TxIndex) {
	r.core.End(n)
	r.settle()
}
