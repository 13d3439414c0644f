package storetest

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var headTests = []test{
	{"of an empty store", (*rig).headOfEmpty},
	{"is the last sealed block", (*rig).headIsSealed},
}

func (r *rig) headOfEmpty(t conform.T) {
	s := r.open(t)
	_, err := s.Head(t.Context())
	fails(t, "Head of an empty store", err, framework.ErrEmpty)
	r.stage(t, s, 0, cells{1: 1})
	_, err = s.Head(t.Context())
	fails(t, "Head with block 0 staged", err, framework.ErrEmpty)
}

func (r *rig) headIsSealed(t conform.T) {
	s := r.open(t)
	for n := range framework.BlockNumber(4) {
		r.stage(t, s, n, cells{1: int(n) + 1})
		root := r.seal(t, s, n)
		r.head(t, s, n, root)
		r.stage(t, s, n+1, cells{1: int(n) + 2})
		r.head(t, s, n, root) // staged does not count
		r.revert(t, s, n)
	}
}

var atTests = []test{
	{"the empty state", (*rig).emptyState},
	{"sealed blocks", (*rig).sealedBlocks},
	{"staged blocks", (*rig).stagedBlocks},
	{"no such block", (*rig).noSuchBlock},
	{"no longer kept", (*rig).noLongerKept},
	{"view stays while blocks are staged", (*rig).viewUnderStage},
	{"view stays while blocks are sealed", (*rig).viewUnderSeal},
	{"view stays after a revert", (*rig).viewUnderRevert},
	{"view stays when no longer kept", (*rig).viewUnderPrune},
}

func (r *rig) emptyState(t conform.T) {
	s := r.open(t)
	before := r.at(t, s, framework.AtEmpty)
	r.shows(t, before, cells{0: 0, 1: 0}, "empty state of an empty store")
	r.add(t, s, 0, cells{0: 1, 1: 2}, 1)
	r.shows(t, before, cells{0: 0, 1: 0}, "empty state opened before block 0")
	after := r.at(t, s, framework.AtEmpty)
	r.shows(t, after, cells{0: 0, 1: 0}, "empty state opened after block 0")
	_, err := after.Class(t.Context(), r.class(1).Hash)
	fails(t, "Class in the empty state", err, framework.ErrNoClass)
}

func (r *rig) sealedBlocks(t conform.T) {
	const length = 8
	s := r.open(t)
	r.chain(t, s, length)
	for n := length - 1; n >= 0; n-- {
		r.holds(t, s, framework.BlockNumber(n), chained(n, length))
	}
}

func (r *rig) stagedBlocks(t conform.T) {
	const length = 4
	s := r.open(t)
	for n := range length {
		r.stage(t, s, framework.BlockNumber(n), link(n))
		for m := range n + 1 {
			r.holds(t, s, framework.BlockNumber(m), chained(m, length))
		}
	}
}

func (r *rig) noSuchBlock(t conform.T) {
	s := r.open(t)
	missing(t, s, 0)
	r.chain(t, s, 2)
	r.stage(t, s, 2, nil)
	for _, n := range []framework.BlockNumber{3, 4, 1 << 40, framework.AtEmpty - 1, -1 << 40} {
		missing(t, s, n)
	}
}

func (r *rig) noLongerKept(t conform.T) {
	if r.Retain == 0 {
		t.Skipf("the store keeps all blocks")
	}
	const more = 3
	length := r.Retain + more
	s := r.open(t)
	r.chain(t, s, length)
	for n := range more {
		missing(t, s, framework.BlockNumber(n))
		fails(t, fmt.Sprintf("Revert(%d)", n), s.Revert(t.Context(), framework.BlockNumber(n)), framework.ErrNoBlock)
	}
	for n := more; n < length; n++ {
		r.holds(t, s, framework.BlockNumber(n), chained(n, length))
	}
	r.holds(t, s, framework.AtEmpty, cells{0: 0, 1: 0})
}

func (r *rig) viewUnderStage(t conform.T) {
	s := r.open(t)
	r.chain(t, s, 2)
	r.stage(t, s, 2, link(2))
	sealed, staged := r.at(t, s, 1), r.at(t, s, 2)
	for n := 3; n < 6; n++ {
		r.stage(t, s, framework.BlockNumber(n), cells{0: 0, 1: 9, 2: 9, 3: 9, n: n})
		r.shows(t, sealed, chained(1, 6), fmt.Sprintf("sealed block 1 after staging block %d", n))
		r.shows(t, staged, chained(2, 6), fmt.Sprintf("staged block 2 after staging block %d", n))
	}
}

