package core

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestLimit lowers the number of attempts below that of those that run: none begins until there are fewer, and one that
// is invalid, and holds up a lower transaction, is stopped.
func TestLimit(t *testing.T) {
	core := New(policies()["push"], 4)
	for k := range Key(testKeys) {
		core.Base(k, word(0))
	}
	for range 4 {
		core.Add(nil)
	}
	var v [3]framework.Version
	for i := range v {
		v[i] = core.Next().Version
	}
	core.Read(v[1], 0)
	core.Read(v[2], 1)
	core.Finish(v[0], put(1, 7)) // the third has read another value
	core.Limit(1)
	if a := core.Next(); a.Kind != Nothing {
		t.Errorf("two attempts run, one may, and the next action is %+v", a)
	}
	core.Take()
	core.Finish(v[1], put(0, 1))
	if stops := core.Take(); len(stops) != 1 || stops[0].Kind != Stop || stops[0].Version != v[2] {
		t.Errorf("actions %+v, want that the lowest, which is invalid, is stopped", stops)
	}
	core.Finish(v[2], Result{})
	if a := core.Next(); a.Kind != Run || a.Version.Tx != v[2].Tx {
		t.Errorf("nothing runs, and the next action is %+v", a)
	}
	if a := core.Next(); a.Kind != Nothing {
		t.Errorf("one attempt runs, one may, and the next action is %+v", a)
	}
	core.Limit(2)
	if a := core.Next(); a.Kind != Run {
		t.Errorf("one attempt runs, two may, and the next action is %+v", a)
	}
}
