package framework

import "context"

// Scheduler executes the transactions of a block, in any order and as parallel as it likes, so that the
// result equals executing them one after the other. It is safe for concurrent use: several blocks may run
// at once.
//
// A scheduler that executes ahead owes this to the attempts that it runs: when the outcome of a lower transaction
// changes a value that an attempt has read, the attempt is known to be invalid from then on, also while it runs
// (View.Aborted, ErrAborted), since an attempt on such a state may never end by itself. An error of an attempt
// counts only if all that it read is final; it becomes the fault, or is wrapped in it.
//
// The attempts of a transaction are numbered without gaps; only after ErrNoCheckpoint the same version is
// executed from the start. When an addition fails on the final state below its transaction, the transaction is
// executed once more in mode Exact; if additions fail then too, that is a fault.
type Scheduler interface {
	// Run executes the transactions of j.Feed until the feed ends or the host ends the block.
	//
	// It returns the error of the context, of the feed, of the base state or of j.Final if one of them
	// failed, and then hands out no more outcomes; those handed out before stand. A fault of the VM is no error
	// of Run but a field of a [Final]. When Run returns, with or without error, it has no goroutine left,
	// no call to anything in j is open, and none will follow.
	Run(ctx context.Context, j Job) (Stats, error)
}

// Job is one block to be executed. The scheduler changes nothing in it.
type Job struct {
	Block *Block
	Feed  Feed
	VM    Executor
	// Base is the state before the block, without Block.Start.
	Base State
	// Final receives outcomes in the order of the feed, without gaps, each once, from one goroutine at a time.
	// The slice and all that it points to belong to the scheduler and are valid until the call returns.
	// An error stops the run.
	Final func([]Final) error
	// End receives at most one number n. The scheduler then hands out the outcomes below n and no others,
	// except for those that it has handed out already; the host drops these. nil never ends the block; the channel
	// is never closed. A number that is sent before Run, or before a call of Final returns, counts for the very next
	// outcome.
	End <-chan TxIndex
	// Observer is told what happens to the attempts. It may be nil.
	Observer Observer
}

// Feed hands out the transactions of a block.
type Feed interface {
	// Next returns the transactions that come next, at least one, and waits until there is one. It returns
	// io.EOF when no more will come; after any other error the transactions handed out before may be left out. When a number was sent on Job.End, Next waits no longer than for the
	// transactions below that number: it is never the feed that keeps an ended block open. The slice belongs
	// to the scheduler, the bodies to nobody.
	//
	// One goroutine calls it at a time. A [Queue] is a Feed.
	Next(ctx context.Context) ([]Tx, error)
}

// Stats counts what a run did. Transactions and Executions are exact; the others say what the scheduler wants to be
// known for.
type Stats struct {
	Transactions int    // outcomes handed out
	Executions   uint64 // attempts started, resumed ones included
	Resumptions  uint64 // attempts that a Rewinder went on with
	Validations  uint64 // read sets that were looked through again
	Aborts       uint64 // attempts given up, running or finished
	Parks        uint64 // times that an attempt waited for another transaction
}
