package trace

import (
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Block is what was recorded of one block.
type Block struct {
	// Label says whose block it is: the name of an assembly, for example.
	Label string
	// Scheduler and Placement say what executed it, and where that ran.
	Scheduler, Placement string
	Number               framework.BlockNumber
	// Txs is the number of transactions with an outcome.
	Txs int
	// Wall is how long the execution took, and CPU the processor time of the host's process meanwhile. 0 means unknown.
	Wall, CPU time.Duration
	// Dropped is how many events are missing.
	Dropped uint64
	// Events are in the order in which they were told: for one attempt, that in which they happened.
	Events []framework.Event
}

// Length returns how long the block took: Wall, or the time of its last event if that is later.
func (b *Block) Length() time.Duration {
	length := b.Wall
	for i := range b.Events {
		length = max(length, b.Events[i].At)
	}
	return length
}

// Workers returns how many workers had an attempt.
func (b *Block) Workers() int {
	n := int32(0)
	for i := range b.Events {
		if e := &b.Events[i]; onWorker(e.Kind) {
			n = max(n, e.Worker+1)
		}
	}
	return int(n)
}

// onWorker reports whether an event of that kind says on which worker it happened.
func onWorker(k framework.EventKind) bool {
	switch k {
	case framework.Started, framework.Resumed, framework.Unparked, framework.Executed, framework.Stopped:
		return true
	}
	return false
}
