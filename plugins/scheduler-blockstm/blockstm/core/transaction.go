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

// transaction is what is known of a transaction that is under way.
type transaction struct {
	flags
	// next is the incarnation of the next attempt; that of the last one, if there was any, is one below.
	next framework.Incarnation
	// waits is the transaction that this one waits for, or NoTx.
	waits   framework.TxIndex
	waiters []framework.TxIndex // who waits for this one, or did; some occur twice

	// reads are those of the last attempt, in order of the first read of their key.
	reads []read
	// answered is how many of them the attempt has been told of: a call may ask for several.
	answered int
	// asked is the key of the read at which the last attempt was given up, if it is asking.
	asked Key
	// keys are the cells that have an entry of this transaction, each once.
	keys  []Key
	adds  []Add // of the result, if there is one
	hints []Hint
}

// flags say where a transaction stands.
type flags struct {
	status status
	doomed bool // the attempt under way is known to be invalid
	// stopped says that the attempt was told so; what it ends with is not looked at.
	stopped bool
	asking  bool // the last attempt was given up when it asked for one more read
	kept    bool // the last attempt can be resumed
	exact   bool // additions did not fit
	known   bool // the accesses were predicted by trusted rules
	eager   bool // the attempt that runs was begun to be parked, and was not yet
	inTurn  bool // the attempt began, or went on for nothing, when all below had executed
	held    bool // pending until all below have executed
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

// reset empties a transaction and keeps the memory of its slices. (Field by field: to assign a whole struct makes the
// garbage collector look at its pointers.)
func (t *transaction) reset() {
	t.flags = flags{}
	t.next, t.waits, t.answered = 0, framework.NoTx, 0
	t.waiters, t.reads, t.keys, t.adds = t.waiters[:0], t.reads[:0], t.keys[:0], t.adds[:0]
	if t.hints != nil {
		t.hints = nil
	}
}
