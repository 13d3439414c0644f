package storetest

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var durableTests = []test{
	{"sealed blocks stay", (*rig).sealedStay},
	{"staged blocks are lost", (*rig).stagedLost},
	{"a revert stays", (*rig).revertStays},
	{"goes on", (*rig).durableGoesOn},
	{"two folders", (*rig).twoFolders},
}

// reopened fills a store, closes it and opens it again.
func (r *rig) reopened(t conform.T, fill func(framework.Store)) framework.Store {
	t.Helper()
	if !r.Durable {
		t.Skipf("the store is not durable")
	}
	dir := t.TempDir()
	s := r.openDir(t, dir)
	fill(s)
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return r.openDir(t, dir)
}

func (r *rig) sealedStay(t conform.T) {
	const length = 5
	var roots []framework.Root
	s := r.reopened(t, func(s framework.Store) {
		roots = r.chain(t, s, length)
		roots = append(roots, r.add(t, s, length, nil, 1))
	})
	r.head(t, s, length, roots[length])
	for n := range length {
		r.holds(t, s, framework.BlockNumber(n), chained(n, length))
	}
	r.declared(t, r.at(t, s, length), r.class(1))
	r.undeclared(t, r.at(t, s, length-1), 1)
	r.holds(t, s, framework.AtEmpty, cells{0: 0, 1: 0})
}

func (r *rig) stagedLost(t conform.T) {
	var root framework.Root
	s := r.reopened(t, func(s framework.Store) {
		root = r.add(t, s, 0, cells{1: 1})
		r.stage(t, s, 1, cells{1: 2, 2: 2}, 1)
		r.stage(t, s, 2, cells{1: 3})
	})
	r.head(t, s, 0, root)
	missing(t, s, 1)
	missing(t, s, 2)
	r.holds(t, s, 0, cells{1: 1, 2: 0})
	r.stage(t, s, 1, cells{3: 3})
	r.holds(t, s, 1, cells{1: 1, 2: 0, 3: 3})
	r.undeclared(t, r.at(t, s, 1), 1)

	empty := r.reopened(t, func(s framework.Store) { r.stage(t, s, 0, cells{1: 1}) })
	_, err := empty.Head(t.Context())
	fails(t, "Head, block 0 having been staged", err, framework.ErrEmpty)
	missing(t, empty, 0)
}

func (r *rig) revertStays(t conform.T) {
	const length = 5
	var roots []framework.Root
	s := r.reopened(t, func(s framework.Store) {
		roots = r.chain(t, s, length)
		r.revert(t, s, 2)
	})
	r.head(t, s, 2, roots[2])
	missing(t, s, 3)
	r.holds(t, s, 2, chained(2, length))
	for n := 3; n < length; n++ {
		if root := r.add(t, s, framework.BlockNumber(n), link(n)); root != roots[n] {
			t.Errorf("root of block %d after Revert(2) and a new start: %x, the first time %x", n, root, roots[n])
		}
	}

	empty := r.reopened(t, func(s framework.Store) {
		r.chain(t, s, length)
		r.revert(t, s, framework.AtEmpty)
	})
	_, err := empty.Head(t.Context())
	fails(t, "Head after Revert(AtEmpty) and a new start", err, framework.ErrEmpty)
	r.add(t, empty, 0, cells{5: 5})
	r.holds(t, empty, 0, cells{0: 0, 1: 0, 5: 5})
}

// durableGoesOn starts anew after every block.
func (r *rig) durableGoesOn(t conform.T) {
	const length = 6
	want := r.chain(t, r.open(t), length)
	if !r.Durable {
		t.Skipf("the store is not durable")
	}
	dir := t.TempDir()
	for n := range length {
		s := r.openDir(t, dir)
		if n > 0 {
			r.head(t, s, framework.BlockNumber(n-1), want[n-1])
		}
		if root := r.add(t, s, framework.BlockNumber(n), link(n)); root != want[n] {
			t.Errorf("root of block %d, the store opened anew: %x, else %x", n, root, want[n])
		}
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	r.holds(t, r.openDir(t, dir), length-1, chained(length-1, length))
}

func (r *rig) twoFolders(t conform.T) {
	one, two := r.open(t), r.open(t)
	r.add(t, one, 0, cells{1: 1})
	_, err := two.Head(t.Context())
	fails(t, "Head of a store in another folder", err, framework.ErrEmpty)
	r.add(t, two, 0, cells{1: 2})
	r.holds(t, one, 0, cells{1: 1})
	r.holds(t, two, 0, cells{1: 2})
}
