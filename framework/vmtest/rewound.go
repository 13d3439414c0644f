package vmtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// Rewound is a VM that rolls each transaction back at every one of its reads; where there are more than a thousand, at sixteen of
// them. Its executors execute the transaction, then let it go on from a read with another value there, and from the same read with
// the value that it had. What that comes to must be the outcome of a run from the start on the same values, to the byte, receipt and
// calls included; if not, Execute returns an error that says so. What lies before the read must not be read again.
//
// It is for the transactions of a test that has a state and a loop of its own, where [Run] tries some of the reads only. The
// executors of VM must be Rewinders with a checkpoint at every read, and its transactions must not overlap.
type Rewound struct {
	framework.VM

	// Seed selects the other values.
	Seed uint64
	// Transactions counts those that were rolled back, Reads at how many places that was, and Sampled those that were not at every read.
	Transactions, Reads, Sampled atomic.Int64
}

// Open implements [framework.VM]. Receipts have the calls, whether b asks for them or not.
func (w *Rewound) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	traced := *b
	traced.Trace = true
	e, err := w.VM.Open(ctx, &traced)
	if err != nil {
		return nil, err
	}
	rw, ok := e.(framework.Rewinder)
	if !ok {
		return nil, errors.Join(errors.New("vmtest: the executor is no Rewinder"), e.Close())
	}
	return &rewoundExecutor{e, rw, w}, nil
}

type rewoundExecutor struct {
	framework.Executor
	framework.Rewinder

	w *Rewound
}

// Each place costs a run from the start, so that every read of a long transaction would cost the square of its length.
const (
	mostReads    = 1000
	sampledReads = 16
)

// straightTx is added to the number of a transaction for those of its attempts that begin at the start.
const straightTx = 1 << 30

// Execute implements [framework.Executor].
func (e *rewoundExecutor) Execute(
	ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome,
) error {
	first := &logging{View: view, seen: map[framework.Key]bool{}}
	if err := e.Executor.Execute(ctx, tx, v, first, out); err != nil {
		return err
	}
	defer e.Forget(v.Tx)
	e.w.Transactions.Add(1)
	rng := rand.New(rand.NewPCG(e.w.Seed, uint64(v.Tx))) //nolint:gosec // repeatable, not secret
	last, stride := v, 1
	if len(first.log) > mostReads {
		e.w.Sampled.Add(1)
		stride = len(first.log) / sampledReads
	}
	for k := 0; k < len(first.log); k += stride {
		e.w.Reads.Add(1)
		other := alterOne(first.log[k].key, rng)
		want, wantErr := e.straight(ctx, tx, v.Tx, &logging{View: view, alter: other, seen: map[framework.Key]bool{}})
		if err := e.rollBack(ctx, &last, first.log[:k], &logging{View: view, alter: other}, want, wantErr); err != nil {
			return fmt.Errorf("other value at read %d of %d: %w", k, len(first.log), err)
		}
		if err := e.rollBack(ctx, &last, first.log[:k], &logging{View: view}, out, nil); err != nil {
			return fmt.Errorf("same value at read %d of %d: %w", k, len(first.log), err)
		}
	}
	return nil
}

// straight makes an attempt from the start.
func (e *rewoundExecutor) straight(
	ctx context.Context, tx *framework.Tx, i framework.TxIndex, view framework.View,
) (*framework.Outcome, error) {
	var out framework.Outcome
	err := e.Executor.Execute(ctx, tx, framework.Version{Tx: i + straightTx}, view, &out)
	e.Forget(i + straightTx)
	return &out, err
}

// rollBack lets the last attempt go on from behind the known reads, and compares what that comes to.
func (e *rewoundExecutor) rollBack(
	ctx context.Context, last *framework.Version, known []read, view *logging, want *framework.Outcome, wantErr error,
) error {
	view.seen = make(map[framework.Key]bool, len(known))
	for i := range known {
		view.seen[known[i].key] = true
	}
	view.known = len(known)
	from := *last
	last.Inc++
	var got framework.Outcome
	err := e.Resume(ctx, from, len(known), *last, view, &got)
	switch {
	case errors.Is(err, framework.ErrNoCheckpoint), (err == nil) != (wantErr == nil):
		return fmt.Errorf("resumed: error %w, from the start: %w", err, wantErr)
	case err == nil && !equal(want, &got):
		return fmt.Errorf("outcomes differ (-from the start +resumed):\n%s", diff(want, &got))
	case view.again > 0:
		return fmt.Errorf("%d reads were made again", view.again)
	}
	return nil
}

// logging is a view that keeps the log of the reads, and makes other values of some.
type logging struct {
	framework.View

	alter alter
	log   []read
	seen  map[framework.Key]bool
	// known is how many keys were seen before the view was there, again how often one of them was read.
	known, again int
}

// Read implements [framework.View].
func (l *logging) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if err := l.View.Read(ctx, keys, out); err != nil {
		return err
	}
	for i, k := range keys {
		if l.alter != nil {
			out[i] = l.alter(k, out[i])
		}
		switch {
		case !l.seen[k]:
			l.seen[k] = true
			l.log = append(l.log, read{k, out[i]})
		case l.known > 0:
			l.again++
		}
	}
	return nil
}
