// Package trie is the store of Starknet's state: flat for reads, with Patricia tries for the commitment, in one
// embedded database.
package trie

import (
	"context"
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
)

// Store is a [framework.Store] and a [framework.Snapshotter] on disk.
type Store struct{}

var (
	_ framework.Store       = (*Store)(nil)
	_ framework.Snapshotter = (*Store)(nil)
)

// Open opens the store that c describes, and makes it if there is none.
func Open(_ context.Context, c Config) (*Store, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("trie: %w", err)
	}
	return &Store{}, nil
}

// Head implements [framework.Store].
func (s *Store) Head(context.Context) (framework.Head, error) {
	return framework.Head{}, framework.ErrUnsupported
}

// At implements [framework.Store].
func (s *Store) At(context.Context, framework.BlockNumber) (framework.State, error) {
	return nil, framework.ErrUnsupported
}

// Stage implements [framework.Store].
func (s *Store) Stage(context.Context, framework.BlockNumber, string, *framework.Diff) error {
	return framework.ErrUnsupported
}

// Seal implements [framework.Store].
func (s *Store) Seal(context.Context, framework.BlockNumber) (framework.Root, error) {
	return framework.Root{}, framework.ErrUnsupported
}

// Revert implements [framework.Store].
func (s *Store) Revert(context.Context, framework.BlockNumber) error { return framework.ErrUnsupported }

// Prove implements [framework.Store].
func (s *Store) Prove(context.Context, framework.BlockNumber, framework.ProofQuery) (*framework.Proof, error) {
	return nil, framework.ErrUnsupported
}

// Export implements [framework.Snapshotter].
func (s *Store) Export(context.Context, framework.BlockNumber, io.Writer) (framework.Head, error) {
	return framework.Head{}, framework.ErrUnsupported
}

// Import implements [framework.Snapshotter].
func (s *Store) Import(context.Context, io.Reader, *framework.Root) (framework.Head, error) {
	return framework.Head{}, framework.ErrUnsupported
}

// Close implements [framework.Store].
func (s *Store) Close() error { return nil }
