package runner_test

import (
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
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

// endless has a hint that enters scopes.
const endless = `{"prime": "0x800000000000011000000000000000000000000000000000000000000000001", "builtins": [], "attributes": [],
	"data": ["0x40780017fff7fff", "0x1", "0x208b7fff7fff7ffe"], "debug_info": null, "main_scope": "__main__",
	"hints": {"0": [{"code": "enter", "accessible_scopes": ["__main__"], "flow_tracking_data":
		{"ap_tracking": {"group": 0, "offset": 0}, "reference_ids": {}}}]}, "reference_manager": {"references": []},
	"identifiers": {"__main__.main": {"pc": 0, "type": "function", "decorators": []}}, "compiler_version": "0.14.0.1"}`

// TestScopeLimit enters more scopes than there may be; the session is good for another run.
func TestScopeLimit(t *testing.T) {
	t.Parallel()
	p, err := program.Parse([]byte(endless))
	if err != nil {
		t.Fatal(err)
	}
	n := 1 << 20
	l := runner.Load(p, hint.Library{"enter": func(c *hint.Call) {
		for range n {
			c.Enter(nil)
		}
		for range n {
			c.Exit()
		}
	}})
	var m machine.Machine
	var s runner.Session
	for _, want := range []string{"More than 1048576 scopes", ""} {
		if err := s.Main(&m, l, runner.Config{Layout: layout(t, "plain")}, machine.Config{}); err != nil {
			t.Fatal(err)
		}
		if err := s.Run(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		n = 100
	}
}
