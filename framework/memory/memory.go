// Package memory is the plain store: all state in Go maps, gone when the process ends. It is the definition of what
// a store does, to read before writing one, and what the suite storetest compares others with. Chains that fit into
// memory and need neither proofs nor Starknet's commitment can run on it.
//
// The newest state lies flat in two maps. Every older block is a short list of what differs from the block above it,
// so that staging costs as much as the diff is long, however large the state, and blocks that nobody can ask for
// are left to the garbage collector. See version.go.
//
// The root is a hash of the set of all non-empty cells and declared classes; see sum.go for what it is good for.
// There are no proofs of it.
package memory

import (
	"context"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// Config configures a store. The zero value is valid.
type Config struct {
	// Retain is how many sealed blocks stay readable, the head included; with the staged ones above them. States that
	// are open stay readable anyway. 0 means all blocks.
	Retain int `koanf:"retain" doc:"How many sealed blocks stay readable, the head included. 0 means all." unit:"blocks"`
}

// Validate reports the first setting that makes no sense.
func (c Config) Validate() error {
	if c.Retain < 0 {
		return fmt.Errorf("retain: %d blocks, want 0 for all, or more", c.Retain)
	}
	return nil
}

// Store is a [framework.Store] in memory.
type Store struct {
	retain framework.BlockNumber

	// mu guards all below, and what versions hold. A reader holds it for one Read, a writer for one block.
	mu     sync.RWMutex
	closed bool
	head   framework.BlockNumber // the last sealed block
	tip    framework.BlockNumber // the last sealed or staged block
	// blocks holds the versions that can be asked for: the retained sealed blocks, the staged ones, and AtEmpty.
	blocks map[framework.BlockNumber]*version
}

var _ framework.Store = (*Store)(nil)

// New returns an empty store.
func New(cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("memory: %w", err)
	}
	return &Store{
		retain: framework.BlockNumber(cfg.Retain),
		head:   framework.AtEmpty,
		tip:    framework.AtEmpty,
		blocks: map[framework.BlockNumber]*version{framework.AtEmpty: newVersion()},
	}, nil
}

// Head implements [framework.Store].
func (s *Store) Head(ctx context.Context) (framework.Head, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return framework.Head{}, err
	}
	if s.head == framework.AtEmpty {
		return framework.Head{}, framework.ErrEmpty
	}
	return framework.Head{Number: s.head, Root: framework.Root(s.blocks[s.head].root)}, nil
}

// At implements [framework.Store].
func (s *Store) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	v := s.blocks[n]
	if v == nil {
		return nil, fmt.Errorf("memory: state after block %d: %w", n, framework.ErrNoBlock)
	}
	return &state{store: s, version: v}, nil
}

// Stage implements [framework.Store]. It takes any word, and the same rules of commitment for every protocol. A class
// that is declared already stays as it is.
func (s *Store) Stage(ctx context.Context, n framework.BlockNumber, _ string, d *framework.Diff) error {
	if err := check(d); err != nil {
		return fmt.Errorf("memory: stage block %d: %w", n, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	if n != s.tip+1 {
		return fmt.Errorf("memory: stage block %d after block %d: %w", n, s.tip, framework.ErrOutOfOrder)
	}
	s.blocks[n] = s.blocks[s.tip].append(d)
	s.tip = n
	return nil
}

// check reports the first write that is not in its place.
func check(d *framework.Diff) error {
	for i := 1; i < len(d.Writes); i++ {
		switch key := d.Writes[i].Key; d.Writes[i-1].Key.Compare(key) {
		case 0:
			return fmt.Errorf("writes %d and %d are of the same key %x", i-1, i, key)
		case +1:
			return fmt.Errorf("write %d is out of order: its key is %x", i, key)
		}
	}
	return nil
}

// Seal implements [framework.Store]. What it seals lasts as long as the process.
func (s *Store) Seal(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return framework.Root{}, err
	}
	if n != s.head+1 {
		return framework.Root{}, fmt.Errorf("memory: seal block %d after block %d: %w", n, s.head, framework.ErrOutOfOrder)
	}
	if n > s.tip {
		return framework.Root{}, fmt.Errorf("memory: seal block %d, which is not staged: %w", n, framework.ErrNoBlock)
	}
	s.head = n
	s.prune()
	return framework.Root(s.blocks[n].root), nil
}

// prune drops the block that is no longer retained, now that one more is sealed.
func (s *Store) prune() {
	old := s.head - s.retain
	if s.retain == 0 || old < 0 {
		return
	}
	delete(s.blocks, old)
	// The empty state can always be asked for, but in a history of its own, lest it keep block 0 and all above.
	s.blocks[framework.AtEmpty] = newVersion()
}

// Revert implements [framework.Store].
func (s *Store) Revert(ctx context.Context, to framework.BlockNumber) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	v := s.blocks[to]
	if v == nil || to > s.head {
		return fmt.Errorf("memory: revert to block %d, the head being %d: %w", to, s.head, framework.ErrNoBlock)
	}
	v.flatten()
	for n := s.tip; n > to; n-- {
		delete(s.blocks, n)
	}
	s.head, s.tip = to, to
	return nil
}

// Prove implements [framework.Store]: a sum of hashes proves nothing of a single cell.
func (s *Store) Prove(ctx context.Context, _ framework.BlockNumber, _ framework.ProofQuery) (*framework.Proof, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("memory: proof: %w", framework.ErrUnsupported)
}

// Close implements [framework.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.blocks = nil
	return nil
}

// usable returns why a call cannot go on. s.mu must be held.
func (s *Store) usable(ctx context.Context) error {
	if s.closed {
		return framework.ErrClosed
	}
	return ctx.Err()
}
