// Package schedlink is a scheduler on the other side of a link: [Handler] serves a scheduler, [Client] is that
// scheduler for the host that dialed.
//
// The scheduler executes a block close to the VM and the store, not through the host: the job names the links over
// which its process reaches them, and its [Links] turn the names into a VM and a store. A job whose executor or
// base state does not say on which link it is (see [Linked]) is refused, so that no wrapper silently becomes a
// relay through the host.
//
// # A run
//
// The host calls run; the answer comes when the block is done. Meanwhile the scheduler's side calls next for
// transactions, and finals with outcomes, several at once and within 2 ms: outcomes travel while the scheduler goes on, at
// most [ahead] bytes of them unanswered, so what a host refuses stops the scheduler a little later than it
// would in one process. Nothing is answered to run before the last outcomes are. Events travel one way, in batches;
// when they come faster than the link takes them they are counted instead, and the count is sent.
//
// # The end of a block
//
// What the VM writes after the last transaction it computes from all outcomes of the block (Executor.Finish). The
// scheduler's side has them already, so where both sides have said [FeatureFinish] in their hellos, it keeps them, the
// executor and the base state of a run that succeeded, and the host names the outcomes by their numbers: finish. It keeps
// them until leave, which the host sends after every such run, and of at most [maxKept] runs; of others finish fails with
// framework.ErrClosed, and the host asks the VM itself.
package schedlink

import (
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// The frames of the host, with what they carry and what the answer carries. Types are those of package codec;
// run is a number that the host chose and uses once.
const (
	// u64 run, Bytes name of the VM's link, Bytes name of the store's link, i64 number of the base state,
	// Block, u8 events wanted (0 or 1) -> Stats, Error
	kindRun = link.FirstKind + iota
	// One-way: u64 run, i64 transaction.
	kindEnd
	// One-way: u64 run. The answer to run still comes, when the scheduler has stopped.
	kindCancel
)

// The frames of the host after a run, where both sides have FeatureFinish.
const (
	// u64 run, [i64 transaction, u8 whether it has other writes than it was handed out with (0 or 1), [Write] if so] ->
	// [Write]: what Executor.Finish returns. The entries are the final of Finish, the view shows the state after them.
	kindFinish = kindEvents + 1 + iota
	// One-way: u64 run.
	kindLeave
)

// FeatureFinish is the feature of a link's hello that says that a side knows finish and leave.
const FeatureFinish = "finish"

// maxKept is how many runs are kept on a link.
const maxKept = 16

// The frames of the scheduler.
const (
	kindNext   = kindCancel + 1 + iota // u64 run -> [Tx], at least one
	kindFinals                         // u64 run, [Final] ->
	kindEvents                         // one-way: u64 run, u64 number of events dropped, [Event]
)

// ahead is how many bytes of outcomes may be on their way to the host.
const ahead = 1 << 20

// Linked is an executor or a state that can also be reached over a link of its own.
type Linked interface {
	// LinkName returns the name under which the scheduler's process knows the link.
	LinkName() string
}

// Finishable is a linked executor that lets somebody else finish its block.
type Finishable interface {
	Linked
	// FinishBy is told who can: its Finish does what the executor's would. It is closed with the executor. A later one takes
	// its place.
	FinishBy(f *Finisher)
}

// LinkedState is a base state that a scheduler in another process can open for itself.
type LinkedState interface {
	framework.State
	Linked
	// Number is the block after which the state is.
	Number() framework.BlockNumber
}

// Links turns the names of links into what is behind them. It is safe for concurrent use. What is in the same
// process is returned as it is: calling it is a function call.
type Links interface {
	VM(name string) (framework.VM, error)
	Store(name string) (framework.Store, error)
}

// ErrNotLinked says that a scheduler in another process cannot reach the VM or the base state of a job.
var ErrNotLinked = errors.New("schedlink: not on a link")
