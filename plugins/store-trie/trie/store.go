// Package trie is the store of Starknet's state: flat for reads, with Patricia tries for the commitment, in one
// embedded database.
//
// # What is where
//
// Every cell of the state lies flat in the database, so execution never walks a trie. Beside it lie the pages of the
// tries (package patricia), which only commitments and proofs read, for each block what it has replaced, and the classes,
// each once and compressed. cells.go has the layout.
//
// A staged block is a sorted list in memory on top of the flat state. Sealing it drops the writes that change nothing,
// merges the rest into the tries of all touched contracts, hashes what is out of date level by level across all of
// them, and writes flat cells, pages, history and head as one lasting batch. So the database always is at one block.
//
// # Older blocks
//
// The flat state and the tries are those of the head. A cell as it was after an older block is the oldest value
// that a later block has replaced; the history is sorted for that. A trie as it was is made in memory, for a
// proof or to revert, by undoing what later blocks did to it. Its root is compared with the one that the block
// was sealed with.
//
// # Other backends
//
// The database is behind the small interface of package kv. README.md shows how to swap it.
package trie

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/kv"
)

// Store is a [framework.Store] and a [framework.Snapshotter] on disk.
type Store struct {
	last framework.BlockNumber // how many blocks are kept, 0 for all
	db   kv.DB

	// alive is held for reading by every call but Close, so that Close can wait for them.
	alive  sync.RWMutex
	closed bool // guarded by alive

	// writing is held by Stage, Seal, Revert and Import.
	writing   sync.Mutex
	committer *committer // guarded by writing

	mu    sync.Mutex
	now   tip            // guarded by mu; only changed while writing is held
	views map[*view]bool // those with references; guarded by mu
}

// tip is the newest state: a view of the database and the staged blocks above its head. It is replaced, not changed.
type tip struct {
	view   *view // the tip holds a reference
	staged []*layer
}

// number returns the number of the last block, staged or sealed.
func (t *tip) number() framework.BlockNumber {
	return t.view.number() + framework.BlockNumber(len(t.staged))
}

var (
	_ framework.Store       = (*Store)(nil)
	_ framework.Snapshotter = (*Store)(nil)
)

// enter begins a call, and returns why it cannot be made. Who gets nil calls s.alive.RUnlock at its end.
func (s *Store) enter(ctx context.Context) error {
	s.alive.RLock()
	err := ctx.Err()
	if s.closed {
		err = framework.ErrClosed
	}
	if err != nil {
		s.alive.RUnlock()
	}
	return err
}

// retain returns the tip with a reference to its view, to be released.
func (s *Store) retain() tip {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.view.refs++
	return s.now
}

// release gives back a reference.
func (s *Store) release(v *view) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(v)
}

// drop gives back a reference; s.mu must be held. The last one closes the view, unless the store did.
func (s *Store) drop(v *view) error {
	v.refs--
	if v.refs > 0 || !s.views[v] {
		return nil
	}
	delete(s.views, v)
	return v.Close()
}

// publish makes a new tip.
func (s *Store) publish(t tip) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.now.view
	if t.view != old {
		t.view.refs++
		s.views[t.view] = true
	}
	s.now = t
	if old == nil || t.view == old {
		return nil
	}
	return s.drop(old)
}

// renew makes the database as it is now the tip, with staged blocks above.
func (s *Store) renew(staged []*layer) error {
	v, err := newView(s.db.View(), s.last)
	if err != nil {
		return err
	}
	return s.publish(tip{v, staged})
}

// Head implements [framework.Store].
func (s *Store) Head(ctx context.Context) (framework.Head, error) {
	if err := s.enter(ctx); err != nil {
		return framework.Head{}, err
	}
	defer s.alive.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.view.Head()
}

// Head returns the head as others see it.
func (v *view) Head() (framework.Head, error) {
	if v.head == nil {
		return framework.Head{}, framework.ErrEmpty
	}
	return framework.Head{Number: v.head.number, Root: v.head.root()}, nil
}

// At implements [framework.Store].
func (s *Store) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.alive.RUnlock()
	t := s.retain()
	head := t.view.number()
	switch {
	case n == framework.AtEmpty:
		return &state{store: s, view: t.view, number: n}, nil
	case n > head && n <= t.number():
		return &state{store: s, view: t.view, number: n, staged: t.staged[:n-head]}, nil
	case n > head || n < t.view.oldest:
		err := fmt.Errorf("trie: state after block %d: %w", n, framework.ErrNoBlock)
		return nil, errors.Join(err, s.release(t.view))
	}
	return &state{store: s, view: t.view, number: n}, nil
}

// Hashes returns how many hashes were computed so far to seal and revert blocks. Benchmarks find it by assertion.
func (s *Store) Hashes() uint64 {
	s.writing.Lock()
	defer s.writing.Unlock()
	return uint64(s.committer.hashCount()) //nolint:gosec // a count is not negative
}

// Cached returns how many bytes the caches hold, of the database and of pages. Benchmarks find it by assertion.
func (s *Store) Cached() uint64 {
	s.writing.Lock()
	defer s.writing.Unlock()
	n := uint64(s.committer.pages.bytes()) //nolint:gosec // a size is not negative
	if db, ok := s.db.(interface{ Cached() uint64 }); ok {
		n += db.Cached()
	}
	return n
}

// Stage implements [framework.Store]. It refuses writes that are none of Starknet's state. A class that is declared
// already stays as it is.
func (s *Store) Stage(ctx context.Context, n framework.BlockNumber, protocol string, d *framework.Diff) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.alive.RUnlock()
	l, err := newLayer(n, protocol, d)
	if err != nil {
		return fmt.Errorf("trie: stage block %d: %w", n, err)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if tip := s.now.number(); n != tip+1 {
		return fmt.Errorf("trie: stage block %d after block %d: %w", n, tip, framework.ErrOutOfOrder)
	}
	staged := append(s.now.staged[:len(s.now.staged):len(s.now.staged)], l)
	return s.publish(tip{s.now.view, staged})
}

// Prove implements [framework.Store]. The body of the proof is that of package proof, JSON as the answer to
// starknet_getStorageProof. A proof of an older block costs more the more was changed since.
func (s *Store) Prove(ctx context.Context, n framework.BlockNumber, q framework.ProofQuery) (*framework.Proof, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.alive.RUnlock()
	t := s.retain()
	p, err := prove(ctx, t.view, n, q)
	return p, errors.Join(err, s.release(t.view))
}

// Close implements [framework.Store].
func (s *Store) Close() error {
	s.alive.Lock()
	defer s.alive.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for v := range s.views {
		errs = append(errs, v.Close())
	}
	clear(s.views)
	return errors.Join(append(errs, s.db.Close())...)
}
