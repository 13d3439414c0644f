package storetest

import (
	"bytes"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var classTests = []test{
	{"declared", (*rig).classDeclared},
	{"not declared", (*rig).classNotDeclared},
	{"declared again", (*rig).classDeclaredAgain},
	{"reverted", (*rig).classReverted},
	{"empty body", (*rig).classEmptyBody},
	{"large body", (*rig).classLargeBody},
}

// declared wants st to have the classes.
func (r *rig) declared(t conform.T, st framework.State, classes ...framework.Class) {
	t.Helper()
	for _, want := range classes {
		got, err := st.Class(t.Context(), want.Hash)
		if err != nil {
			t.Errorf("Class(%x): %v", want.Hash, err)
			continue
		}
		if got.Hash != want.Hash || !bytes.Equal(got.Body, want.Body) {
			t.Errorf("Class(%x) = %x, %.50q, want %.50q", want.Hash, got.Hash, got.Body, want.Body)
		}
	}
}

// undeclared wants st not to have the classes.
func (r *rig) undeclared(t conform.T, st framework.State, classes ...int) {
	t.Helper()
	for _, i := range classes {
		c, err := st.Class(t.Context(), r.class(i).Hash)
		fails(t, "Class", err, framework.ErrNoClass)
		if err == nil {
			t.Logf("it has %q", c.Body)
		}
	}
}

func (r *rig) classDeclared(t conform.T) {
	s := r.open(t)
	r.stage(t, s, 0, cells{1: 1}, 1, 2)
	r.declared(t, r.at(t, s, 0), r.class(1), r.class(2))
	r.seal(t, s, 0)
	r.add(t, s, 1, nil, 3)
	r.declared(t, r.at(t, s, 1), r.class(1), r.class(2), r.class(3))
	r.declared(t, r.at(t, s, 0), r.class(1), r.class(2))
}

func (r *rig) classNotDeclared(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, nil, 1)
	before := r.at(t, s, 0)
	r.add(t, s, 1, nil, 2)
	r.undeclared(t, r.at(t, s, framework.AtEmpty), 1, 2)
	r.undeclared(t, r.at(t, s, 0), 2, 3)
	r.undeclared(t, before, 2)
	r.undeclared(t, r.at(t, s, 1), 3)
}

func (r *rig) classDeclaredAgain(t conform.T) {
	s := r.open(t)
	first := r.add(t, s, 0, cells{1: 1}, 1)
	second := r.add(t, s, 1, nil, 1)
	if first != second {
		t.Errorf("declaring a class again changes the root")
	}
	r.declared(t, r.at(t, s, 1), r.class(1))
	r.revert(t, s, 0)
	r.declared(t, r.at(t, s, 0), r.class(1))
}

func (r *rig) classReverted(t conform.T) {
	s := r.open(t)
	r.add(t, s, 0, nil, 1)
	r.add(t, s, 1, nil, 2)
	r.stage(t, s, 2, nil, 3)
	r.revert(t, s, 0)
	r.declared(t, r.at(t, s, 0), r.class(1))
	r.undeclared(t, r.at(t, s, 0), 2, 3)
	r.add(t, s, 1, nil, 3)
	r.declared(t, r.at(t, s, 1), r.class(1), r.class(3))
	r.undeclared(t, r.at(t, s, 1), 2)
}

func (r *rig) classEmptyBody(t conform.T) {
	s := r.open(t)
	d := r.diff(nil, 1, 2)
	d.Classes[0].Body = nil
	d.Classes[1].Body = []byte{}
	want := slices.Clone(d.Classes)
	if err := s.Stage(t.Context(), 0, r.Protocol, d); err != nil {
		t.Fatalf("Stage: %v", err)
	}
	r.seal(t, s, 0)
	r.declared(t, r.at(t, s, 0), want...)
}

func (r *rig) classLargeBody(t conform.T) {
	s := r.open(t)
	d := r.diff(nil, 1)
	d.Classes[0].Body = bytes.Repeat([]byte("0123456789abcde\n"), 1<<18) // 4 MiB
	want := slices.Clone(d.Classes)
	if err := s.Stage(t.Context(), 0, r.Protocol, d); err != nil {
		t.Fatalf("Stage: %v", err)
	}
	r.seal(t, s, 0)
	r.declared(t, r.at(t, s, 0), want...)
}
