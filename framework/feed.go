package framework

import (
	"context"
	"io"
	"math"
	"sync"
)

// Queue is a [Feed] that is filled while the block executes, together with the end of the block. The host
// pushes transactions, then closes the queue or ends the block. It is safe for concurrent use.
type Queue struct {
	end chan TxIndex

	mu     sync.Mutex
	txs    []Tx          // not yet handed out
	handed TxIndex       // index of txs[0]
	limit  TxIndex       // where the block ends; math.MaxInt until it is known
	closed bool          // no Push follows
	wake   chan struct{} // closed and replaced at every change
}

// NewQueue returns a queue that holds txs.
func NewQueue(txs ...Tx) *Queue {
	q := &Queue{
		end:   make(chan TxIndex, 1),
		limit: math.MaxInt,
		wake:  make(chan struct{}),
	}
	q.Push(txs...)
	return q
}

// Push appends transactions. It does nothing once the queue is closed or the block ended at or below them.
func (q *Queue) Push(txs ...Tx) {
	q.change(func() {
		if !q.closed {
			q.txs = append(q.txs, txs...)
		}
	})
}

// Close says that no more transactions will come. It may be called again.
func (q *Queue) Close() { q.change(func() { q.closed = true }) }

// EndAt ends the block at n: transaction n and those above it are left out. Only the first call counts.
func (q *Queue) EndAt(n TxIndex) {
	q.change(func() {
		if q.limit == math.MaxInt {
			q.limit = n
			q.end <- n
		}
	})
}

// End is what belongs into Job.End.
func (q *Queue) End() <-chan TxIndex { return q.end }

// Next implements [Feed].
func (q *Queue) Next(ctx context.Context) ([]Tx, error) {
	for {
		txs, wake, err := q.take()
		if len(txs) > 0 || err != nil {
			return txs, err
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns what can be handed out now, io.EOF if nothing ever will, or a channel to wait on.
func (q *Queue) take() ([]Tx, <-chan struct{}, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(TxIndex(len(q.txs)), max(q.limit-q.handed, 0))
	if n == 0 {
		if q.closed || q.handed >= q.limit {
			return nil, nil, io.EOF
		}
		return nil, q.wake, nil
	}
	txs := q.txs[:n:n]
	q.txs = q.txs[n:]
	q.handed += n
	return txs, nil, nil
}

func (q *Queue) change(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
	close(q.wake)
	q.wake = make(chan struct{})
}
