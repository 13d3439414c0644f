package blockstm

import (
	"fmt"
	"runtime"
	"slices"
)

// Config is what can be set. The zero value is the policy full with as many workers as there are processors.
type Config struct {
	// Workers is how many attempts run at once. 0 means GOMAXPROCS, and more than that are not used. One worker
	// executes the transactions one after the other.
	Workers int `koanf:"workers" doc:"How many attempts run at once. 0 means as many as there are processors, which is also the most."`
	// ForceWorkers takes Workers as it is, for experiments: neither clamped, nor replaced by serial execution.
	ForceWorkers bool `koanf:"force_workers" doc:"Take workers as it is, also if it is more than there are processors, or one."`
	// Policy is the name of a set of abilities: one of Policies. Empty means full.
	Policy string `koanf:"policy" doc:"Which abilities are used: paper, push, resume, hints or full. Empty means full."`

	// These replace what the policy says of one ability: on, off, or empty to leave it.
	Push      string `koanf:"push" doc:"Compare the readers of a cell when it is written (on), or sweep over read sets (off). Empty: as the policy says."`
	Estimates string `koanf:"estimates" doc:"Make cells that an invalid attempt wrote estimates: on or off. Empty: as the policy says."`
	Suspend   string `koanf:"suspend" doc:"Park an attempt that reads an estimate, instead of giving it up: on or off. Empty: as the policy says."`
	Stop      string `koanf:"stop" doc:"End a running attempt as soon as it is known to be invalid: on or off. Empty: as the policy says."`
	Rewind    string `koanf:"rewind" doc:"Go on from the first invalid read, where the VM can: on or off. Empty: as the policy says."`
	Hints     string `koanf:"hints" doc:"Use the VM's predictions of accesses, where it makes them: on or off. Empty: as the policy says, and while they are worth their time."`
	Rewrites  string `koanf:"rewrites" doc:"Make a cell an estimate when it is read, if those who read it usually write it: on or off. Empty: as the policy says."`

	// Window is how many transactions above the last final one may be under way. 0 means 32 for each worker, but at
	// least 64.
	Window int `koanf:"window" unit:"transactions" doc:"How far above the last final transaction others may begin. 0 means 32 for each worker, but at least 64."`
	// Parked is how many attempts may wait in the middle. 0 means four for each worker.
	Parked int `koanf:"parked" unit:"attempts" doc:"How many attempts may wait in the middle. 0 means four for each worker."`
	// Attempts is after how many attempts a transaction waits until all below it are final. 0 means 32.
	Attempts int `koanf:"attempts" doc:"After how many attempts a transaction waits until all below it are final. 0 means 32."`
}

// The values of a switch.
const (
	on  = "on"
	off = "off"
)

// The limits of a Config.
const (
	maxWorkers = 1024
	maxWindow  = 1 << 12
	maxParked  = 1 << 16
)

// Validate names the key that is wrong.
func (c Config) Validate() error {
	if names := Policies(); c.Policy != "" && !slices.Contains(names, c.Policy) {
		return fmt.Errorf("policy: %q is none of %q", c.Policy, names)
	}
	for _, s := range []struct{ key, value string }{
		{"push", c.Push}, {"estimates", c.Estimates}, {"suspend", c.Suspend},
		{"stop", c.Stop}, {"rewind", c.Rewind}, {"hints", c.Hints}, {"rewrites", c.Rewrites},
	} {
		if s.value != "" && s.value != on && s.value != off {
			return fmt.Errorf("%s: %q is neither on nor off", s.key, s.value)
		}
	}
	for _, n := range []struct {
		key      string
		n, limit int
	}{
		{"workers", c.Workers, maxWorkers},
		{"window", c.Window, maxWindow},
		{"parked", c.Parked, maxParked},
		{"attempts", c.Attempts, 1 << 20},
	} {
		if n.n < 0 || n.n > n.limit {
			return fmt.Errorf("%s: %d is not between 0 and %d", n.key, n.n, n.limit)
		}
	}
	return nil
}

// workers returns how many attempts run at once.
func (c Config) workers() int {
	procs := runtime.GOMAXPROCS(0)
	switch {
	case c.Workers == 0:
		return procs
	case c.ForceWorkers:
		return c.Workers
	}
	return min(c.Workers, procs)
}
