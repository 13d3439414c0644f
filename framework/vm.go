package framework

import "context"

// VM knows what executing a transaction means. A panic of a VM in the goroutine of a call becomes a [Fault] before
// a scheduler sees it: whoever opens a plugin guards it.
//
// It has no side effects, and it keeps nothing between calls
// that a result could depend on: decoded classes and rewind points are caches. It is safe for concurrent use.
type VM interface {
	// Open returns an executor for the transactions of b. It returns an error if it does not know the
	// protocol of the block or cannot decode its header. Several blocks may be open at once.
	Open(ctx context.Context, b *Block) (Executor, error)
}

// Executor executes the transactions of one block. It is safe for concurrent use. An executor may also be a
// [Rewinder], a [Predictor] or a [Publisher].
type Executor interface {
	// Execute runs tx as attempt v and fills out, which the caller has reset and owns; what Execute stores
	// in it, it shares with nobody. All state comes from view, so an attempt that is aborted leaves no trace.
	//
	// A transaction that fails is no error: its outcome says so. Execute returns ErrAborted, and stops at
	// once, when view tells it that the attempt is invalid; any error that view returns is returned, wrapped
	// or bare. Every other error is a fault, which becomes real only if the values read are final:
	// an attempt may see a state that no order of the transactions produces, and must then fail, not hang,
	// or go on until View.Aborted. What is left in out after an error means nothing. With a cancelled context it
	// returns the context's error, also from a loop that reads nothing. An outcome does not depend on v. Execute
	// never returns ErrOverflow, and ErrAborted only if the view said so. It keeps neither tx nor view.
	Execute(ctx context.Context, tx *Tx, v Version, view View, out *Outcome) error

	// Finish returns what is written after the last transaction of the block, sorted by key, each key once.
	// final holds every transaction that the block contains, in order, rejected ones left out, without those of their
	// writes to cells that the block as a whole leaves as they were; view reads the state after them. The host calls it once, when no attempt is running.
	Finish(ctx context.Context, view View, final []Final) ([]Write, error)

	// Close frees the executor. Calls that are running end with ErrClosed or their own result; later ones
	// return ErrClosed. It may be called again.
	Close() error
}

// View is the state as one attempt must see it. The scheduler makes it, and records every read. One attempt
// uses it from one goroutine at a time, and not after Execute has returned.
type View interface {
	// Read fills out with the values of keys as this attempt must see them: what the highest transaction
	// below it wrote, with additions folded in, or what Block.Start wrote, or the base. The attempt's own
	// writes are not seen. A key that was read before has the same value again. It may park the attempt.
	// len(out) must be len(keys); a key may occur twice.
	//
	// It returns ErrAborted once the attempt is known to be invalid, and the error of the context once that is
	// cancelled.
	Read(ctx context.Context, keys []Key, out []Word) error

	// Class returns the class of that hash, declared in an earlier block or below this transaction, or
	// ErrNoClass, which the VM may make an outcome of. It is found by content, so it is legal only after reading the key that says whether the
	// class is declared: only that read makes the attempt depend on the declaration. Nobody changes the
	// class returned.
	Class(ctx context.Context, hash Word) (*Class, error)

	// Aborted reports whether the attempt is known to be invalid. It costs one atomic load: ask it in loops
	// that read nothing. It may be called from any goroutine.
	Aborted() bool
}

// Rewinder is an [Executor] that can go on from the middle of an earlier attempt. An attempt's reads are
// numbered from 0 by first occurrence of their key. Its use never changes an outcome.
type Rewinder interface {
	// Resume runs attempt v of the transaction from where attempt from asked for its read number read:
	// the reads below that number are known to be valid, and view answers them as before. It may read them
	// again. The mode is that of the attempt from. Apart from that it is Execute. It returns ErrNoCheckpoint, with nothing done, if it cannot.
	// Only the last attempt of a transaction can be resumed, and only after it has ended.
	Resume(ctx context.Context, from Version, read int, v Version, view View, out *Outcome) error

	// Forget drops what is kept for the transaction. The scheduler calls it when the outcome is final, or
	// when the transaction is left out.
	Forget(tx TxIndex)
}

// Access says how a transaction is expected to use a key.
type Access uint8

// The kinds of access. A write implies a read.
const (
	AccessRead Access = iota
	AccessWrite
	AccessAdd
)

// Predicted is a key that a transaction will probably touch.
type Predicted struct {
	Key    Key
	Access Access
	// Rule names the reason for this guess, the same for all transactions to which it applies, so that the
	// scheduler can count how often it was right. 0 means that the guess is certain: the key is touched in this
	// way unless the transaction is rejected.
	Rule uint64
}

// Predictor is an [Executor] that can guess what a transaction will touch, since only the VM understands the
// body. Guesses never change an outcome. It is safe for concurrent use.
type Predictor interface {
	// Predict appends the guesses for tx to dst, in the order in which they are expected to be read.
	Predict(tx *Tx, dst []Predicted) []Predicted

	// Learn tells what a transaction whose outcome is final has read and written, additions included.
	Learn(tx *Tx, reads, writes []Key)
}

// Publisher is an [Executor] that keeps a copy of the block's versioned state beside itself (because it runs
// in another process) and wants to be told of every write set. It is safe for concurrent use. A scheduler must call
// Publish if it is there, as it must call Rewinder.Forget; Estimate, Resume, Predict and Learn are for its use.
type Publisher interface {
	// Publish says that the last attempt of v.Tx is v and wrote this; it replaces what earlier attempts
	// of the transaction wrote. It is called before a view answers with any of these values, and with nothing
	// after a fault or a rejection. Additions may stay additions or be among the writes as cells already.
	// What was published stays readable until Estimate or the next Publish. With v.Tx NoTx it says what cells hold
	// before the block, that will probably be read; Block.Start stays above that.
	Publish(v Version, writes []Write, adds []Add)

	// Estimate says that attempt v is invalid and the keys it wrote will probably be written again.
	Estimate(v Version)
}
