package trie

import (
	"context"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
)

// Export implements [framework.Snapshotter].
func (s *Store) Export(context.Context, framework.BlockNumber, io.Writer) (framework.Head, error) {
	return framework.Head{}, framework.ErrUnsupported
}

// Import implements [framework.Snapshotter].
func (s *Store) Import(context.Context, io.Reader, *framework.Root) (framework.Head, error) {
	return framework.Head{}, framework.ErrUnsupported
}
