package rules

import (
	"encoding/json"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Cost is what something takes on the Cairo machine.
type Cost struct {
	Steps, Holes uint64
	Builtins     starknet.BuiltinCounts
}

// Add adds d to c.
func (c *Cost) Add(d *Cost) {
	c.Steps += d.Steps
	c.Holes += d.Holes
	for b := range c.Builtins {
		c.Builtins[b] += d.Builtins[b]
	}
}

// AddTimes adds n times d to c.
func (c *Cost) AddTimes(d *Cost, n uint64) {
	c.Steps += n * d.Steps
	c.Holes += n * d.Holes
	for b := range c.Builtins {
		c.Builtins[b] += n * d.Builtins[b]
	}
}

// fileCost is a cost in versions.json.
type fileCost struct {
	Steps    uint64            `json:"steps,omitempty"`
	Holes    uint64            `json:"holes,omitempty"`
	Builtins map[string]uint64 `json:"builtins,omitempty"`
}

// MarshalJSON returns c without what is 0.
func (c Cost) MarshalJSON() ([]byte, error) {
	f := fileCost{Steps: c.Steps, Holes: c.Holes, Builtins: map[string]uint64{}}
	for b, n := range c.Builtins {
		if n != 0 {
			f.Builtins[starknet.Builtin(b).String()] = n
		}
	}
	return json.Marshal(f)
}

// UnmarshalJSON sets c to what MarshalJSON made.
func (c *Cost) UnmarshalJSON(data []byte) error {
	var f fileCost
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	*c = Cost{Steps: f.Steps, Holes: f.Holes}
	for name, n := range f.Builtins {
		b, ok := starknet.ParseBuiltin(name)
		if !ok {
			return fmt.Errorf("unknown builtin %q", name)
		}
		c.Builtins[b] = n
	}
	return nil
}

// Linear is a cost with a part that grows with a number of felts.
type Linear struct {
	Const Cost
	// Per is for Scale felts; 0 means 1.
	Per   Cost
	Scale uint64 `json:",omitempty"`
}

// For returns the part of l for n felts: each count rounded up on its own.
func (l *Linear) For(n uint64) Cost {
	var c Cost
	c.AddTimes(&l.Per, n)
	if l.Scale > 1 {
		round := func(x *uint64) { *x = (*x + l.Scale - 1) / l.Scale }
		round(&c.Steps)
		round(&c.Holes)
		for b := range c.Builtins {
			round(&c.Builtins[b])
		}
	}
	return c
}

// Of returns the whole cost for n felts.
func (l *Linear) Of(n uint64) Cost {
	c := l.For(n)
	c.Add(&l.Const)
	return c
}

// Publish returns the cost of committing to n felts that are published in a blob: for each of them, and for hashing them. The first
// versions with blobs did not count it.
//
// Source: starkware-libs/sequencer, crates/blockifier/src/fee/gas_usage.rs and utils.rs.
func (r *Rules) Publish(n uint64) Cost {
	var c Cost
	if r.Commit == c {
		return c
	}
	c.AddTimes(&r.Commit, n)
	hash := HashMany(n)
	c.Add(&hash)
	return c
}

// HashMany returns the cost of the Poseidon hash of n felts.
//
// Source: starkware-libs/sequencer, crates/blockifier/src/execution/execution_utils.rs, poseidon_hash_many_cost.
func HashMany(n uint64) (c Cost) {
	c.Steps = n/10*55 + n%10/2*18 + n%2*3 + 21
	c.Builtins[starknet.Poseidon] = n/2 + 1
	return c
}

// Up returns n times f, rounded up.
func (f Fraction) Up(n uint64) uint64 {
	if f.Den == 0 {
		return 0
	}
	return (f.Num*n + f.Den - 1) / f.Den
}

// Down returns n times f, rounded down.
func (f Fraction) Down(n uint64) uint64 {
	if f.Den == 0 {
		return 0
	}
	return f.Num * n / f.Den
}
