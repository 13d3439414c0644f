package runner_test

import (
	"errors"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// TestAbort stops runs at one question after the other, in instructions, builtins, hints and the checks of the end: what comes
// of it is always that they were stopped, and the machine is good for another run.
func TestAbort(t *testing.T) {
	t.Parallel()
	for name, least := range map[string]int{"curves": 20, "hashes": 5, "arrays": 5, "secp": 50, "keccaks": 20, "variants": 40, "fields": 40, "dicts": 5} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, c := load(t, name), runner.Config{Layout: layout(t, "all_cairo")}
			var m machine.Machine
			run := func(stopAt int) (asked int, err error) {
				s, err := runner.Main(&m, l, c, machine.Config{Aborted: func() bool { asked++; return stopAt != 0 && asked >= stopAt }})
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range []func() error{s.Run, s.End} {
					if err := f(); err != nil {
						return asked, err
					}
				}
				return asked, nil
			}
			all, err := run(0)
			if err != nil || all < least {
				t.Fatalf("asked %d times, %v, want %d times at least", all, err, least)
			}
			for k := 1; k <= all; k += 1 + all/40 {
				if asked, err := run(k); asked < k || !errors.Is(err, framework.ErrAborted) {
					t.Errorf("stopped at question %d of %d: %v, asked %d times", k, all, err, asked)
				}
			}
			if asked, err := run(0); err != nil || asked != all {
				t.Errorf("afterwards: asked %d times, %v, want %d", asked, err, all)
			}
		})
	}
}
