// Package storetest is the conformance suite of stores: a named subtest for every promise that framework/store.go
// makes.
//
// A store's own test describes a [Subject] and calls [Run]:
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(conform.Testing(t), storetest.Subject{
//			Open: func(t conform.T, dir string) framework.Store {
//				s, err := mystore.Open(t.Context(), mystore.Config{Path: dir})
//				if err != nil {
//					t.Fatalf("open: %v", err)
//				}
//				return s
//			},
//			Durable: true,
//		})
//	}
//
// Package memory is a store that passes and is quick to read.
package storetest

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// Subject is a store and what the suite needs to know to put it to the test. Only Open must be set. A subtest that
// does not concern the subject is skipped and says why.
type Subject struct {
	// Open opens the store that is kept in dir, which is empty the first time. Nothing else uses dir, and a store
	// is closed before its folder is opened again. A store that keeps no files may ignore it.
	Open func(t conform.T, dir string) framework.Store
	// Durable says that sealed blocks are still there when the folder is opened again.
	Durable bool
	// Retain is how many sealed blocks the store was told to keep readable: at least 8, or 0 for all.
	Retain int
	// Protocol is passed to Stage.
	Protocol string
	// Key returns the i-th of a series of keys that the store accepts, all different, for i >= 0. nil: any key will
	// do.
	Key func(i int) framework.Key
	// Value returns the i-th of a series of words that the store accepts in any cell and as the hash of a class, all
	// different and none of them zero, for i > 0. nil: any word will do.
	Value func(i int) framework.Word
	// Declare returns the writes which a diff must hold with a class of that hash, none of them to a key of Key.
	// nil: none.
	Declare func(class framework.Word) []framework.Write
	// Refused are writes that the store cannot commit to. Stage must refuse a diff with any one of them.
	Refused []framework.Write
	// Verify checks what Prove returned: that the state whose root is root holds values at the keys of q.
	// nil: the store makes no proofs.
	Verify func(root framework.Root, q framework.ProofQuery, values []framework.Word, p *framework.Proof) error
	// Seed selects the random operations. 0 is a seed like any other; failures print it.
	Seed uint64
}

// Run checks the subject.
func Run(t conform.T, s Subject) {
	r := &rig{Subject: s}
	for _, g := range groups {
		t.Run(g.name, func(t conform.T) {
			for _, test := range g.tests {
				t.Run(test.name, func(t conform.T) { test.run(r, t) })
			}
		})
	}
}

// test is one subtest.
type test struct {
	name string
	run  func(*rig, conform.T)
}

// groups are the subtests, in the order of the promises in framework/store.go.
var groups = []struct {
	name  string
	tests []test
}{
	{"head", headTests},
	{"at", atTests},
	{"read", readTests},
	{"class", classTests},
	{"stage", stageTests},
	{"seal", sealTests},
	{"root", rootTests},
	{"revert", revertTests},
	{"prove", proveTests},
	{"close", closeTests},
	{"context", contextTests},
	{"concurrent", concurrentTests},
	{"random", randomTests},
	{"durable", durableTests},
}