func (r *rig) viewUnderSeal(t conform.T) {
	const length = 5
	s := r.open(t)
	var views []framework.State
	for n := range length {
		r.stage(t, s, framework.BlockNumber(n), link(n))
		views = append(views, r.at(t, s, framework.BlockNumber(n)))
	}
	for n := range length {
		r.seal(t, s, framework.BlockNumber(n))
		for m, v := range views {
			r.shows(t, v, chained(m, length), fmt.Sprintf("block %d, opened when staged, after sealing block %d", m, n))
		}
	}
}

// viewUnderRevert keeps views of blocks that are reverted and replaced by others.
func (r *rig) viewUnderRevert(t conform.T) {
	const length = 5
	s := r.open(t)
	r.chain(t, s, length-1)
	r.stage(t, s, length-1, link(length-1), 1)
	var views []framework.State
	for n := range length {
		views = append(views, r.at(t, s, framework.BlockNumber(n)))
	}
	check := func(when string) {
		t.Helper()
		for m, v := range views {
			r.shows(t, v, chained(m, length), fmt.Sprintf("block %d %s", m, when))
		}
		if _, err := views[length-1].Class(t.Context(), r.class(1).Hash); err != nil {
			t.Errorf("class of the view of block %d %s: %v", length-1, when, err)
		}
	}
	r.revert(t, s, 2)
	check("after Revert(2)")
	r.add(t, s, 3, cells{0: 50, 1: 0, 2: 51})
	check("after another block 3")
	r.revert(t, s, framework.AtEmpty)
	check("after Revert(AtEmpty)")
	r.add(t, s, 0, cells{0: 60, 1: 61, 5: 62})
	check("after another block 0")
	r.holds(t, s, 0, cells{0: 60, 1: 61, 2: 0, 3: 0, 5: 62})
}

func (r *rig) viewUnderPrune(t conform.T) {
	if r.Retain == 0 {
		t.Skipf("the store keeps all blocks")
	}
	s := r.open(t)
	length := 2 * r.Retain
	r.chain(t, s, 1)
	view := r.at(t, s, 0)
	for n := 1; n < length; n++ {
		r.add(t, s, framework.BlockNumber(n), link(n))
		r.shows(t, view, chained(0, length), fmt.Sprintf("block 0, opened long ago, after block %d", n))
	}
}

var readTests = []test{
	{"key twice", (*rig).keyTwice},
	{"no keys", (*rig).noKeys},
	{"out belongs to the caller", (*rig).outBelongsToCaller},
	{"many keys", (*rig).manyKeys},
}

func (r *rig) keyTwice(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1, 2: 2})
	keys := []framework.Key{r.key(2), r.key(1), r.key(2), r.key(3), r.key(2)}
	want := []framework.Word{r.value(2), r.value(1), r.value(2), {}, r.value(2)}
	out := make([]framework.Word, len(keys))
	fill(out, r.value(7))
	if err := r.at(t, s, 0).Read(t.Context(), keys, out); err != nil || !slices.Equal(out, want) {
		t.Errorf("Read of a key three times: %v, %v, want %v", out, err, want)
	}
}

func (r *rig) noKeys(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1})
	st := r.at(t, s, 0)
	if err := st.Read(t.Context(), nil, nil); err != nil {
		t.Errorf("Read of nil: %v", err)
	}
	if err := st.Read(t.Context(), []framework.Key{}, []framework.Word{}); err != nil {
		t.Errorf("Read of no keys: %v", err)
	}
}

func (r *rig) outBelongsToCaller(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1})
	st := r.at(t, s, 0)
	keys, out := []framework.Key{r.key(1)}, make([]framework.Word, 1)
	if err := st.Read(t.Context(), keys, out); err != nil {
		t.Fatalf("Read: %v", err)
	}
	fill(out, r.value(9))
	fill(keys, r.key(9))
	r.shows(t, st, cells{1: 1, 9: 0}, "state whose answer and question were overwritten")
}

func (r *rig) manyKeys(t conform.T) {
	const many = 20_000
	s := r.open(t)
	written := make(cells, many)
	for i := range many {
		written[i] = i + 1
	}
	r.add(t, s, 0, written)
	for i := 0; i < many; i += 2 {
		written[i] = 0
	}
	r.add(t, s, 1, written)
	r.holds(t, s, 1, written)
}

func fill[E any](s []E, e E) {
	for i := range s {
		s[i] = e
	}
}
