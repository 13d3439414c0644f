package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// store is a store in a process that may be started again. Reads go on by themselves; what changes the store is done
// here again if it may not have been done.
type store struct {
	framework.Store
	h *Handle

	mu     sync.Mutex
	head   framework.BlockNumber // the last block known to be sealed; guarded by mu
	staged []staged              // the blocks above it, in order; guarded by mu
}

// staged is a block that was staged.
type staged struct {
	number   framework.BlockNumber
	protocol string
	diff     framework.Diff
	restored bool // it was staged again
}

// lostBlocksError says that a store has come back without blocks that it had sealed.
type lostBlocksError struct{ had, has framework.BlockNumber }

func (e *lostBlocksError) Error() string {
	if e.has == framework.AtEmpty {
		return fmt.Sprintf("the store had sealed block %d, and came back empty", e.had)
	}
	return fmt.Sprintf("the store had sealed block %d, and came back with block %d", e.had, e.has)
}

// Unwrap returns the store itself; see plugin.As.
func (s *store) Unwrap() any { return s.Store }

// headOf returns the number of the last sealed block, AtEmpty if there is none.
func headOf(ctx context.Context, s framework.Store) (framework.Head, error) {
	head, err := s.Head(ctx)
	if errors.Is(err, framework.ErrEmpty) {
		return framework.Head{Number: framework.AtEmpty}, nil
	}
	return head, err
}

// begin learns what the store has.
func (s *store) begin(ctx context.Context) error {
	head, err := headOf(ctx, s.Store)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head = head.Number
	return err
}

// restore gives a store that was started again what was staged. It must have all that was sealed.
func (s *store) restore(ctx context.Context, part any) error {
	again, ok := part.(framework.Store)
	if !ok {
		return fmt.Errorf("a %T is no store", part)
	}
	head, err := headOf(ctx, again)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if head.Number < s.head {
		return &lostBlocksError{s.head, head.Number}
	}
	for i := range s.staged {
		b := &s.staged[i]
		if b.number <= head.Number {
			continue // it was sealed when the process died
		}
		if err := again.Stage(ctx, b.number, b.protocol, &b.diff); err != nil {
			return fmt.Errorf("stage block %d again: %w", b.number, err)
		}
		b.restored = true
	}
	return nil
}

// again calls f, and once more whenever the process has died in the call and was started again, unless done says that
// the call had done its work.
func (s *store) again(ctx context.Context, f func() error, done func() (bool, error)) error {
	for {
		made := s.h.mark()
		err := f()
		if !errors.Is(err, framework.ErrPluginGone) {
			return err
		}
		if err := s.h.again(ctx, made); err != nil {
			return err
		}
		if is, err := done(); is || err != nil && !errors.Is(err, framework.ErrPluginGone) {
			return err
		}
	}
}

// Stage implements [framework.Store].
func (s *store) Stage(ctx context.Context, n framework.BlockNumber, protocol string, d *framework.Diff) error {
	// What is being staged counts as staged: restore does it if the process dies in the call.
	s.change(func() {
		diff := framework.Diff{Writes: slices.Clone(d.Writes), Classes: slices.Clone(d.Classes)}
		s.staged = append(s.staged, staged{number: n, protocol: protocol, diff: diff})
	})
	err := s.again(ctx, func() error { return s.Store.Stage(ctx, n, protocol, d) }, func() (bool, error) { return true, nil })
	s.change(func() {
		last := len(s.staged) - 1
		if errors.Is(err, framework.ErrOutOfOrder) && s.staged[last].restored {
			err = nil // the process died just before the call, which then came second
		}
		if err != nil {
			s.staged = s.staged[:last]
		}
	})
	return err
}

// Seal implements [framework.Store].
func (s *store) Seal(ctx context.Context, n framework.BlockNumber) (root framework.Root, err error) {
	err = s.again(ctx, func() (err error) {
		root, err = s.Store.Seal(ctx, n)
		return err
	}, func() (bool, error) {
		head, err := headOf(ctx, s.Store)
		root = head.Root
		return head.Number == n, err
	})
	if err == nil {
		s.change(func() {
			s.head = n
			s.staged = slices.DeleteFunc(s.staged, func(b staged) bool { return b.number <= n })
		})
	}
	return root, err
}

// Revert implements [framework.Store].
func (s *store) Revert(ctx context.Context, to framework.BlockNumber) error {
	var before framework.BlockNumber
	s.change(func() { before, s.head = s.head, to }) // fewer blocks are no loss from now on
	err := s.again(ctx, func() error { return s.Store.Revert(ctx, to) }, func() (bool, error) {
		head, err := headOf(ctx, s.Store)
		return head.Number == to && to != before, err
	})
	s.change(func() {
		if err != nil {
			s.head = min(before, s.head)
			return
		}
		s.staged = nil
	})
	return err
}

func (s *store) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}
