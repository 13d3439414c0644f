package framework

import (
	"errors"
	"fmt"
)

// These errors end an attempt; they are control flow between a view, a VM and a scheduler.
var (
	// ErrAborted says that an attempt is invalid and must stop.
	ErrAborted = errors.New("attempt aborted")
	// ErrNoCheckpoint says that a Rewinder cannot go on from the middle of an attempt.
	ErrNoCheckpoint = errors.New("no checkpoint")
	// ErrOverflow says that an addition does not fit into its cells.
	ErrOverflow = errors.New("addition exceeds its cells")
)

// These errors answer questions about the state.
var (
	// ErrEmpty says that a store has no sealed block yet.
	ErrEmpty = errors.New("store is empty")
	// ErrNoBlock says that a store does not have the state of a block: not yet, or no longer.
	ErrNoBlock = errors.New("no such block")
	// ErrNoClass says that a class is not declared.
	ErrNoClass = errors.New("no such class")
	// ErrOutOfOrder says that a block does not follow the one before it.
	ErrOutOfOrder = errors.New("block out of order")
	// ErrUnsupported says that a part does not have this ability.
	ErrUnsupported = errors.New("not supported")
)

// These errors concern the part itself.
var (
	// ErrClosed says that a part was used after Close.
	ErrClosed = errors.New("closed")
	// ErrPluginGone says that the process of a plugin has ended, or cannot be reached. The call may be made
	// again once the plugin has been restarted.
	ErrPluginGone = errors.New("plugin gone")
)

// Sentinels returns the errors above, in a fixed order that only ever grows: how they travel between processes.
func Sentinels() []error {
	return []error{
		ErrAborted, ErrNoCheckpoint, ErrOverflow,
		ErrEmpty, ErrNoBlock, ErrNoClass, ErrOutOfOrder, ErrUnsupported,
		ErrClosed, ErrPluginGone,
	}
}

// Fault is an error of a plugin, as opposed to one of a transaction: it panicked, or it returned an error that
// its contract does not name.
type Fault struct {
	// Plugin is the kind and id of the plugin, such as "vm.cairo".
	Plugin string
	Block  BlockNumber
	// Version is the attempt that failed; Tx is NoTx if it was none.
	Version Version
	Err     error
}

// Error names the plugin, the block and the attempt.
func (f *Fault) Error() string {
	if f.Version.Tx == NoTx {
		return fmt.Sprintf("%s: block %d: %v", f.Plugin, f.Block, f.Err)
	}
	return fmt.Sprintf("%s: block %d: transaction %d.%d: %v", f.Plugin, f.Block, f.Version.Tx, f.Version.Inc, f.Err)
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }
