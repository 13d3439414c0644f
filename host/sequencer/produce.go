package sequencer

import (
	"context"
	"errors"
	"fmt"
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

// Sealed is a block that was executed and sealed.
type Sealed struct {
	*Block
	Root framework.Root
	// Executing and Sealing are how long the two took.
	Executing, Sealing time.Duration
}

// Start seals the genesis of src as block 0 if the store is empty, and returns the number of the block that
// comes next.
func (s *Sequencer) Start(ctx context.Context, src Source) (framework.BlockNumber, error) {
	head, err := s.Store.Head(ctx)
	if err == nil {
		return head.Number + 1, nil
	}
	if !errors.Is(err, framework.ErrEmpty) {
		return 0, fmt.Errorf("head of the store: %w", err)
	}
	genesis := &Block{Block: &framework.Block{Number: 0}, Diff: *src.Genesis()}
	if _, err := s.Seal(ctx, genesis); err != nil {
		return 0, fmt.Errorf("genesis: %w", err)
	}
	return 1, nil
}

// Next executes and seals one block of src.
func (s *Sequencer) Next(ctx context.Context, src Source, n framework.BlockNumber) (*Sealed, error) {
	b, txs := src.Block(n)
	if len(b.Capacity) == 0 {
		b.Capacity = s.Capacity
	}
	q := framework.NewQueue(txs...)
	q.Close()
	start := time.Now()
	built, err := s.Execute(ctx, b, q)
	if err != nil {
		return nil, err
	}
	executed := time.Now()
	root, err := s.Seal(ctx, built)
	if err != nil {
		return nil, err
	}
	return &Sealed{built, root, executed.Sub(start), time.Since(executed)}, nil
}

// Produce makes count blocks of src, all if count is 0, and calls each after every one. A block starts interval
// after the one before it, or as soon as that one is sealed. Produce returns nil when ctx is cancelled: the
// block that was being made is dropped.
func (s *Sequencer) Produce(ctx context.Context, src Source, interval time.Duration, count int, each func(*Sealed)) error {
	first, err := s.Start(ctx, src)
	if err != nil {
		return unlessCancelled(ctx, err)
	}
	for n := first; count == 0 || n < first+framework.BlockNumber(count); n++ {
		next := time.NewTimer(interval)
		b, err := s.Next(ctx, src, n)
		if err != nil {
			next.Stop()
			return unlessCancelled(ctx, err)
		}
		each(b)
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return nil
		}
	}
	return nil
}

// unlessCancelled drops an error that comes from ctx being cancelled.
func unlessCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
