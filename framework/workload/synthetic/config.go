package synthetic

import (
	"fmt"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Config is what can be set. The zero value is the plain VM.
type Config struct {
	// Impossible is what an attempt does that sees a state which no order of the transactions produces:
	// fault (also if empty) returns an error, loop runs on until it is aborted, panic panics.
	Impossible string `koanf:"impossible" doc:"What an attempt does that sees an impossible state: fault, loop or panic. Empty means fault."`

	// Misbehave is what chosen transactions do in every attempt: nothing (none, or empty), burn SlowBy more
	// (slow), or one of fault, loop and panic.
	Misbehave string `koanf:"misbehave" doc:"What chosen transactions do in every attempt: none, slow, fault, loop or panic. Empty means none."`
	// Every chooses about one in that many transactions, by ID: see Misbehaves. 0 means none, 1 means all.
	Every uint64 `koanf:"every" unit:"transactions" doc:"One in how many transactions misbehaves. 0 means none."`
	// SlowBy is what a slow transaction burns on top of its cost. 0 means a millisecond.
	SlowBy time.Duration `koanf:"slow_by" doc:"What a slow transaction burns on top of its cost. 0 means 1ms."`
	// LoopLimit is the CPU time after which a loop that nobody aborts ends as a fault. 0 means ten seconds.
	LoopLimit time.Duration `koanf:"loop_limit" doc:"Processor time after which a loop that nobody aborts is a fault. 0 means 10s."`

	// Pace is how many rounds of arithmetic a microsecond of cost is. Every process measures that for itself, to within a
	// few percent; processes that are compared are told the same number, that of one of them: see [Pace]. 0 means the
	// number measured.
	Pace int `koanf:"pace" unit:"rounds" doc:"How many rounds of arithmetic a microsecond of cost is. 0 means as many as were measured."`

	// Rewind makes executors implement [framework.Rewinder]. It is off by default, like Predict: a comparison
	// should say which abilities it uses.
	Rewind bool `koanf:"rewind" doc:"Go on from the middle of an attempt, where a scheduler can."`
	// RewindReads is how many reads an executor remembers, over all transactions; an attempt that finds no
	// room cannot be resumed. One takes about 120 bytes. 0 means 262144.
	RewindReads int `koanf:"rewind_reads" unit:"reads" doc:"How many reads are remembered for that. 0 means 262144."`

	// Predict makes executors implement [framework.Predictor].
	Predict bool `koanf:"predict" doc:"Tell what a transaction will probably touch, where a scheduler asks."`
	// HintsRight and HintsWrong are the percentages of the transactions, chosen by ID, for which Predict tells
	// what it knows, or other keys instead; for the others it tells nothing. If both are 0, it tells what it
	// knows for all.
	HintsRight int `koanf:"hints_right" unit:"percent" doc:"For how many transactions in a hundred that is right. With hints_wrong also 0, for all."`
	HintsWrong int `koanf:"hints_wrong" unit:"percent" doc:"For how many transactions in a hundred that is wrong."`
}

// The ways to behave.
const (
	behaveNone  = "none"
	behaveSlow  = "slow"
	behaveFault = "fault"
	behaveLoop  = "loop"
	behavePanic = "panic"
)

// Validate names the key that is wrong.
func (c Config) Validate() error {
	if err := oneOf("impossible", c.Impossible, behaveFault, behaveLoop, behavePanic); err != nil {
		return err
	}
	err := oneOf("misbehave", c.Misbehave, behaveNone, behaveSlow, behaveFault, behaveLoop, behavePanic)
	if err != nil {
		return err
	}
	if c.SlowBy < 0 {
		return fmt.Errorf("slow_by: %v is negative", c.SlowBy)
	}
	if c.LoopLimit < 0 {
		return fmt.Errorf("loop_limit: %v is negative", c.LoopLimit)
	}
	if c.Pace < 0 {
		return fmt.Errorf("pace: %d is negative", c.Pace)
	}
	if c.RewindReads < 0 {
		return fmt.Errorf("rewind_reads: %d is negative", c.RewindReads)
	}
	if c.HintsRight < 0 || c.HintsRight > 100 {
		return fmt.Errorf("hints_right: %d is no percentage", c.HintsRight)
	}
	if c.HintsWrong < 0 || c.HintsRight+c.HintsWrong > 100 {
		return fmt.Errorf("hints_wrong: %d is no percentage, or above 100 together with hints_right", c.HintsWrong)
	}
	return nil
}

func oneOf(key, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is none of %q", key, value, allowed)
}

// Misbehaves reports whether the transaction of that ID misbehaves: always the same for the same ID.
func (c Config) Misbehaves(id framework.Word) bool {
	if c.Every == 0 || c.Misbehave == "" || c.Misbehave == behaveNone {
		return false
	}
	return choose(id, seed0)%c.Every == 0
}

// choose returns a number that depends on a transaction's ID and on what it is chosen for.
func choose(id framework.Word, purpose uint64) uint64 {
	d := digest(purpose)
	d.word(&id)
	return uint64(d)
}

// withDefaults returns c with nothing left unsaid.
func (c Config) withDefaults() Config {
	if c.Impossible == "" {
		c.Impossible = behaveFault
	}
	if c.SlowBy == 0 {
		c.SlowBy = time.Millisecond
	}
	if c.LoopLimit == 0 {
		c.LoopLimit = 10 * time.Second
	}
	if c.RewindReads == 0 {
		c.RewindReads = 1 << 18
	}
	if c.HintsRight == 0 && c.HintsWrong == 0 {
		c.HintsRight = 100
	}
	return c
}
