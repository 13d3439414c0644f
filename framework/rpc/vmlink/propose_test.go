package vmlink_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
)

// shared is the cell that the first transaction of a duo writes and the second one reads.
var shared = framework.Key{Space: 1, Slot: framework.Word{9}}

// duo is a VM of two transactions. The first waits until it may end, and writes a cell. The second reads it; if it holds
// nothing, it goes on until it is stopped, and else until it may end.
type duo struct {
	framework.Executor
	firstMay, secondMay chan struct{}
	began               chan struct{} // closed when the first runs
	begun, again        chan struct{} // closed when the second has read nothing, and something
	executions          atomic.Int32  // of the second
}

func newDuo() *duo {
	return &duo{
		firstMay: make(chan struct{}), secondMay: make(chan struct{}),
		began: make(chan struct{}), begun: make(chan struct{}), again: make(chan struct{}),
	}
}

func (d *duo) Open(context.Context, *framework.Block) (framework.Executor, error) { return d, nil }

func (d *duo) Close() error { return nil }

func (d *duo) Execute(ctx context.Context, tx *framework.Tx, _ framework.Version, view framework.View, out *framework.Outcome) error {
	if tx.ID[0] == 1 {
		close(d.began)
		out.Writes = append(out.Writes, framework.Write{Key: shared, Value: framework.Word{7}})
		return wait(ctx, d.firstMay)
	}
	d.executions.Add(1)
	var value [1]framework.Word
	if err := view.Read(ctx, []framework.Key{shared}, value[:]); err != nil {
		return err
	}
	if value[0] != (framework.Word{}) {
		close(d.again)
		return wait(ctx, d.secondMay)
	}
	close(d.begun)
	for !view.Aborted() && ctx.Err() == nil {
		runtime.Gosched()
	}
	return framework.ErrAborted
}

func wait(ctx context.Context, may <-chan struct{}) error {
	select {
	case <-may:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// play executes both transactions behind a link. It returns channels that receive what became of them, the first one's before
// publish is called, which publishes it. early is set if the second one's view is read before that; then it is aborted.
func (d *duo) play(t *testing.T, ctx context.Context, workers int) (first, second <-chan error, publish func(), early *atomic.Bool) {
	t.Helper()
	s := serve(conform.Testing(t), link.Frames, d, vmlink.Config{Workers: workers})
	e, err := s.Open(ctx, &framework.Block{Start: []framework.Write{{Key: shared}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	early = new(atomic.Bool)
	var published atomic.Bool
	view := &asks{read: func(framework.Key) (framework.Word, error) {
		if published.Load() {
			return framework.Word{7}, nil
		}
		early.Store(true)
		return framework.Word{}, framework.ErrAborted
	}}
	var out framework.Outcome
	run := func(id uint64, out *framework.Outcome) <-chan error {
		done := make(chan error, 1)
		go func() {
			tx := framework.Tx{ID: framework.Word{id}}
			done <- e.Execute(ctx, &tx, framework.Version{Tx: framework.TxIndex(id)}, view, out) //nolint:gosec // small
		}()
		return done
	}
	publish = func() {
		published.Store(true)
		e.(framework.Publisher).Publish(framework.Version{Tx: 1}, out.Writes, nil) //nolint:forcetypeassert // a panic fails the test
	}
	first = run(1, &out)
	if err := wait(ctx, d.began); err != nil {
		t.Fatal(err)
	}
	return first, run(2, new(framework.Outcome)), publish, early
}

// tries is how often it is tried to get a result before time passes that a slow machine may take.
const tries = 20

// TestProposalRestarts has a run read what another one writes that ends later: it is stopped and begun again at the VM, before
// the scheduler's side publishes anything, or asks for what the run has read because it is silent for long.
func TestProposalRestarts(t *testing.T) {
	for range tries {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		d := newDuo()
		first, second, publish, early := d.play(t, ctx, 2)
		errs := []error{wait(ctx, d.begun)}
		close(d.firstMay)
		errs = append(errs, <-first)
		select {
		case <-d.again:
			publish()
			close(d.secondMay)
			errs = append(errs, <-second)
		case err := <-second:
			errs = append(errs, err)
		}
		cancel()
		if early.Load() {
			continue
		}
		if n := d.executions.Load(); errors.Join(errs...) != nil || n != 2 {
			t.Errorf("the second was executed %d times, want 2; errors %v", n, errs)
		}
		return
	}
	t.Error("the view of the second is always asked before the first is published")
}

// TestResultWaits has one worker execute one run after another that it depends on. The result of the second arrives before
// the scheduler's side has published the first: its view is asked only then, or when that has taken very long.
func TestResultWaits(t *testing.T) {
	for range tries {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		d := newDuo()
		close(d.secondMay)
		first, second, publish, early := d.play(t, ctx, 1)
		close(d.firstMay)
		errs := []error{<-first, wait(ctx, d.again)}
		for range 100 {
			runtime.Gosched() // the result of the second comes meanwhile
		}
		publish()
		errs = append(errs, <-second)
		cancel()
		if early.Load() {
			continue
		}
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		return
	}
	t.Error("the view of the second is always asked before the first is published")
}
