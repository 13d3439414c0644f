package memory

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// state is a [framework.State]. It keeps its version reachable, and with it all that lies on the way to the maps.
type state struct {
	store   *Store
	version *version // does not change; what it points to is guarded by store.mu
	closed  atomic.Bool
}

// Read implements [framework.State].
func (s *state) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if len(keys) != len(out) {
		return fmt.Errorf("memory: read of %d keys into %d words", len(keys), len(out))
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	for i, k := range keys {
		out[i] = s.version.cell(k)
	}
	return nil
}

// Class implements [framework.State].
func (s *state) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	c := s.version.class(hash)
	if c == nil {
		return nil, fmt.Errorf("memory: class %x: %w", hash, framework.ErrNoClass)
	}
	return c, nil
}

// Close implements [framework.State].
func (s *state) Close() error {
	s.closed.Store(true)
	return nil
}

func (s *state) usable(ctx context.Context) error {
	if s.closed.Load() {
		return framework.ErrClosed
	}
	return s.store.usable(ctx)
}
