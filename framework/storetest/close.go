package storetest

import (
	"context"
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var closeTests = []test{
	{"later calls", (*rig).closeStore},
	{"of a state", (*rig).closeState},
	{"states of a closed store", (*rig).closeStoreOfState},
}

// each calls every method of s but Close and hands over how it ended.
func (r *rig) each(ctx context.Context, s framework.Store, n framework.BlockNumber, ended func(call string, err error)) {
	_, err := s.Head(ctx)
	ended("Head", err)
	st, err := s.At(ctx, framework.AtEmpty)
	if err == nil {
		st.Close()
	}
	ended("At", err)
	ended("Stage", s.Stage(ctx, n+1, r.Protocol, r.diff(cells{1: 7})))
	_, err = s.Seal(ctx, n)
	ended("Seal", err)
	_, err = s.Prove(ctx, 0, framework.ProofQuery{})
	ended("Prove", err)
	ended("Revert", s.Revert(ctx, 0))
}

func (r *rig) closeStore(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1})
	r.stage(t, s, 1, cells{1: 2})
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		r.each(t.Context(), s, 1, func(call string, err error) {
			fails(t, call+" after Close", err, framework.ErrClosed)
		})
	}
}

// readEach calls every method of st but Close.
func (r *rig) readEach(ctx context.Context, st framework.State, ended func(call string, err error)) {
	ended("Read", st.Read(ctx, []framework.Key{r.key(1)}, make([]framework.Word, 1)))
	_, err := st.Class(ctx, r.class(1).Hash)
	ended("Class", err)
}

func (r *rig) closeState(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1}, 1)
	closed, other := r.at(t, s, 0), r.at(t, s, 0)
	for range 2 {
		if err := closed.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		r.readEach(t.Context(), closed, func(call string, err error) {
			fails(t, call+" after State.Close", err, framework.ErrClosed)
		})
	}
	r.shows(t, other, cells{1: 1, 2: 0}, "another state of the same block")
	r.holds(t, s, 0, cells{1: 1})
}

func (r *rig) closeStoreOfState(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1}, 1)
	st := r.at(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatalf("Close with an open state: %v", err)
	}
	r.readEach(t.Context(), st, func(call string, err error) {
		fails(t, call+" of a state whose store is closed", err, framework.ErrClosed)
	})
}

var contextTests = []test{
	{"cancelled", (*rig).cancelled},
	{"past its deadline", (*rig).pastDeadline},
	{"cancelled reads", (*rig).cancelledReads},
	{"cancelled later", (*rig).cancelledLater},
}

func (r *rig) cancelled(t conform.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.ends(t, ctx, context.Canceled)
}

func (r *rig) pastDeadline(t conform.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	r.ends(t, ctx, context.DeadlineExceeded)
}

// ends wants every call with ctx to end with that error, and the store to be as before, or a step further.
func (r *rig) ends(t conform.T, ctx context.Context, want error) {
	t.Helper()
	s := r.open(t)
	root := r.add(t, s, 0, cells{1: 1})
	r.stage(t, s, 1, cells{1: 2})
	r.each(ctx, s, 1, func(call string, err error) {
		if call == "Prove" && errors.Is(err, framework.ErrUnsupported) {
			return // the answer is the same whoever waits for it
		}
		fails(t, call+" when the context has ended", err, want)
	})
	r.head(t, s, 0, root)
	r.holds(t, s, 1, cells{1: 2})
	missing(t, s, 2)
	r.seal(t, s, 1)
	r.add(t, s, 2, cells{1: 3})
	r.holds(t, s, 2, cells{1: 3})
}

func (r *rig) cancelledReads(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, cells{1: 1}, 1)
	st := r.at(t, s, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.readEach(ctx, st, func(call string, err error) {
		fails(t, call+" with a cancelled context", err, context.Canceled)
	})
	r.shows(t, st, cells{1: 1}, "state after cancelled reads")
}

// cancelledLater ends the context of calls after they have returned, which must not matter.
func (r *rig) cancelledLater(t conform.T) {
	s := r.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	if err := s.Stage(ctx, 0, r.Protocol, r.diff(cells{1: 1}, 1)); err != nil {
		t.Fatalf("Stage: %v", err)
	}
	st, err := s.At(ctx, 0)
	if err != nil {
		t.Fatalf("At: %v", err)
	}
	defer st.Close()
	root, err := s.Seal(ctx, 0)
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	cancel()
	r.shows(t, st, cells{1: 1}, "state whose At was cancelled after it returned")
	r.declared(t, st, r.class(1))
	r.head(t, s, 0, root)
	r.add(t, s, 1, cells{1: 2})
	r.holds(t, s, 1, cells{1: 2})
}
