package storetest

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var stageTests = []test{
	{"seen at once", (*rig).stageSeenAtOnce},
	{"out of order", (*rig).stageOutOfOrder},
	{"unsorted diff", (*rig).stageUnsorted},
	{"duplicate key", (*rig).stageDuplicate},
	{"refused value", (*rig).stageRefused},
	{"copies the diff", (*rig).stageCopies},
	{"leaves the diff alone", (*rig).stageLeavesAlone},
	{"nil and empty diff", (*rig).stageNothing},
	{"zero empties a cell", (*rig).stageZero},
	{"any word", (*rig).stageAnyWord},
}

func (r *rig) stageSeenAtOnce(t conform.T) {
	s := r.open(t)
	r.stage(t, s, 0, cells{1: 1, 2: 2})
	r.holds(t, s, 0, cells{1: 1, 2: 2, 3: 0})
	r.stage(t, s, 1, cells{2: 0, 3: 3})
	r.holds(t, s, 1, cells{1: 1, 2: 0, 3: 3})
	r.holds(t, s, 0, cells{1: 1, 2: 2, 3: 0})
}

func (r *rig) stageOutOfOrder(t conform.T) {
	s := r.open(t)
	refuse := func(numbers ...framework.BlockNumber) {
		t.Helper()
		for _, n := range numbers {
			err := s.Stage(t.Context(), n, r.Protocol, r.diff(cells{1: 9}))
			fails(t, fmt.Sprintf("Stage(%d)", n), err, framework.ErrOutOfOrder)
		}
	}
	refuse(1, 2, -1, -2, 100)
	r.stage(t, s, 0, cells{1: 1})
	refuse(0, 2, -1)
	r.stage(t, s, 1, cells{1: 2})
	r.seal(t, s, 0)
	refuse(0, 1, 3)
	r.seal(t, s, 1)
	refuse(0, 1, 3)
	r.add(t, s, 2, cells{1: 3})
	for n := range 3 {
		r.holds(t, s, framework.BlockNumber(n), cells{1: n + 1})
	}
}

func (r *rig) stageUnsorted(t conform.T) {
	d := r.diff(cells{1: 1, 2: 2, 3: 3})
	for _, p := range [][]int{{1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}} {
		bad := &framework.Diff{Writes: []framework.Write{d.Writes[p[0]], d.Writes[p[1]], d.Writes[p[2]]}}
		r.refuses(t, bad, fmt.Sprintf("a diff in order %v", p))
	}
}

func (r *rig) stageDuplicate(t conform.T) {
	d := r.diff(cells{1: 1, 2: 2})
	same := &framework.Diff{Writes: []framework.Write{d.Writes[0], d.Writes[1], d.Writes[1]}}
	r.refuses(t, same, "a write that is there twice")
	other := &framework.Diff{Writes: slices.Clone(same.Writes)}
	other.Writes[1].Value = r.value(3)
	r.refuses(t, other, "two writes of one key")
}

func (r *rig) stageRefused(t conform.T) {
	if len(r.Refused) == 0 {
		t.Skipf("the store commits to any word in any cell")
	}
	for _, w := range r.Refused {
		d := r.diff(cells{1: 1, 2: 2})
		d.Writes = append(slices.DeleteFunc(d.Writes, func(o framework.Write) bool { return o.Key == w.Key }), w)
		framework.SortWrites(d.Writes)
		r.refuses(t, d, fmt.Sprintf("a write of %x to %x", w.Value, w.Key))
	}
}

// refuses wants Stage to refuse the diff, on an empty store and above a staged block, and to change nothing.
func (r *rig) refuses(t conform.T, bad *framework.Diff, what string) {
	t.Helper()
	s := r.open(t)
	for n := range framework.BlockNumber(2) {
		if err := s.Stage(t.Context(), n, r.Protocol, bad); err == nil {
			t.Errorf("Stage(%d) takes %s, want an error", n, what)
			return
		}
		missing(t, s, n)
		r.stage(t, s, n, cells{4 + int(n): 4})
		r.holds(t, s, n, cells{1: 0, 2: 0, 3: 0, 4: 4, 5: 4 * int(n)})
	}
	good := r.open(t)
	for n := range framework.BlockNumber(2) {
		if got, want := r.seal(t, s, n), r.add(t, good, n, cells{4 + int(n): 4}); got != want {
			t.Errorf("root of block %d after refusing %s: %x, else %x", n, what, got, want)
		}
	}
}

