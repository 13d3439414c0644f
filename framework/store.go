package framework

import "context"

// Store keeps the state of a chain, block by block. It is safe for concurrent use, except that Stage, Seal
// and Revert are called by one goroutine at a time; reads go on while they run.
//
// A block is staged, then sealed. Staged blocks can be read at once but are gone after a crash; sealed blocks
// are durable. Both happen in order of their numbers.
type Store interface {
	// Head returns the last sealed block, or ErrEmpty before the first.
	Head(ctx context.Context) (Head, error)

	// At returns the state after block n, sealed or staged, or the empty state for AtEmpty. It returns
	// ErrNoBlock if there is no such block or its state is no longer kept. What is read from it does not
	// change, whatever is staged, sealed or reverted afterwards, until it is closed.
	At(ctx context.Context, n BlockNumber) (State, error)

	// Stage adds the changes of block n to the state, so that At(n) shows them when Stage returns. n must be
	// one above the last staged or sealed block, else ErrOutOfOrder. A diff that is not sorted, or holds a
	// value that the store cannot commit to, is refused and changes nothing. protocol selects the rules of
	// commitment. Stage copies the diff; class bodies it may share.
	Stage(ctx context.Context, n BlockNumber, protocol string, d *Diff) error

	// Seal makes the staged block n durable, all or nothing, and returns the root of the state after it. n must
	// be one above the head, else ErrOutOfOrder, and staged, else ErrNoBlock. After an error the block is
	// sealed or it is not; Head says which.
	Seal(ctx context.Context, n BlockNumber) (Root, error)

	// Revert makes the sealed block to, or the empty state for AtEmpty, the head again and drops all staged
	// blocks. It returns ErrNoBlock if to is above the head or no longer kept.
	Revert(ctx context.Context, to BlockNumber) error

	// Prove returns evidence of what cells hold in the state after the sealed block n, to be checked against
	// its root. It returns ErrUnsupported if the store makes no proofs.
	Prove(ctx context.Context, n BlockNumber, q ProofQuery) (*Proof, error)

	// Close waits for running calls and frees the store. Staged blocks are lost. Later calls return
	// ErrClosed; Close itself may be called again.
	Close() error
}

// State is the state after one block. It is safe for concurrent use.
type State interface {
	// Read fills out with the values of keys; a cell that was never written is zero. len(out) must be
	// len(keys).
	Read(ctx context.Context, keys []Key, out []Word) error

	// Class returns a class that was declared up to this block, or ErrNoClass. Nobody changes it.
	Class(ctx context.Context, hash Word) (*Class, error)

	// Close frees the state; later reads return ErrClosed. It may be called again.
	Close() error
}

// Root is the commitment to a whole state.
type Root Word

// Head is a sealed block and its root.
type Head struct {
	Number BlockNumber
	Root   Root
}

// ProofQuery names the cells to prove.
type ProofQuery struct {
	Keys []Key
}

// Proof is evidence in the encoding of the store that made it.
type Proof struct {
	Root Root
	Body []byte
}
