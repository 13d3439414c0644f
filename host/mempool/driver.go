package mempool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Driver submits the transactions of a source to a pool, block by block, as clients would. It is for one run.
type Driver struct {
	Source    sequencer.Source
	Admission *Admission
	Pool      *Pool
	// State returns the last block and the state after it, which the caller closes.
	State func(ctx context.Context) (framework.BlockNumber, framework.State, error)
	// Interval is how far apart the transactions of one block arrive from those of the next. Those of two blocks wait at most.
	Interval time.Duration
	// Refused is told of transactions that were refused. It may be nil.
	Refused func(error)

	once  sync.Once
	wake  chan struct{} // holds one element when a block was sealed
	again bool          // some transaction did not come through, so that the nonces of its sender must be read again
}

func (d *Driver) signal() chan struct{} {
	d.once.Do(func() { d.wake = make(chan struct{}, 1) })
	return d.wake
}

// Sealed tells the driver of a block.
func (d *Driver) Sealed(*sequencer.Sealed) {
	select {
	case d.signal() <- struct{}{}:
	default:
	}
}

// Run submits transactions until ctx ends.
func (d *Driver) Run(ctx context.Context) error {
	next, err := d.resume(ctx)
	if err != nil {
		return err
	}
	var due time.Time
	for ; ; next++ {
		if err := d.waitUntil(ctx, due); err != nil {
			return err
		}
		due = time.Now().Add(d.Interval)
		_, txs := d.Source.Block(next)
		if err := d.submit(ctx, txs); err != nil {
			return err
		}
		if err := d.drain(ctx, len(txs)); err != nil {
			return err
		}
		if !d.again {
			continue
		}
		if err := d.drain(ctx, 0); err != nil {
			return err
		}
		d.again = false
		if next, err = d.resume(ctx); err != nil {
			return err
		}
		next--
	}
}

// resume lets the source go on from the last state.
func (d *Driver) resume(ctx context.Context) (framework.BlockNumber, error) {
	n, st, err := d.State(ctx)
	if err != nil {
		return 0, fmt.Errorf("workload: %w", err)
	}
	if r, ok := d.Source.(sequencer.Resumer); ok {
		err = r.Resume(ctx, n+1, st)
	}
	return n + 1, errors.Join(err, st.Close())
}

func (d *Driver) waitUntil(ctx context.Context, due time.Time) error {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// submit submits the transactions of a block.
func (d *Driver) submit(ctx context.Context, txs []framework.Tx) error {
	for i := range txs {
		add, err := d.submission(ctx, txs[i].Body)
		if err == nil {
			err = d.send(ctx, add)
		}
		if err != nil {
			return fmt.Errorf("workload: transaction %d: %w", i, err)
		}
	}
	return nil
}

// submission returns what submits a transaction as whoever it comes from would: an account, or L1.
func (d *Driver) submission(ctx context.Context, body []byte) (func() error, error) {
	in, err := starknet.DecodeInput(body)
	if err != nil {
		return nil, err
	}
	if m, ok := in.Transaction.(*starknet.L1Handler); ok {
		return func() error {
			_, err := d.Admission.AddMessage(m, in.PaidFee)
			return err
		}, nil
	}
	b := &openrpc.Broadcast{Transaction: in.Transaction}
	if len(in.Class) > 0 {
		k, err := class.Decode(in.Class)
		if err != nil {
			return nil, err
		}
		if both, ok := k.(*class.Compiled); ok {
			b.Class = both.Sierra
		}
	}
	return func() error {
		_, err := d.Admission.Add(ctx, b)
		return err
	}, nil
}

// send submits a transaction. One that is refused is submitted once more when those before it are in blocks: it may depend on
// them, as the deployment of an account depends on what the account was sent.
func (d *Driver) send(ctx context.Context, add func() error) error {
	var no *Refusal
	err := add()
	if errors.As(err, &no) {
		if err := d.drain(ctx, 0); err != nil {
			return err
		}
		err = add()
	}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no):
		d.again = true
		if d.Refused != nil {
			d.Refused(err)
		}
		return nil
	}
	return err
}

// stale is how long nothing happens before the pool is looked at anyway: transactions expire without a block.
const stale = time.Second

// drain waits until at most n transactions wait in the pool.
func (d *Driver) drain(ctx context.Context, n int) error {
	for d.Pool.Len() > n {
		timer := time.NewTimer(stale)
		select {
		case <-d.signal():
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
	return nil
}