func (r *rig) stageCopies(t conform.T) {
	s, good := r.open(t), r.open(t)
	want := cells{1: 1, 2: 2, 3: 3}
	d := r.diff(want, 1, 2)
	if err := s.Stage(t.Context(), 0, r.Protocol, d); err != nil {
		t.Fatalf("Stage: %v", err)
	}
	fill(d.Writes, framework.Write{Key: r.key(9), Value: r.value(9)})
	fill(d.Classes, r.class(9))
	check := func(when string) {
		t.Helper()
		st := r.at(t, s, 0)
		r.shows(t, st, cells{1: 1, 2: 2, 3: 3, 9: 0}, when)
		r.declared(t, st, r.class(1), r.class(2))
		r.undeclared(t, st, 9)
	}
	check("staged block, its diff overwritten by the caller")
	if got, want := r.seal(t, s, 0), r.add(t, good, 0, want, 1, 2); got != want {
		t.Errorf("root %x after the caller has overwritten the diff, else %x", got, want)
	}
	check("sealed block, its diff overwritten by the caller")
	r.add(t, s, 1, cells{2: 5})
	check("sealed block with another above it, its diff overwritten by the caller")
	r.revert(t, s, 0)
	check("reverted block, its diff overwritten by the caller")
}

func (r *rig) stageLeavesAlone(t conform.T) {
	s := r.open(t)
	d, same := r.diff(cells{1: 1, 2: 0, 3: 3}, 1), r.diff(cells{1: 1, 2: 0, 3: 3}, 1)
	if err := s.Stage(t.Context(), 0, r.Protocol, d); err != nil {
		t.Fatalf("Stage: %v", err)
	}
	r.seal(t, s, 0)
	r.add(t, s, 1, cells{1: 2, 2: 2}, 2)
	r.revert(t, s, framework.AtEmpty)
	if !slices.Equal(d.Writes, same.Writes) || len(d.Classes) != 1 || string(d.Classes[0].Body) != string(same.Classes[0].Body) {
		t.Errorf("the store changed the diff: %+v, before %+v", d, same)
	}
}

func (r *rig) stageNothing(t conform.T) {
	s := r.open(t)
	root := r.add(t, s, 0, cells{1: 1}, 1)
	for i, d := range []*framework.Diff{{}, {Writes: []framework.Write{}, Classes: []framework.Class{}}} {
		n := framework.BlockNumber(i + 1)
		if err := s.Stage(t.Context(), n, r.Protocol, d); err != nil {
			t.Fatalf("Stage(%d) of an empty diff: %v", n, err)
		}
		if got := r.seal(t, s, n); got != root {
			t.Errorf("root %x after an empty block, before %x", got, root)
		}
		r.holds(t, s, n, cells{1: 1, 2: 0})
	}
}

func (r *rig) stageZero(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1, 2: 2, 3: 3})
	r.add(t, s, 1, cells{1: 0, 3: 0, 4: 0})
	r.holds(t, s, 1, cells{1: 0, 2: 2, 3: 0, 4: 0})
	r.holds(t, s, 0, cells{1: 1, 2: 2, 3: 3, 4: 0})
	r.add(t, s, 2, cells{3: 5})
	r.holds(t, s, 2, cells{1: 0, 2: 2, 3: 5, 4: 0})
}

func (r *rig) stageAnyWord(t conform.T) {
	if r.Key != nil || r.Value != nil {
		t.Skipf("the store does not take any word in any cell")
	}
	ones := framework.Word{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	d := new(framework.Diff)
	for _, space := range []uint8{0, 1, 2, 127, 255} {
		for _, w := range []framework.Word{{}, {1}, {3: 1 << 60}, {3: 1 << 63}, ones} {
			d.Writes = append(d.Writes, framework.Write{Key: framework.Key{Space: space, Owner: w, Slot: ones}, Value: ones})
			d.Writes = append(d.Writes, framework.Write{Key: framework.Key{Space: space, Owner: w}, Value: framework.Word{3: 1 << 63}})
		}
	}
	framework.SortWrites(d.Writes)
	s := r.open(t)
	if err := s.Stage(t.Context(), 0, r.Protocol, d); err != nil {
		t.Fatalf("Stage: %v", err)
	}
	r.seal(t, s, 0)
	st := r.at(t, s, 0)
	for _, w := range d.Writes {
		out := make([]framework.Word, 1)
		if err := st.Read(t.Context(), []framework.Key{w.Key}, out); err != nil || out[0] != w.Value {
			t.Errorf("Read(%x) = %x, %v, want %x", w.Key, out, err, w.Value)
		}
	}
}
