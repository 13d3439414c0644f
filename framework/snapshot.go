package framework

import (
	"context"
	"io"
)

// Snapshotter is an ability that a [Store] may have: to write the whole state after a block in one piece, and to
// begin from such a piece. Find it by assertion. A store in another process always has the methods; they return
// ErrUnsupported if the store there cannot do it.
type Snapshotter interface {
	// Export writes the state after the sealed block n to w, without its history. It may run beside all other
	// calls. It returns ErrNoBlock if there is no such block or its state is no longer kept; after any error,
	// what was written is no snapshot.
	Export(ctx context.Context, n BlockNumber, w io.Writer) (Head, error)

	// Import makes the snapshot that r holds the state of the store, which must be empty, and its block the
	// head; blocks before it are not kept. It computes the root anew. It is all or nothing: a snapshot that is
	// damaged, or whose root is not the one that it names, or not want where want is not nil, leaves the store
	// empty. Import counts as a writer: see [Store].
	Import(ctx context.Context, r io.Reader, want *Root) (Head, error)
}
