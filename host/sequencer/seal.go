package sequencer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Sealed is a block that was executed and sealed.
type Sealed struct {
	*Block
	Root framework.Root
	// Executing and Sealing are how long the two took. Executing includes waiting for transactions.
	Executing, Sealing time.Duration
	// Overlap is how much of Executing passed while the block before this one was sealed.
	Overlap time.Duration
}

// Seal stages a block that Execute returned and makes it durable. The block must follow the store's head.
func (s *Sequencer) Seal(ctx context.Context, b *Block) (framework.Root, error) {
	if err := s.Store.Stage(ctx, b.Number, b.Protocol, &b.Diff); err != nil {
		return framework.Root{}, fmt.Errorf("stage block %d: %w", b.Number, err)
	}
	return s.sealStaged(ctx, b)
}

// sealStaged makes a staged block durable, in the order of a [Journal].
func (s *Sequencer) sealStaged(ctx context.Context, b *Block) (framework.Root, error) {
	if s.Journal != nil {
		before, err := s.Store.At(ctx, b.Number-1)
		if err != nil {
			return framework.Root{}, fmt.Errorf("state before block %d: %w", b.Number, err)
		}
		if err := errors.Join(s.Journal.Pend(ctx, b, before), before.Close()); err != nil {
			return framework.Root{}, err
		}
	}
	root, err := s.Store.Seal(ctx, b.Number)
	if err != nil {
		return framework.Root{}, fmt.Errorf("seal block %d: %w", b.Number, err)
	}
	if s.Journal != nil {
		err = s.Journal.Complete(ctx, b.Number, root)
	}
	if s.Preview != nil {
		s.Preview.sealed(b.Number)
	}
	return root, err
}

// sealer seals one block after the other in the background: a block is staged when the one before it is sealed, which
// leaves time to execute the next one meanwhile.
type sealer struct {
	s    *Sequencer
	each func(*Sealed)
	fail context.CancelCauseFunc // stops the building of blocks

	wg sync.WaitGroup
	// Of the block that was sealed last. To be read after wait.
	begun, ended time.Time
	err          error
}

// wait waits until no block is being sealed, and returns what was wrong with the last.
func (l *sealer) wait() error {
	l.wg.Wait()
	return l.err
}

// seal waits until the last block is sealed, stages b, and goes on in the background. Executing began then; it ends now.
// Stopping does not stop a block from being sealed: it is executed, and what ctx is about is the next one.
func (l *sealer) seal(ctx context.Context, b *Block, executing time.Time) error {
	sealed := &Sealed{Block: b, Executing: time.Since(executing)}
	executed := executing.Add(sealed.Executing)
	if err := l.wait(); err != nil {
		return err
	}
	sealed.Overlap = max(0, earlier(l.ended, executed).Sub(later(l.begun, executing)))
	ctx = context.WithoutCancel(ctx)
	l.begun = time.Now()
	if err := l.s.Store.Stage(ctx, b.Number, b.Protocol, &b.Diff); err != nil {
		return fmt.Errorf("stage block %d: %w", b.Number, err)
	}
	l.wg.Go(func() {
		root, err := l.s.sealStaged(ctx, b)
		if err != nil {
			l.err = err
			l.fail(l.err)
			return
		}
		l.ended = time.Now()
		sealed.Root, sealed.Sealing = root, l.ended.Sub(l.begun)
		l.each(sealed)
	})
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
