package vmtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// rig is a subject together with what the serial execution of its block came to.
type rig struct {
	Subject
	given framework.Block // a copy of Subject.Block
	steps []step
	base  *state // with Block.Start
	end   *state // after the last transaction
}

// step is one transaction in its place.
type step struct {
	name   string
	index  framework.TxIndex
	tx     *framework.Tx
	pre    *state // before it
	want   *framework.Outcome
	writes []framework.Write // of want, with additions folded
	reads  []read
	calls  int           // of the view
	took   time.Duration // the first attempt
}

// String names the step in messages.
func (s *step) String() string { return fmt.Sprintf("transaction %d (%s)", s.index, s.name) }

// version is a version of the step's transaction.
func (s *step) version(inc framework.Incarnation) framework.Version {
	return framework.Version{Tx: s.index, Inc: inc}
}

// errHung is what a call that does not return comes to.
var errHung = errors.New("vmtest: still running when patience ended")

// panicked is what a call that panics comes to.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// broke reports whether err is a panic or a hanging call: never an acceptable end.
func broke(err error) bool {
	var p *panicked
	return errors.Is(err, errHung) || errors.As(err, &p)
}

// bounded runs f and waits for it no longer than the subject's patience, twice: the second time v says that the
// attempt is aborted.
func (r *rig) bounded(v *view, f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- &panicked{p, debug.Stack()}
			}
		}()
		done <- f()
	}()
	timer := time.NewTimer(r.Patience)
	defer timer.Stop()
	for cut := range 2 {
		select {
		case err := <-done:
			v.over.Store(true)
			if cut > 0 && err != nil {
				err = fmt.Errorf("%w, since patience ended after %v", err, r.Patience)
			}
			return err
		case <-timer.C:
			v.cut.Store(true)
			timer.Reset(r.Patience)
		}
	}
	return errHung
}

// execute runs one attempt.
func (r *rig) execute(ctx context.Context, ex framework.Executor, s *step, v framework.Version, vw *view,
	out *framework.Outcome) error {
	return r.bounded(vw, func() error { return ex.Execute(ctx, s.tx, v, vw, out) })
}

// attempt runs the step with a fresh outcome and returns it.
func (r *rig) attempt(t conform.T, ex framework.Executor, s *step, vw *view) (*framework.Outcome, error) {
	var out framework.Outcome
	err := r.execute(t.Context(), ex, s, s.version(0), vw, &out)
	return &out, err
}

// expect runs the step once more on the state before it and wants the same outcome.
func (r *rig) expect(t conform.T, ex framework.Executor, s *step) {
	t.Helper()
	got, err := r.attempt(t, ex, s, r.view(s.pre))
	r.same(t, s, s.want, got, err)
}

// same fails the test unless err is nil and got equals want.
func (r *rig) same(t conform.T, s *step, want, got *framework.Outcome, err error) bool {
	t.Helper()
	if err != nil {
		t.Errorf("%v: Execute: %v, want the outcome of the serial run", s, err)
		return false
	}
	if !equal(want, got) {
		t.Errorf("%v: outcome differs from the serial run (-want +got):\n%s", s, diff(want, got))
		return false
	}
	return true
}

// equal compares outcomes; nil and empty slices are the same.
func equal(a, b *framework.Outcome) bool {
	sameClass := func(x, y framework.Class) bool { return x.Hash == y.Hash && bytes.Equal(x.Body, y.Body) }
	return a.Status == b.Status &&
		slices.Equal(a.Writes, b.Writes) &&
		slices.Equal(a.Adds, b.Adds) &&
		slices.EqualFunc(a.Classes, b.Classes, sameClass) &&
		slices.Equal(a.Usage.Counters, b.Usage.Counters) &&
		slices.Equal(a.Usage.Once, b.Usage.Once) &&
		bytes.Equal(a.Receipt, b.Receipt)
}

func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

// open opens the subject's block on a new VM and closes it at the end of the test.
func (r *rig) open(t conform.T) framework.Executor {
	t.Helper()
	return r.openBlock(t, &r.Block)
}

func (r *rig) openBlock(t conform.T, b *framework.Block) framework.Executor {
	t.Helper()
	ex, err := r.VM(t).Open(t.Context(), b)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := ex.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return ex
}

// rand returns the random numbers of one test.
func (r *rig) rand(t conform.T) *rand.Rand {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", r.Seed)
		}
	})
	return rand.New(rand.NewPCG(r.Seed, 0))
}

// sample returns at most most numbers below n, evenly spread, with the first and the last.
func sample(n, most int) []int {
	if n <= 0 {
		return nil
	}
	if n <= most {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	picked := make([]int, most)
	for i := range picked {
		picked[i] = i * (n - 1) / (most - 1)
	}
	return picked
}

// points is how many places of one transaction a test tries at most: aborted reads, resumed reads.
const points = 32
