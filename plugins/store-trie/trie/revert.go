package trie

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// Revert implements [framework.Store]. It is one batch, as sealing a block is.
func (s *Store) Revert(ctx context.Context, to framework.BlockNumber) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.alive.RUnlock()
	s.writing.Lock()
	defer s.writing.Unlock()
	v := s.now.view
	err := s.revert(ctx, v, to)
	if err == nil {
		err = s.renew(nil)
	}
	if err != nil {
		return fmt.Errorf("trie: revert to block %d, the head being %d: %w", to, v.number(), err)
	}
	return nil
}

func (s *Store) revert(ctx context.Context, v *view, to framework.BlockNumber) error {
	if to == framework.AtEmpty {
		return s.clear()
	}
	target, err := v.block(to)
	if err != nil || target == v.head {
		return err
	}
	r, err := v.rewind(ctx, to)
	if err != nil {
		return err
	}
	c, err := s.committer.run(v, changesTo(r.writes))
	if err != nil {
		return err
	}
	if c.contracts != target.contracts || c.classes != target.classes {
		return fmt.Errorf("%w: undoing the blocks above gives tries of roots %v and %v, block %d has %v and %v",
			ErrDamaged, c.contracts, c.classes, to, target.contracts, target.classes)
	}
	return s.writeCommitment(c, func(b kv.Batch) error {
		w := cellWriter{batch: b}
		return errors.Join(w.cells(c.changes), r.forget(b),
			b.Set([]byte{prefixHead}, appendNumber(nil, to)))
	})
}
