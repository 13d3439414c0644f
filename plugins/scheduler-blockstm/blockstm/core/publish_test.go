package core

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
)

// play makes events happen until none is left: always the first that prefer accepts, or else the first.
func (w *world) play(t *testing.T, prefer func(event) bool) {
	t.Helper()
	for events := w.events(); len(events) > 0; events = w.events() {
		i := max(slices.IndexFunc(events, prefer), 0)
		if err := try(w, events[i]); err != nil {
			t.Fatalf("after %v: %v", events[i], err)
		}
	}
}

// TestDependents is the example of the roadmap for which this scheduler was written: nine transactions, five
// slots. Tx4 is found to depend on Tx1 after it has run; it runs again, and so does Tx8, which depends on it. Tx5 and the
// others do not.
func TestDependents(t *testing.T) {
	own := func(k Key) program { return increment(k) }
	programs := []program{
		own(0), writes(1, 7), own(2), own(3), // Tx0 to Tx3
		copyTo(1, 4), own(5), own(6), own(7), copyTo(4, 8), // Tx4 reads what Tx1 writes, Tx8 what Tx4 writes
	}
	w := newWorld(policies()["full"], 5, nil, programs...)
	begun := make([]int, len(programs))
	w.onRun = func(v framework.Version) { begun[v.Tx]++ }
	w.play(t, func(e event) bool { return e.tx != 1 }) // Tx1 ends when nothing else is left to do
	if diff := cmp.Diff([]int{1, 1, 1, 1, 2, 1, 1, 1, 2}, begun); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// TestStop looks at what happens to a running attempt that has read what a lower transaction writes.
func TestStop(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy string
		hints  []Hint
		want   bool // it is told to stop
	}{
		{"the first, unknown accesses", "full", nil, false},
		{"the first, known accesses", "full", []Hint{willWrite(1)}, true},
		{"ability off", "tight", []Hint{willWrite(1)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policies()[c.policy]
			p.Window = 3
			core := New(p, 3)
			for k := range Key(testKeys) {
				core.Base(k, word(0))
			}
			core.Add(nil)
			core.Add(nil)
			core.Add(c.hints)
			core.Next() // the lowest: a reader of its would be stopped in any case
			second, third := core.Next().Version, core.Next().Version
			core.Read(third, 0)
			core.Finish(second, put(0, 1))
			got := slices.ContainsFunc(core.Take(), func(a Action) bool { return a.Kind == Stop && a.Version == third })
			if got != c.want {
				t.Errorf("told to stop: %t, want %t", got, c.want)
			}
		})
	}
}
