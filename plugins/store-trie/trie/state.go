package trie

import (
	"context"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// state is a [framework.State].
type state struct {
	store  *Store
	view   *view // with a reference, until closed
	number framework.BlockNumber
	staged []*layer // above the head of view, the last one of block number

	mu     sync.RWMutex // held for reading by reads, so that Close can wait for them
	closed bool         // guarded by mu
}

// enter begins a read, and returns why it cannot be made. Who gets nil calls leave.
func (s *state) enter(ctx context.Context) error {
	if err := s.store.enter(ctx); err != nil {
		return err
	}
	s.mu.RLock()
	if s.closed {
		s.leave()
		return framework.ErrClosed
	}
	return nil
}

func (s *state) leave() {
	s.mu.RUnlock()
	s.store.alive.RUnlock()
}

// Read implements [framework.State].
func (s *state) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if len(keys) != len(out) {
		return fmt.Errorf("trie: read of %d keys into %d words", len(keys), len(out))
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	var scratch [160]byte
	buf := scratch[:]
	for i, k := range keys {
		var err error
		if out[i], buf, err = s.cell(buf, k); err != nil {
			return fmt.Errorf("trie: read %s: %w", starknet.CellName(k), err)
		}
	}
	return nil
}

// cell returns the value of a cell. There are cells that a store could not name, and one that nobody else can write.
func (s *state) cell(buf []byte, k framework.Key) (framework.Word, []byte, error) {
	if s.number == framework.AtEmpty || k.Space > starknet.SpaceDeclared ||
		k.Space != starknet.SpaceStorage && k.Slot != (framework.Word{}) {
		return framework.Word{}, buf, nil
	}
	for i := len(s.staged) - 1; i >= 0; i-- {
		if w, ok := s.staged[i].cell(k); ok {
			return w, buf, nil
		}
	}
	return s.view.cell(buf, k, s.number)
}

// Class implements [framework.State].
func (s *state) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	c, err := s.view.class(hash, s.number) // one that was declared stays, whatever is staged
	if err != nil {
		return nil, fmt.Errorf("trie: class %x: %w", hash, err)
	}
	for i := 0; c == nil && i < len(s.staged); i++ {
		c = s.staged[i].class(hash)
	}
	if c == nil {
		return nil, fmt.Errorf("trie: class %x: %w", hash, framework.ErrNoClass)
	}
	return c, nil
}

// Close implements [framework.State].
func (s *state) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.store.release(s.view)
}
