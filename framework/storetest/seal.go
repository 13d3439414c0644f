package storetest

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var sealTests = []test{
	{"out of order", (*rig).sealOutOfOrder},
	{"not staged", (*rig).sealNotStaged},
	{"pipelined", (*rig).sealPipelined},
}

func (r *rig) sealOutOfOrder(t conform.T) {
	s := r.open(t)
	refuse := func(numbers ...framework.BlockNumber) {
		t.Helper()
		for _, n := range numbers {
			_, err := s.Seal(t.Context(), n)
			fails(t, fmt.Sprintf("Seal(%d)", n), err, framework.ErrOutOfOrder)
		}
	}
	refuse(1, 2, -1)
	for n := range framework.BlockNumber(3) {
		r.stage(t, s, n, link(int(n)))
	}
	refuse(1, 2, 3, -1)
	root := r.seal(t, s, 0)
	refuse(0, 2, 3, -1)
	r.head(t, s, 0, root)
	r.seal(t, s, 1)
	r.head(t, s, 2, r.seal(t, s, 2))
	r.holds(t, s, 2, chained(2, 3))
}

func (r *rig) sealNotStaged(t conform.T) {
	s := r.open(t)
	_, err := s.Seal(t.Context(), 0)
	fails(t, "Seal(0) of an empty store", err, framework.ErrNoBlock)
	root := r.add(t, s, 0, cells{1: 1})
	_, err = s.Seal(t.Context(), 1)
	fails(t, "Seal(1) with block 0 the last staged", err, framework.ErrNoBlock)
	r.head(t, s, 0, root)
	r.stage(t, s, 1, cells{1: 2})
	r.revert(t, s, 0)
	_, err = s.Seal(t.Context(), 1)
	fails(t, "Seal(1) after block 1 was dropped", err, framework.ErrNoBlock)
}

// sealPipelined has one to three staged blocks above the head all the time.
func (r *rig) sealPipelined(t conform.T) {
	const length = 8
	want := r.chain(t, r.open(t), length)
	for ahead := 1; ahead <= 3; ahead++ {
		s := r.open(t)
		for n := range length + ahead {
			if n < length {
				r.stage(t, s, framework.BlockNumber(n), link(n))
			}
			if m := n - ahead; m >= 0 {
				if root := r.seal(t, s, framework.BlockNumber(m)); root != want[m] {
					t.Errorf("root of block %d, sealed with %d staged above it: %x, else %x", m, ahead, root, want[m])
				}
				r.holds(t, s, framework.BlockNumber(m), chained(m, length))
			}
		}
	}
}

var rootTests = []test{
	{"same state same root", (*rig).sameRoot},
	{"other state other root", (*rig).otherRoot},
	{"zero counts as absent", (*rig).rootOfZero},
	{"unchanged values", (*rig).rootOfUnchanged},
	{"after a revert", (*rig).rootAfterRevert},
}

// path is a way to a state: one diff for each block.
type path []step

type step struct {
	cells   cells
	classes []int
}

func (r *rig) walk(t conform.T, p path) framework.Root {
	t.Helper()
	s := r.open(t)
	var root framework.Root
	for n, st := range p {
		root = r.add(t, s, framework.BlockNumber(n), st.cells, st.classes...)
	}
	return root
}

// samePaths wants all paths to lead to the same root.
func (r *rig) samePaths(t conform.T, paths ...path) {
	t.Helper()
	want := r.walk(t, paths[0])
	for _, p := range paths[1:] {
		if got := r.walk(t, p); got != want {
			t.Errorf("root %x by way of %v, but %x by way of %v", got, p, want, paths[0])
		}
	}
}

func (r *rig) sameRoot(t conform.T) {
	r.samePaths(t,
		path{{cells{1: 1, 2: 2, 3: 3}, []int{1, 2}}},
		path{{cells{3: 3}, []int{2}}, {cells{2: 2}, nil}, {cells{1: 1}, []int{1}}},
		path{{nil, nil}, {cells{1: 9, 2: 9, 3: 9}, []int{1, 2}}, {cells{1: 1, 2: 2, 3: 3}, nil}},
		path{{cells{1: 2, 2: 1, 4: 4}, []int{1}}, {cells{3: 3, 4: 0}, nil}, {cells{1: 1, 2: 2}, []int{2}}, {nil, nil}},
	)
}

func (r *rig) otherRoot(t conform.T) {
	states := []step{
		{},
		{cells: cells{1: 1}},
		{cells: cells{1: 2}},
		{cells: cells{2: 1}},
		{cells: cells{1: 1, 2: 1}},
		{cells: cells{1: 1, 2: 2}},
		{cells: cells{1: 2, 2: 1}},
		{cells: cells{1: 1}, classes: []int{1}},
		{classes: []int{1}},
		{classes: []int{2}},
		{classes: []int{1, 2}},
	}
	seen := make(map[framework.Root]step)
	for _, st := range states {
		root := r.walk(t, path{st})
		if other, ok := seen[root]; ok {
			t.Errorf("root %x stands for %v and for %v", root, st, other)
		}
		seen[root] = st
	}
}

func (r *rig) rootOfZero(t conform.T) {
	r.samePaths(t,
		path{{nil, nil}},
		path{{cells{1: 0, 2: 0}, nil}},
		path{{cells{1: 1}, nil}, {cells{1: 0}, nil}},
	)
	r.samePaths(t,
		path{{cells{1: 1}, nil}},
		path{{cells{1: 1, 2: 0}, nil}},
		path{{cells{1: 0, 2: 2}, nil}, {cells{1: 1, 2: 0}, nil}},
	)
}

func (r *rig) rootOfUnchanged(t conform.T) {
	r.samePaths(t,
		path{{cells{1: 1, 2: 2}, nil}},
		path{{cells{1: 1, 2: 2}, nil}, {cells{1: 1, 2: 2}, nil}},
		path{{cells{1: 1}, nil}, {cells{1: 1, 2: 2}, nil}, {cells{2: 2}, nil}},
	)
}

// rootAfterRevert replaces blocks by others and then comes back to the first ones.
func (r *rig) rootAfterRevert(t conform.T) {
	const length = 6
	s := r.open(t)
	want := r.chain(t, s, length)
	for to := framework.AtEmpty; to < length; to++ {
		r.revert(t, s, to)
		if to > framework.AtEmpty {
			r.head(t, s, to, want[to])
		}
		r.add(t, s, to+1, cells{0: 70, 1: 0, 2: 71, length: 0}, 1)
		r.stage(t, s, to+2, cells{0: 72})
		r.revert(t, s, to)
		for n := int(to) + 1; n < length; n++ {
			if root := r.add(t, s, framework.BlockNumber(n), link(n)); root != want[n] {
				t.Errorf("root of block %d, again after Revert(%d): %x, the first time %x", n, to, root, want[n])
			}
		}
	}
}
