package sequencer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Source is where transactions come from, block by block. Asked twice, it answers the same.
type Source interface {
	// Genesis is the state that block 0 makes.
	Genesis() *framework.Diff
	// Block returns block n, from 1 on, and its transactions. Both belong to the caller, but for the bodies.
	Block(n framework.BlockNumber) (*framework.Block, []framework.Tx)
}

// Resumer is a source whose transactions depend on the state that the blocks before have left.
type Resumer interface {
	// Resume says that block n is the next one, and st the state before it.
	Resume(ctx context.Context, n framework.BlockNumber, st framework.State) error
}

// Start brings journal and store together, seals the genesis of src as block 0 if there is none, and returns the number of
// the block that comes next. A source that is a [Resumer] is told where it goes on.
func (s *Sequencer) Start(ctx context.Context, src interface{ Genesis() *framework.Diff }) (framework.BlockNumber, error) {
	head, err := s.recover(ctx)
	if err != nil {
		return 0, err
	}
	if head == framework.AtEmpty {
		genesis := &Block{Block: new(framework.Block), Diff: *src.Genesis()}
		if supply, ok := src.(Supply); ok {
			genesis.Block = supply.Open(0)
		}
		if _, err := s.Seal(ctx, genesis); err != nil {
			return 0, fmt.Errorf("genesis: %w", err)
		}
		head = 0
	}
	return head + 1, s.resume(ctx, src, head)
}

// resume tells a source that the store is at block n.
func (s *Sequencer) resume(ctx context.Context, src any, n framework.BlockNumber) error {
	r, ok := src.(Resumer)
	if !ok {
		return nil
	}
	st, err := s.Store.At(ctx, n)
	if err != nil {
		return fmt.Errorf("state after block %d: %w", n, err)
	}
	return errors.Join(r.Resume(ctx, n+1, st), st.Close())
}

// Next executes and seals one block of src.
func (s *Sequencer) Next(ctx context.Context, src Source, n framework.BlockNumber) (*Sealed, error) {
	b, txs := src.Block(n)
	s.limit(b)
	q := framework.NewQueue(txs...)
	q.Close()
	start := time.Now()
	built, err := s.Execute(ctx, b, q)
	if err != nil {
		return nil, err
	}
	built.Txs = txs[:len(built.Finals)]
	executed := time.Now()
	root, err := s.Seal(ctx, built)
	if err != nil {
		return nil, err
	}
	return &Sealed{Block: built, Root: root, Executing: executed.Sub(start), Sealing: time.Since(executed)}, nil
}

// limit gives a block the limits of the sequencer if it has none of its own.
func (s *Sequencer) limit(b *framework.Block) {
	if len(b.Capacity) == 0 {
		b.Capacity = s.Capacity
	}
}

// Pace says when a block is closed besides when its capacity is used up.
type Pace struct {
	// Interval closes a block this long after its first transaction. 0 means never.
	Interval time.Duration
	// Transactions closes a block that has so many. 0 means no limit.
	Transactions int
	// Count is how many blocks to make. 0 means as long as transactions come.
	Count int
}

// Produce makes blocks out of what the supply hands out and calls each for every one when it is sealed, in order and
// from one goroutine at a time. A block begins with a transaction and is closed by pace or when the next transaction
// does not fit; what was left over begins the next one. A block executes while the one before it is sealed.
//
// It returns nil when the supply has ended and all is sealed, and when ctx is cancelled: the block that was being made
// is then dropped, and the one that was being sealed is sealed.
func (s *Sequencer) Produce(ctx context.Context, supply Supply, pace Pace, each func(*Sealed)) error {
	first, err := s.Start(ctx, supply)
	if err != nil {
		return unlessCancelled(ctx, err)
	}
	building, stop := context.WithCancelCause(ctx)
	l := &sealer{s: s, each: each, fail: stop}
	p := newPump(building, supply)
	for n := first; err == nil && (pace.Count == 0 || n < first+framework.BlockNumber(pace.Count)); n++ {
		err = s.produce(building, supply, p, pace, n, l)
	}
	stop(nil)
	p.wg.Wait()
	if failed := l.wait(); failed != nil {
		return failed
	}
	if errors.Is(err, errOver) {
		return nil
	}
	return unlessCancelled(ctx, err)
}

// errOver says that the supply has ended.
var errOver = errors.New("no more transactions")

// produce builds one block and has it sealed. It returns errOver if there is nothing to build one of.
func (s *Sequencer) produce(ctx context.Context, supply Supply, p *pump, pace Pace, n framework.BlockNumber, l *sealer) error {
	switch err := p.wait(ctx, nil); {
	case errors.Is(err, io.EOF):
		return errOver
	case err != nil:
		return fmt.Errorf("transactions for block %d: %w", n, err)
	}
	b, err := s.open(ctx, supply, n)
	if err != nil {
		return err
	}
	limit := framework.TxIndex(math.MaxInt)
	if pace.Transactions > 0 {
		limit = framework.TxIndex(pace.Transactions)
	}
	in := newIntake(p, limit)
	c := s.collect(b, in)
	if s.Preview != nil {
		s.Preview.begin(b)
		c.final = func(f *framework.Final) { s.Preview.add(in.tx(f.Tx), *f) }
	}
	if pace.Interval > 0 {
		// At least one transaction gets into the block, or one that takes longer than this never would.
		deadline := time.AfterFunc(pace.Interval, func() { in.EndAt(max(1, framework.TxIndex(c.count.Load()))) })
		defer deadline.Stop()
	}
	start := time.Now()
	built, err := s.execute(ctx, b, c)
	if err != nil {
		return err
	}
	if built.Full && len(built.Finals) == 0 {
		return fmt.Errorf("block %d: transaction 0x%x does not fit into an empty block, and the VM did not reject it", n, in.taken[0].ID[0])
	}
	built.Txs = in.taken[:len(built.Finals):len(built.Finals)]
	in.putBack(len(built.Finals))
	return l.seal(ctx, built, start)
}

// open returns block n with what is known of it before its first transaction.
func (s *Sequencer) open(ctx context.Context, supply Supply, n framework.BlockNumber) (*framework.Block, error) {
	b := supply.Open(n)
	s.limit(b)
	if s.Journal == nil {
		return b, nil
	}
	start, err := s.Journal.Start(ctx, n)
	b.Start = start
	return b, err
}

// unlessCancelled drops an error that comes from ctx being cancelled.
func unlessCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
