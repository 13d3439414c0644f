package vmtest

import (
	"context"
	"errors"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var finishTests = []test{
	{"well formed", (*rig).finishWellFormed},
	{"same input same writes", (*rig).finishSame},
	{"slices belong to the caller", (*rig).finishMemory},
	{"error of the view", (*rig).finishViewError},
	{"cancelled context", (*rig).finishCancelled},
}

// finals returns the finals of the whole block, rejected transactions left out.
func (r *rig) finals() []framework.Final {
	var f []framework.Final
	for i := range r.steps {
		if s := &r.steps[i]; s.want.Status != framework.Rejected {
			f = append(f, framework.Final{Tx: s.index, Outcome: s.want.Clone(), Writes: slices.Clone(s.writes)})
		}
	}
	return f
}

func (r *rig) finish(t conform.T, ex framework.Executor, vw *view, final []framework.Final) ([]framework.Write, error) {
	return r.finishCtx(t.Context(), ex, vw, final)
}

func (r *rig) finishCtx(ctx context.Context, ex framework.Executor, vw *view, final []framework.Final) ([]framework.Write, error) {
	var writes []framework.Write
	err := r.bounded(vw, func() (err error) {
		writes, err = ex.Finish(ctx, vw, final)
		return err
	})
	return writes, err
}

// finishWellFormed finishes the block cut at every place.
func (r *rig) finishWellFormed(t conform.T) {
	ex := r.open(t)
	all := r.finals()
	for n := range len(all) + 1 {
		st := r.base.clone()
		for _, f := range all[:n] {
			st.apply(f.Writes, f.Outcome.Classes)
		}
		writes, err := r.finish(t, ex, r.view(st), all[:n])
		if err != nil {
			t.Fatalf("Finish after %d transactions: %v", n, err)
		}
		if !sorted(writes) {
			t.Errorf("Finish after %d transactions: not sorted by key, each key once: %+v", n, writes)
		}
	}
}

// finishSame finishes the block on the executor that ran it, twice, and on a new one.
func (r *rig) finishSame(t conform.T) {
	ran, fresh := r.open(t), r.open(t)
	for i := range r.steps {
		r.expect(t, ran, &r.steps[i])
	}
	var first []framework.Write
	for i, ex := range []framework.Executor{ran, ran, fresh} {
		writes, err := r.finish(t, ex, r.view(r.end), r.finals())
		if err != nil {
			t.Fatalf("Finish, time %d: %v", i, err)
		}
		if i == 0 {
			first = writes
		}
		if !slices.Equal(first, writes) {
			t.Errorf("Finish, time %d, differs from the first (-first +this):\n%s", i, diff(first, writes))
		}
	}
}

// finishMemory scribbles over the finals and over what Finish returned.
func (r *rig) finishMemory(t conform.T) {
	ex := r.open(t)
	final := r.finals()
	first, err := r.finish(t, ex, r.view(r.end), final)
	if err != nil {
		t.Fatalf("Finish: %v", err)
	}
	if d := diff(r.finals(), final); d != "" {
		t.Errorf("Finish changed what was passed to it (-before +after):\n%s", d)
	}
	want := slices.Clone(first)
	for i := range final {
		scribble(final[i].Outcome)
		fill(final[i].Writes, framework.Write{})
	}
	if !slices.Equal(want, first) {
		t.Errorf("the result of Finish changed with the finals (-before +after):\n%s", diff(want, first))
	}
	fill(first, framework.Write{})
	again, err := r.finish(t, ex, r.view(r.end), r.finals())
	if err != nil || !slices.Equal(want, again) {
		t.Errorf("Finish again: %v (-first +again):\n%s", err, diff(want, again))
	}
}

// finishViewError answers each call of the view in turn with an error.
func (r *rig) finishViewError(t conform.T) {
	ex := r.open(t)
	fail := errors.New("vmtest: error of the base state")
	for k := range points {
		vw := r.view(r.end)
		vw.hook = func(n int) error {
			if n >= k {
				return fail
			}
			return nil
		}
		_, err := r.finish(t, ex, vw, r.finals())
		if vw.calls <= k {
			if k == 0 {
				t.Skipf("Finish reads nothing")
			}
			return
		}
		if !errors.Is(err, fail) {
			t.Errorf("call %d of the view answered with %q: Finish: %v, want that error", k, fail, err)
		}
	}
}

func (r *rig) finishCancelled(t conform.T) {
	ex := r.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.finishCtx(ctx, ex, r.view(r.end), r.finals()); !errors.Is(err, context.Canceled) {
		t.Errorf("Finish with a cancelled context: %v, want %v", err, context.Canceled)
	}
}
