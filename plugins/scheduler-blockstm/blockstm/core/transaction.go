package core

import "github.com/switchyard-dev/switchyard/framework"

// status says where a transaction stands.
type status uint8

const (
	pending  status = iota // no attempt is under way
	running                // an attempt has a slot
	parked                 // an attempt is under way, without a slot
	executed               // the last attempt has ended and is valid as far as is known
)

// transaction is what is known of a transaction that is not final.
type transaction struct {
	status status
	// next is the incarnation of the next attempt; that of the last one, if there was any, is one below.
	next framework.Incarnation
	// doomed says that the attempt under way is known to be invalid; stopped, that it was told so.
	doomed, stopped bool
	exact           bool // additions did not fit
	kept            bool // the last attempt can be resumed
	known           bool // its accesses were predicted by trusted rules
	held            bool // pending until all below are final

	asking bool // the last attempt was given up when it asked for one more read

	// reads are those of the last attempt, in order of the first read of their key.
	reads []read
	// answered is how many of them the attempt has been told of: a call may ask for several.
	answered int
	// keys are the cells that have an entry of this transaction, each once.
	keys []Key
	adds []Add // of the result, if there is one
	// waits is the transaction that this one waits for, or NoTx.
	waits   framework.TxIndex
	waiters []framework.TxIndex // who waits for this one, or did; some occur twice
	hints   []Hint
}

// read is one read of an attempt.
type read struct {
	key    Key
	word   framework.Word
	source framework.Version // who wrote it; NoTx if it was final
}

// version names the last attempt of transaction i.
func (t *transaction) version(i framework.TxIndex) framework.Version {
	return framework.Version{Tx: i, Inc: t.next - 1}
}

// reset empties a transaction and keeps the memory of its slices.
func (t *transaction) reset() {
	*t = transaction{
		waits:   framework.NoTx,
		reads:   t.reads[:0],
		keys:    t.keys[:0],
		adds:    t.adds[:0],
		waiters: t.waiters[:0],
	}
}
