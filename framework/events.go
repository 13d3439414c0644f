package framework

import "time"

// Observer is told what happens to the attempts of a block: that they started, and that their outcome is final, at
// least; the other events as far as a scheduler has such things. Observe is called from many goroutines at once,
// in the middle of scheduling: it must be quick and must not call back. The event is valid until Observe
// returns.
type Observer interface {
	Observe(e *Event)
}

// EventKind says what happened.
type EventKind uint8

// The kinds of events. Each is a fact about the attempt Event.Version.
const (
	Started   EventKind = iota // it began to run on Worker, from the start
	Resumed                    // it began to run on Worker, from where the attempt before had read Key
	Read                       // it read Key as written by Writer, or from the base if Writer.Tx is NoTx
	Parked                     // it waits for Writer to write Key
	Unparked                   // it runs again after waiting
	Executed                   // it ended by itself; what it wrote and added to has been told just before
	Aborted                    // it was given up; Cause, Key and Writer say why
	Validated                  // its reads were looked through again and still hold
	Finalized                  // its outcome is final
	Wrote                      // its outcome writes Key
	Added                      // its outcome adds to Key
	Stopped                    // it ended because it was told that it is invalid
)

// NoTx stands in Event.Writer for the base, which no transaction wrote.
const NoTx TxIndex = -1

// Cause says why an attempt was given up.
type Cause uint8

// The causes of an abort.
const (
	NoCause      Cause = iota
	ValueChanged       // Writer wrote another value to Key than the attempt has read
	WaitsFor           // Key is an estimate of Writer, and the attempt cannot be parked
	FoldFailed         // an addition did not fit; it runs again without additions
	BlockEnded         // the block ends below it
	Cancelled          // the run was stopped
)

// Event is one fact about one attempt. It is one flat record, so that emitting it allocates nothing and a
// trace of it is compact.
type Event struct {
	Kind    EventKind
	Cause   Cause
	Worker  int32 // the number of the worker, from 0
	Version Version
	// At is the time since the run began.
	At     time.Duration
	Key    Key
	Writer Version
}
