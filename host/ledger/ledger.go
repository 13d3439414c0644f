// Package ledger keeps the blocks of a chain of Starknet on disk: headers with their hashes, transactions, receipts and state
// diffs. The state itself is the store's.
//
// A block comes in two steps around the sealing of its state: [Ledger.Pend] makes it lasting, and once the store has sealed
// it [Ledger.Complete] adds root and hash. So after a crash at any moment what the ledger holds says how to go on; see
// [sequencer.Journal].
package ledger

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// These errors can occur when a ledger is opened or used.
var (
	// ErrChain says that the folder has the blocks of another chain.
	ErrChain = errors.New("ledger: of another chain")
	// ErrGenesis says that the chain began with another state.
	ErrGenesis = errors.New("ledger: the chain began with another state")
	// ErrDamaged says that a record cannot be read. Errors that wrap it name the record.
	ErrDamaged = errors.New("ledger: damaged")
	// ErrNotFound says that there is no such block or transaction.
	ErrNotFound = errors.New("ledger: not found")
)

// Options say where a ledger is.
type Options struct {
	// Path is the folder, which is made if it is not there. "" keeps the blocks in memory, and loses them at the end.
	Path string
	// Chain is the network, which hashes depend on.
	Chain starknet.ChainID
	// FS is the file system; nil is that of the machine.
	FS vfs.FS
}

// Ledger is a ledger. Reads are safe for concurrent use, and see a block from [Ledger.Complete] on; Pend and Complete are
// called by one goroutine at a time.
type Ledger struct {
	options Options
	db      *pebble.DB
	failed  atomic.Pointer[failure] // why nothing can be written any more

	mu      sync.RWMutex
	head    framework.BlockNumber // the last block that is complete; guarded by mu
	hash    felt.Felt             // of the head; guarded by mu
	pending *record               // of the block above the head, nil if there is none; guarded by mu
}

var _ sequencer.Journal = (*Ledger)(nil)

// format is the version of what is on disk.
const format = 1

// memTable is how much is written to memory, and the log, before it becomes a file.
const memTable = 16 << 20

// New returns a ledger that is not open: of it nothing may be asked but its chain.
func New(o Options) *Ledger {
	switch {
	case o.Path == "":
		o.Path, o.FS = "ledger", vfs.NewMem()
	case o.FS == nil:
		o.FS = vfs.Default
	}
	return &Ledger{options: o, head: framework.AtEmpty}
}

// Open opens a ledger. The caller closes it.
func Open(o Options) (*Ledger, error) {
	l := New(o)
	return l, l.Open()
}

// Open opens the ledger, once.
func (l *Ledger) Open() (err error) {
	l.db, err = pebble.Open(l.options.Path, &pebble.Options{
		FS: l.options.FS, FormatMajorVersion: pebble.FormatNewest, MemTableSize: memTable, Logger: logger{},
	})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.options.Path, err)
	}
	if err := l.load(); err != nil {
		return errors.Join(fmt.Errorf("ledger %s: %w", l.options.Path, err), l.db.Close())
	}
	return nil
}

// logger is silent. What Pebble cannot go on from is a [failure] in the goroutine that wrote, which [Ledger.guard] makes an error of.
// In a goroutine of Pebble's own it ends the program, which loses nothing that was written before.
type logger struct{}

func (logger) Infof(string, ...any)  {}
func (logger) Errorf(string, ...any) {}
func (logger) Fatalf(format string, args ...any) {
	panic(failure{fmt.Errorf(format, args...)})
}

// failure is what Pebble cannot go on from: the disk is full, mostly.
type failure struct{ error }

// guard calls f, which writes. After a failure nothing is written any more, and every write returns that.
func (l *Ledger) guard(f func() error) (err error) {
	if failed := l.failed.Load(); failed != nil {
		return failed
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case failure:
			l.failed.Store(&p)
			err = p
		default:
			panic(p)
		}
	}()
	return f()
}

// load checks whose ledger this is, and finds its end.
func (l *Ledger) load() error {
	id := felt.Felt(l.options.Chain)
	mark := id.AppendBytes([]byte{format})
	switch have, err := l.get(metaKey); {
	case errors.Is(err, ErrNotFound):
		if err := l.db.Set(metaKey, mark, pebble.Sync); err != nil {
			return err
		}
	case err != nil:
		return err
	case len(have) != len(mark) || have[0] != format:
		return fmt.Errorf("%w: format", ErrDamaged)
	case string(have) != string(mark):
		return fmt.Errorf("%w: it is not that of %v", ErrChain, l.options.Chain)
	}
	last, err := l.last()
	if last == nil || err != nil {
		return err
	}
	if !last.sealed {
		l.pending = last
		if last.header.Number == 0 {
			return nil
		}
		if last, err = l.record(last.header.Number - 1); err != nil {
			return err
		}
	}
	l.head, l.hash = last.header.Number, last.header.Hash
	return nil
}

// last returns the record with the highest number, nil if there is none.
func (l *Ledger) last() (_ *record, err error) {
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{spaceBlock}, UpperBound: []byte{spaceBlock + 1}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	if !it.Last() {
		return nil, it.Error()
	}
	return decodeRecord(it.Value())
}

// get returns a copy of the value at key, or ErrNotFound.
func (l *Ledger) get(key []byte) ([]byte, error) {
	value, closer, err := l.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	out := append([]byte(nil), value...)
	return out, closer.Close()
}

// Close frees the folder. No call may be running, and none follows.
func (l *Ledger) Close() error { return l.db.Close() }

// Chain returns the network.
func (l *Ledger) Chain() starknet.ChainID { return l.options.Chain }
