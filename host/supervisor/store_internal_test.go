package supervisor

import (
	"context"
	"errors"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

func newStore(t *testing.T) framework.Store {
	t.Helper()
	s, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// diff writes one cell.
func diff(n uint64) *framework.Diff {
	return &framework.Diff{Writes: []framework.Write{{Key: synthetic.Storage(framework.Word{1}, framework.Word{n}), Value: framework.Word{n}}}}
}

// stage stages a block, and seals it if seal says so.
func stage(t *testing.T, s framework.Store, n framework.BlockNumber, seal bool) {
	t.Helper()
	if err := s.Stage(t.Context(), n, "", diff(uint64(n))); err != nil {
		t.Fatal(err)
	}
	if seal {
		if _, err := s.Seal(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStoreRestores(t *testing.T) {
	s := &store{Store: newStore(t), h: &Handle{process: &process{s: new(Supervisor)}}, head: framework.AtEmpty}
	for n := range framework.BlockNumber(3) {
		stage(t, s, n, n < 2)
	}
	// Block 2 was sealed or it was not when the process died; the blocks below it were.
	for _, sealed := range []framework.BlockNumber{1, 2} {
		again := newStore(t)
		for n := range sealed + 1 {
			stage(t, again, n, true)
		}
		if err := s.restore(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		at, err := again.At(t.Context(), 2)
		if err != nil {
			t.Fatalf("block %d was sealed: block 2 is not there: %v", sealed, err)
		}
		at.Close()
	}
	lost := new(lostBlocksError)
	if err := s.restore(t.Context(), newStore(t)); !errors.As(err, &lost) || lost.had != 1 || lost.has != framework.AtEmpty {
		t.Errorf("restore of a store that came back empty: %v", err)
	}
}

// lateStore is replaced by another one just before it is given a block, as by a restart.
type lateStore struct {
	framework.Store
	replace func()
}

func (l lateStore) Stage(ctx context.Context, n framework.BlockNumber, protocol string, d *framework.Diff) error {
	l.replace()
	return l.Store.Stage(ctx, n, protocol, d)
}

// TestStageAfterARestart has the process die between the moment in which a block counts as staged and the call: the block
// is staged again before it is staged.
func TestStageAfterARestart(t *testing.T) {
	again := newStore(t)
	s := &store{h: &Handle{process: &process{s: new(Supervisor)}}, head: framework.AtEmpty}
	s.Store = lateStore{again, func() {
		if err := s.restore(t.Context(), again); err != nil {
			t.Fatal(err)
		}
	}}
	stage(t, s, 0, true)
	s.Store = again
	if err := s.Stage(t.Context(), 7, "", diff(7)); !errors.Is(err, framework.ErrOutOfOrder) {
		t.Errorf("a block out of order: %v", err)
	}
	stage(t, s, 1, true)
}
