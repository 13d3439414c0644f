package storetest

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var revertTests = []test{
	{"to a sealed block", (*rig).revertToSealed},
	{"to the head", (*rig).revertToHead},
	{"to the empty state", (*rig).revertToEmpty},
	{"above the head", (*rig).revertAbove},
	{"drops staged blocks", (*rig).revertDropsStaged},
	{"goes on", (*rig).revertGoesOn},
}

func (r *rig) revertToSealed(t conform.T) {
	const length = 6
	s := r.open(t)
	roots := r.chain(t, s, length)
	for _, to := range []int{4, 3, 1, 0} {
		r.revert(t, s, framework.BlockNumber(to))
		r.head(t, s, framework.BlockNumber(to), roots[to])
		missing(t, s, framework.BlockNumber(to+1))
		for n := range to + 1 {
			r.holds(t, s, framework.BlockNumber(n), chained(n, length))
		}
	}
}

func (r *rig) revertToHead(t conform.T) {
	s := r.open(t)
	roots := r.chain(t, s, 3)
	r.revert(t, s, 2)
	r.head(t, s, 2, roots[2])
	r.holds(t, s, 2, chained(2, 3))
}

func (r *rig) revertToEmpty(t conform.T) {
	s := r.open(t)
	r.revert(t, s, framework.AtEmpty) // of an empty store
	first := r.add(t, s, 0, cells{1: 1, 2: 2}, 1)
	r.chainOn(t, s, 1, 5)
	r.revert(t, s, framework.AtEmpty)
	_, err := s.Head(t.Context())
	fails(t, "Head after Revert(AtEmpty)", err, framework.ErrEmpty)
	missing(t, s, 0)
	r.holds(t, s, framework.AtEmpty, cells{0: 0, 1: 0, 2: 0})
	r.stage(t, s, 0, cells{1: 5})
	r.holds(t, s, 0, cells{0: 0, 1: 5, 2: 0})
	r.undeclared(t, r.at(t, s, 0), 1)
	r.revert(t, s, framework.AtEmpty)
	if root := r.add(t, s, 0, cells{1: 1, 2: 2}, 1); root != first {
		t.Errorf("root of block 0, again after Revert(AtEmpty): %x, the first time %x", root, first)
	}
}

// chainOn adds blocks from number from to number below.
func (r *rig) chainOn(t conform.T, s framework.Store, from, below int) {
	t.Helper()
	for n := from; n < below; n++ {
		r.add(t, s, framework.BlockNumber(n), link(n))
	}
}

func (r *rig) revertAbove(t conform.T) {
	s := r.open(t)
	refuse := func(numbers ...framework.BlockNumber) {
		t.Helper()
		for _, n := range numbers {
			fails(t, fmt.Sprintf("Revert(%d)", n), s.Revert(t.Context(), n), framework.ErrNoBlock)
		}
	}
	refuse(0, 1, framework.AtEmpty-1)
	roots := r.chain(t, s, 2)
	r.stage(t, s, 2, link(2))
	refuse(2, 3, 1<<40, framework.AtEmpty-1)
	r.head(t, s, 1, roots[1])
	r.holds(t, s, 2, chained(2, 3)) // what was staged is still there
	r.seal(t, s, 2)
}

func (r *rig) revertDropsStaged(t conform.T) {
	s := r.open(t)
	r.stage(t, s, 0, cells{1: 1})
	r.revert(t, s, framework.AtEmpty)
	missing(t, s, 0)
	roots := r.chain(t, s, 3)
	r.stage(t, s, 3, cells{0: 80, 1: 81}, 1)
	r.stage(t, s, 4, cells{0: 82})
	r.revert(t, s, 2)
	missing(t, s, 3)
	missing(t, s, 4)
	r.head(t, s, 2, roots[2])
	fails(t, "Stage(5)", s.Stage(t.Context(), 5, r.Protocol, r.diff(nil)), framework.ErrOutOfOrder)
	r.stage(t, s, 3, cells{2: 5})
	r.holds(t, s, 3, cells{0: 3, 1: 1, 2: 5, 3: 3})
	r.undeclared(t, r.at(t, s, 3), 1)
}

func (r *rig) revertGoesOn(t conform.T) {
	s := r.open(t)
	r.chain(t, s, 4)
	r.revert(t, s, 1)
	fails(t, "Stage(4)", s.Stage(t.Context(), 4, r.Protocol, r.diff(nil)), framework.ErrOutOfOrder)
	r.add(t, s, 2, cells{5: 5})
	r.add(t, s, 3, cells{6: 6})
	r.holds(t, s, 3, cells{0: 2, 1: 1, 2: 2, 3: 0, 4: 0, 5: 5, 6: 6})
	r.holds(t, s, 1, chained(1, 4))
}
