package ahead

import (
	"context"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

const (
	// chunk is how many transactions are handed out at once, their cells having been asked for in one round trip. Meanwhile
	// those of the next chunk are.
	chunk = 32
	// guessers is how many transactions are guessed for at once: a VM may be far away, too.
	guessers = 8
)

// Next implements [framework.Feed].
func (r *run) Next(ctx context.Context) ([]framework.Tx, error) {
	if len(r.txs) == 0 {
		txs, err := r.feed.Next(ctx)
		if err != nil {
			return nil, err
		}
		r.txs = txs
	}
	n := min(chunk, len(r.txs))
	txs := r.txs[:n:n]
	r.txs = r.txs[n:]
	if r.guessed != nil {
		<-r.guessed
	} else {
		r.prepare(txs)
	}
	r.guessed = nil
	if coming := r.txs[:min(chunk, len(r.txs))]; len(coming) > 0 {
		done := make(chan struct{})
		r.guessed = done
		r.wg.Go(func() {
			defer close(done)
			r.prepare(coming)
		})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asks {
		for i := range txs {
			r.handed = append(r.handed, &txs[i])
		}
	}
	return txs, nil
}

// prepare asks for the cells that transactions will probably read.
func (r *run) prepare(txs []framework.Tx) {
	guesses := make([][]framework.Predicted, len(txs))
	var wg sync.WaitGroup
	for first := range min(guessers, len(txs)) {
		wg.Go(func() {
			for i := first; i < len(txs); i += guessers {
				guesses[i] = r.predictor.Predict(&txs[i], nil)
			}
		})
	}
	wg.Wait()
	var keys []framework.Key
	r.mu.Lock()
	for i := range guesses {
		r.made[txs[i].ID] = guesses[i]
		for j := range guesses[i] {
			keys = append(keys, guesses[i][j].Key)
		}
	}
	r.mu.Unlock()
	r.base.Prefetch(keys, r.told)
}

// told hands values of the base on to a VM that is far away.
func (r *run) told(values []framework.Write) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.publisher != nil && !r.over {
		r.publisher.Publish(framework.Version{Tx: framework.NoTx}, values, nil)
	}
}
