package sequencer

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Supply is where the transactions of a chain come from as they arrive.
type Supply interface {
	// Genesis is the state that block 0 makes.
	Genesis() *framework.Diff
	// Open returns block n without transactions. It belongs to the caller. Block 0 has none anyway.
	Open(n framework.BlockNumber) *framework.Block
	// Feed hands out the transactions in the order in which they are to be executed, whatever block they get into.
	framework.Feed
}

// Arrivals returns a supply to which the transactions of src arrive block by block, one block every interval. What has
// to wait arrives late, but nothing ever arrives sooner for it. It is a [Resumer]; before it is told where to go on, the
// first transactions are those of block 1.
func Arrivals(src Source, interval time.Duration) Supply {
	return &arrivals{Source: src, next: 1, interval: interval}
}

type arrivals struct {
	Source
	interval time.Duration
	next     framework.BlockNumber
	last     time.Time // when the transactions before arrived
}

// Resume implements [Resumer].
func (a *arrivals) Resume(ctx context.Context, n framework.BlockNumber, st framework.State) error {
	a.next = n
	if r, ok := a.Source.(Resumer); ok {
		return r.Resume(ctx, n, st)
	}
	return nil
}

// Open implements [Supply].
func (a *arrivals) Open(n framework.BlockNumber) *framework.Block {
	if n == 0 {
		return &framework.Block{}
	}
	b, _ := a.Block(n)
	return b
}

// Next implements [framework.Feed].
func (a *arrivals) Next(ctx context.Context) ([]framework.Tx, error) {
	if !a.last.IsZero() {
		due := time.NewTimer(a.interval - time.Since(a.last))
		defer due.Stop()
		select {
		case <-due.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	a.last = time.Now()
	_, txs := a.Block(a.next)
	a.next++
	return txs, nil
}

// pump fetches from a feed, one batch ahead of what is taken. All but its goroutine is for one goroutine at a time.
type pump struct {
	batches chan []framework.Tx // closed at the end of the feed
	backlog []framework.Tx      // what comes next
	err     error               // why the feed ended; to be read when batches is closed
	wg      sync.WaitGroup
}

// newPump starts a pump, which ends when ctx does. Whoever made it waits for that by wg.
func newPump(ctx context.Context, feed framework.Feed) *pump {
	p := &pump{batches: make(chan []framework.Tx)}
	p.wg.Go(func() {
		defer close(p.batches)
		for {
			txs, err := feed.Next(ctx)
			if err != nil {
				p.err = err
				return
			}
			select {
			case p.batches <- txs:
			case <-ctx.Done():
				p.err = ctx.Err()
				return
			}
		}
	})
	return p
}

// wait waits until there is a transaction, or returns why there will be none: the error of the feed or of the context,
// or io.EOF when done is closed.
func (p *pump) wait(ctx context.Context, done <-chan struct{}) error {
	if len(p.backlog) > 0 {
		return nil
	}
	select {
	case txs, ok := <-p.batches:
		if !ok {
			return p.err
		}
		p.backlog = txs
		return p.wait(ctx, done) // a feed may be wrong and return none
	case <-done:
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	}
}

// intake is the feed of one block: it takes from a pump what the scheduler asks for, until the block ends.
type intake struct {
	pump *pump
	end  chan framework.TxIndex
	over chan struct{} // closed by EndAt

	mu    sync.Mutex
	taken []framework.Tx // all that was handed out; guarded by mu
	limit framework.TxIndex
	ended bool // guarded by mu
}

// newIntake returns the feed of a block of at most limit transactions.
func newIntake(p *pump, limit framework.TxIndex) *intake {
	return &intake{pump: p, end: make(chan framework.TxIndex, 1), over: make(chan struct{}), limit: limit}
}

// End implements [Intake].
func (in *intake) End() <-chan framework.TxIndex { return in.end }

// EndAt implements [Intake].
func (in *intake) EndAt(n framework.TxIndex) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		return
	}
	in.ended, in.limit = true, min(in.limit, n)
	in.end <- n
	close(in.over)
}

// Next implements [framework.Feed].
func (in *intake) Next(ctx context.Context) ([]framework.Tx, error) {
	for {
		if in.room() == 0 {
			return nil, io.EOF
		}
		if err := in.pump.wait(ctx, in.over); err != nil {
			return nil, err
		}
		if txs := in.take(); len(txs) > 0 {
			return txs, nil
		}
	}
}

// room returns how many transactions still fit.
func (in *intake) room() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return max(int(in.limit)-len(in.taken), 0)
}

// take moves what fits from the backlog into the block.
func (in *intake) take() []framework.Tx {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := min(len(in.pump.backlog), max(int(in.limit)-len(in.taken), 0))
	txs := slices.Clone(in.pump.backlog[:n]) // the scheduler may write into its slice
	in.pump.backlog = in.pump.backlog[n:]
	in.taken = append(in.taken, txs...)
	return txs
}

// tx returns a transaction that was taken.
func (in *intake) tx(i framework.TxIndex) framework.Tx {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.taken[i]
}

// putBack gives the pump what did not get into the block, which holds the first n. The block has ended.
func (in *intake) putBack(n int) {
	if left := in.taken[n:]; len(left) > 0 {
		in.pump.backlog = append(slices.Clip(left), in.pump.backlog...)
	}
}
