package sequencer

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
)

// Journal keeps the blocks of a chain, whose state a store keeps. For every block Pend is called, then the store seals its
// state, then Complete is called; so a crash at any moment leaves the two in a state from which [Sequencer.Start] can go on.
// One goroutine at a time calls it.
type Journal interface {
	// Start returns what block n writes before its first transaction. The blocks before the last one are complete.
	Start(ctx context.Context, n framework.BlockNumber) ([]framework.Write, error)
	// Pend makes a block lasting, as pending: its transactions, outcomes and diff. It follows the last one. before is the
	// state before the block.
	Pend(ctx context.Context, b *Block, before framework.State) error
	// Complete says that the store has sealed the pending block n with this root.
	Complete(ctx context.Context, n framework.BlockNumber, root framework.Root) error
	// Last returns the last block that was pended.
	Last(ctx context.Context) (*Kept, error)
}

// Kept is the last block of a [Journal].
type Kept struct {
	// Number is framework.AtEmpty if there is no block.
	Number framework.BlockNumber
	// Pending says that the block was not completed. Protocol and Diff are set then; Root if not.
	Pending  bool
	Protocol string
	Diff     *framework.Diff
	Root     framework.Root
}

// ErrApart says that journal and store do not belong together, or that one of them has lost blocks.
var ErrApart = errors.New("ledger and store do not fit together")

// recover seals or completes the block that was pending when the sequencer was stopped, and returns the number of the last
// block.
func (s *Sequencer) recover(ctx context.Context) (framework.BlockNumber, error) {
	head, err := s.Store.Head(ctx)
	switch {
	case errors.Is(err, framework.ErrEmpty):
		head = framework.Head{Number: framework.AtEmpty}
	case err != nil:
		return 0, fmt.Errorf("head of the store: %w", err)
	}
	if s.Journal == nil {
		return head.Number, nil
	}
	last, err := s.Journal.Last(ctx)
	if err != nil {
		return 0, fmt.Errorf("last block of the ledger: %w", err)
	}
	switch {
	case !last.Pending && last.Number == head.Number:
		if last.Root != head.Root {
			return 0, fmt.Errorf("%w: block %d has the root %#x in the ledger, and %#x in the store",
				ErrApart, head.Number, bigEndian(last.Root), bigEndian(head.Root))
		}
		return head.Number, nil
	case last.Pending && last.Number == head.Number:
		return last.Number, s.Journal.Complete(ctx, last.Number, head.Root)
	case last.Pending && last.Number == head.Number+1:
		return last.Number, s.sealAgain(ctx, last)
	}
	return 0, fmt.Errorf("%w: %s, and the store is %s", ErrApart, last, at(head.Number))
}

// sealAgain seals a block that was executed before.
func (s *Sequencer) sealAgain(ctx context.Context, k *Kept) error {
	if err := s.Store.Stage(ctx, k.Number, k.Protocol, k.Diff); err != nil {
		return fmt.Errorf("stage block %d: %w", k.Number, err)
	}
	root, err := s.Store.Seal(ctx, k.Number)
	if err != nil {
		return fmt.Errorf("seal block %d: %w", k.Number, err)
	}
	return s.Journal.Complete(ctx, k.Number, root)
}

// bigEndian returns a root as people read it.
func bigEndian(r framework.Root) []byte {
	out := make([]byte, 0, 32)
	for i := range r {
		limb := r[len(r)-1-i]
		for shift := 56; shift >= 0; shift -= 8 {
			out = append(out, byte(limb>>shift))
		}
	}
	return out
}

// at says at which block something is.
func at(n framework.BlockNumber) string {
	if n == framework.AtEmpty {
		return "empty"
	}
	return fmt.Sprintf("at block %d", n)
}

// String says where the ledger is.
func (k *Kept) String() string {
	s := "the ledger is " + at(k.Number)
	if k.Pending {
		s += ", which was not sealed"
	}
	return s
}
