package trace

import (
	"context"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Work is a transaction as the scheduler should see it: what it costs and what it touches.
type Work struct {
	// Cost is how long it runs.
	Cost time.Duration
	// Reads are in order; of an Access, only Key and Offset mean something.
	Reads []Access
	// Writes and Adds are the keys that it writes at its end, and those that it adds to.
	Writes, Adds []framework.Key
}

// Works returns the transactions of a block that have become final, in block order, from its attempts. Where events
// are missing, so may be transactions: they cost nothing then, or are left out at the end.
func Works(attempts []*Attempt) []Work {
	finals := 0
	for _, a := range attempts {
		if a.Final {
			finals++
		}
	}
	works := make([]Work, finals)
	for _, a := range attempts {
		if !a.Final || a.Version.Tx < 0 || int(a.Version.Tx) >= finals {
			continue
		}
		works[a.Version.Tx] = Work{Cost: a.Kept + a.Ran(), Reads: a.Reads, Writes: a.Writes, Adds: a.Adds}
	}
	return works
}

// Simulator is a [framework.Scheduler] that can tell how long a block would take on other machines, or if it decided
// otherwise, without executing it. It is found by assertion. It is safe for concurrent use.
type Simulator interface {
	// Policies returns the names of the ways in which it can schedule, the plainest first.
	Policies() []string

	// Simulate returns what would become of a block of these transactions. The access sets are taken as they are,
	// whatever the order of execution. The same arguments give the same result.
	Simulate(ctx context.Context, works []Work, s Scenario) (Prediction, error)
}

// Scenario says how a block is to be scheduled in a simulation.
type Scenario struct {
	Policy  string
	Workers int
	// Hinted is for how many transactions in a hundred the accesses are predicted, and rightly.
	Hinted int
	// Rewinds says that attempts can go on from the middle of earlier ones.
	Rewinds bool
	// Overhead is the time of a worker that an attempt takes beside running.
	Overhead time.Duration
	// Observer is told what happens in the simulation, as a run would tell it. It may be nil.
	Observer framework.Observer
}

// Prediction is what would become of a block.
type Prediction struct {
	Makespan time.Duration
	Busy     time.Duration // of all workers together
	Attempts int
	// Validations are reads or read sets that were looked through again, as the scheduler counts them.
	Validations uint64
}
