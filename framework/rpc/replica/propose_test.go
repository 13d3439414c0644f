package replica_test

import (
	"slices"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/replica"
)

// TestPropose reads what runs have come to before the scheduler has published it.
func TestPropose(t *testing.T) {
	b := replica.New(0)
	b.Base(set(1, 10))
	below, early := begin(t, b, 3), begin(t, b, 5)
	wants(t, early, 1, 10)
	b.Propose(below, version(3, 0), 77, set(1, 20), nil)
	if !early.Stopped() || len(early.Proposals()) != 0 {
		t.Errorf("stopped: %v, has read proposals %v; want that it is, and none", early.Stopped(), early.Proposals())
	}
	late := begin(t, b, 5)
	wants(t, late, 1, 20)
	wants(t, late, 1, 20)
	if got := late.Proposals(); !slices.Equal(got, []uint64{77}) {
		t.Errorf("has read proposals %v, want that of run 77", got)
	}
	b.Publish(version(3, 0), set(1, 20), nil)
	after := begin(t, b, 5)
	wants(t, after, 1, 20)
	if late.Stopped() || len(after.Proposals()) != 0 {
		t.Errorf("after the same was published: stopped %v, proposals %v; want neither", late.Stopped(), after.Proposals())
	}
	b.Propose(below, version(3, 0), 78, set(1, 30), nil) // the scheduler has spoken
	wants(t, begin(t, b, 5), 1, 20)
}

// TestProposeSums reads a cell to which two runs have added.
func TestProposeSums(t *testing.T) {
	b := replica.New(0)
	b.Base(append(set(1, 10), set(2, 0)...))
	b.Propose(begin(t, b, 3), version(3, 0), 77, nil, add(1, 2, 5))
	b.Propose(begin(t, b, 4), version(4, 0), 78, nil, add(1, 2, 6))
	var a replica.Attempt
	a.Begin(b, 5)
	wants(t, &a, 1, 21)
	if got := a.Proposals(); !slices.Equal(got, []uint64{78, 77}) {
		t.Errorf("has read proposals %v, want those of runs 78 and 77", got)
	}
	a.End()
	a.Reset()
	if got := a.Proposals(); len(got) != 0 {
		t.Errorf("after Reset it has read proposals %v", got)
	}
}

// TestProposeInVain proposes what an attempt has come to that was stopped, and that was ordered again.
func TestProposeInVain(t *testing.T) {
	b := replica.New(0)
	b.Base(append(set(1, 10), set(2, 10)...))
	stopped := begin(t, b, 3)
	wants(t, stopped, 1, 10)
	b.Publish(version(2, 0), set(1, 11), nil)
	b.Propose(stopped, version(3, 0), 77, set(2, 20), nil)
	wants(t, begin(t, b, 5), 2, 10)

	b.Propose(begin(t, b, 3), version(3, 0), 78, set(2, 20), nil)
	b.Supersede(version(3, 0)) // the same attempt
	wants(t, begin(t, b, 5), 2, 20)
	b.Supersede(version(3, 1))
	refuses(t, begin(t, b, 5), 2)
	b.Propose(begin(t, b, 3), version(3, 0), 79, set(2, 21), nil)
	refuses(t, begin(t, b, 5), 2)
	b.Propose(begin(t, b, 3), version(3, 1), 80, set(2, 22), nil)
	wants(t, begin(t, b, 5), 2, 22)
	b.Publish(version(3, 1), set(2, 22), nil)
	b.Supersede(version(3, 2)) // the scheduler says itself when it is one
	wants(t, begin(t, b, 5), 2, 22)
}
