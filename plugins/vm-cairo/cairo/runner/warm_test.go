package runner_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// TestWarmRuns runs programs of all kinds of hints again on a session and a machine that have run them before: nothing is taken from
// Go's heap. The hint that computes margins of an exchange, in the program modules, does take something.
func TestWarmRuns(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIP: the race detector takes objects for itself")
	}
	for _, name := range []string{"arrays", "blake", "curves", "dicts", "fibonacci", "fields", "hashes", "keccaks", "math", "memory", "modulo", "secp", "uint256", "variants"} {
		l, c := load(t, name), runner.Config{Layout: layout(t, "all_cairo")}
		var m machine.Machine
		var s runner.Session
		run := func() {
			if err := s.Main(&m, l, c, machine.Config{}); err != nil {
				t.Fatal(err)
			}
			for _, f := range []func() error{s.Run, s.End, s.ReadReturnValues} {
				if err := f(); err != nil {
					t.Fatal(err)
				}
			}
		}
		run()
		n := 1.0
		for range 10 { // the runtime may take something for itself
			if n = testing.AllocsPerRun(1, run); n == 0 {
				break
			}
		}
		if n != 0 {
			t.Errorf("%s takes %v objects", name, n)
		}
	}
}
