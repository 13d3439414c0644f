package mempool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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
	// Interval is how far apart the transactions of one block arrive from those of the next. Those of few blocks wait at most.
	Interval time.Duration
	// Refused is told of transactions that were refused, by several goroutines at once. It may be nil.
	Refused func(error)

	mu     sync.Mutex
	sealed chan struct{} // closed and replaced when a block was sealed; guarded by mu
	again  atomic.Bool   // some transaction did not come through, so that the nonces of its sender must be read again
}

// clients is how many submit transactions at the same time. Those of one sender come from one client, in their order.
const clients = 8

// ahead is how many blocks of transactions may wait when those of one more are submitted.
const ahead = 2

// tries is how often a transaction is submitted that is refused.
const tries = 4

// Sealed tells the driver of a block.
func (d *Driver) Sealed(*sequencer.Sealed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sealed != nil {
		close(d.sealed)
		d.sealed = nil
	}
}

// next returns what is closed when the next block is sealed.
func (d *Driver) next() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sealed == nil {
		d.sealed = make(chan struct{})
	}
	return d.sealed
}

// Run submits transactions until ctx ends.
func (d *Driver) Run(ctx context.Context) error {
	if err := d.drain(ctx, 0); err != nil { // what was there before takes nonces, too
		return err
	}
	var due time.Time
	for {
		next, err := d.resume(ctx)
		if err != nil {
			return err
		}
		if due, err = d.run(ctx, next, due); err != nil {
			return err
		}
		if err := d.drain(ctx, 0); err != nil {
			return err
		}
	}
}

// run submits blocks from next on, the first when it is due, until some transaction does not come through, and returns when the one
// after that is due. While one block is submitted the next is made.
func (d *Driver) run(ctx context.Context, next framework.BlockNumber, due time.Time) (time.Time, error) {
	made := d.make(next)
	for {
		err := d.waitUntil(ctx, due)
		txs := <-made
		if err != nil {
			return due, err
		}
		due = time.Now().Add(d.Interval)
		next++
		made = d.make(next)
		if err = d.submit(ctx, txs); err == nil {
			err = d.drain(ctx, ahead*len(txs))
		}
		if err != nil || d.again.Swap(false) {
			<-made
			return due, err
		}
	}
}

// make makes the transactions of a block. Whoever calls it waits for them.
func (d *Driver) make(n framework.BlockNumber) <-chan []framework.Tx {
	made := make(chan []framework.Tx, 1)
	go func() {
		_, txs := d.Source.Block(n)
		made <- txs
	}()
	return made
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
	var of [clients][]*starknet.Input
	for i := range txs {
		in, err := starknet.DecodeInput(txs[i].Body)
		if err != nil {
			return fmt.Errorf("workload: transaction %d: %w", i, err)
		}
		who := uint64(0)
		if s := shapeOf(in.Transaction); s != nil {
			who = s.sender[0] % clients
		}
		of[who] = append(of[who], in)
	}
	var wg sync.WaitGroup
	var errs [clients]error
	for who := range of {
		wg.Go(func() {
			for _, in := range of[who] {
				if errs[who] = d.send(ctx, in); errs[who] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs[:]...)
}

// submission returns what submits a transaction as whoever it comes from would: an account, or L1.
func (d *Driver) submission(ctx context.Context, in *starknet.Input) (func() error, error) {
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

// send submits a transaction. One that is refused is submitted again when a block was sealed: it may depend on what is in that, as
// the deployment of an account depends on what the account was sent.
func (d *Driver) send(ctx context.Context, in *starknet.Input) error {
	add, err := d.submission(ctx, in)
	if err != nil {
		return fmt.Errorf("workload: %w", err)
	}
	var no *Refusal
	for range tries {
		block := d.next()
		err = add()
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &no):
			return fmt.Errorf("workload: %w", err)
		}
		if err := d.wait(ctx, block); err != nil {
			return err
		}
	}
	d.again.Store(true)
	if d.Refused != nil {
		d.Refused(err)
	}
	return nil
}

// stale is how long nothing happens before the pool is looked at anyway: transactions expire without a block.
const stale = time.Second

// drain waits until at most n transactions wait in the pool.
func (d *Driver) drain(ctx context.Context, n int) error {
	for {
		block := d.next()
		if d.Pool.Len() <= n {
			return nil
		}
		if err := d.wait(ctx, block); err != nil {
			return err
		}
	}
}

// wait waits for a block.
func (d *Driver) wait(ctx context.Context, block <-chan struct{}) error {
	timer := time.NewTimer(stale)
	defer timer.Stop()
	select {
	case <-block:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
