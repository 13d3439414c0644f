package schedlink_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/schedlink"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// witness is an executor that keeps what Finish was called with and what its view shows, writes one cell, and counts how
// often it was closed.
type witness struct {
	framework.Executor
	asked  []framework.Key
	final  []framework.Final
	seen   []framework.Word
	err    error
	closed atomic.Int32
}

func (w *witness) Finish(ctx context.Context, view framework.View, final []framework.Final) ([]framework.Write, error) {
	w.final = nil
	for i := range final {
		w.final = append(w.final, final[i].Clone())
	}
	w.seen = make([]framework.Word, len(w.asked))
	if err := view.Read(ctx, w.asked, w.seen); err != nil {
		return nil, err
	}
	return []framework.Write{{Key: framework.Key{Space: 9}, Value: framework.Word{uint64(len(final))}}}, w.err
}

func (w *witness) Close() error {
	w.closed.Add(1)
	return nil
}

// finishable is an executor in the host's process that lets others finish its block.
type finishable struct {
	linkedExecutor
	mu sync.Mutex
	by *schedlink.Finisher // guarded by mu
}

func (e *finishable) FinishBy(f *schedlink.Finisher) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.by = f
}

var finishing = link.Options{Features: []string{schedlink.FeatureFinish}}

// payments returns a block of payments, as a job whose executor is a witness, and its outcomes when it is run.
func payments(t *testing.T, txs int) (framework.Job, *witness, *[]framework.Final) {
	t.Helper()
	w, err := workload.New(workload.Spec{Name: "random", Accounts: 20, Transactions: txs})
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Stage(t.Context(), 0, workload.Protocol, w.Genesis()); err != nil {
		t.Fatal(err)
	}
	base, err := store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := synthetic.New(synthetic.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b, all := w.Block(1)
	executor, err := vm.Open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	q := framework.NewQueue(all...)
	q.Close()
	finals := new([]framework.Final)
	x := &witness{Executor: executor}
	return framework.Job{Block: b, Feed: q, VM: x, Base: base, End: q.End(), Final: func(final []framework.Final) error {
		for i := range final {
			*finals = append(*finals, final[i].Clone())
		}
		return nil
	}}, x, finals
}

// runFinishable runs a job over a link and returns the executor that the host has.
func runFinishable(t *testing.T, s *served, name string, j framework.Job) *finishable {
	t.Helper()
	s.links.mu.Lock()
	s.links.job[name] = j
	s.links.mu.Unlock()
	near := &finishable{linkedExecutor: linkedExecutor{j.VM, name}}
	j.VM, j.Base = near, linkedState{j.Base, name}
	if _, err := s.Client.Run(t.Context(), j); err != nil {
		t.Fatalf("Run: %v", err)
	}
	return near
}

// TestFinish finishes a block at the scheduler's side and by hand, with the block cut, the rejected left out and a cell that
// ended as it began: the VM must not see a difference.
func TestFinish(t *testing.T) {
	s := serveBetween(conform.Testing(t), link.Frames, serial.Scheduler{}, finishing, finishing)
	job, x, finals := payments(t, 60)
	near := runFinishable(t, s, "block", job)
	if near.by == nil {
		t.Fatal("the run left nobody to finish the block")
	}
	final := []framework.Final{}
	view := framework.NewOverlay(t.Context(), job.Base, job.Block.Start)
	for _, f := range (*finals)[:50] {
		if f.Outcome.Status == framework.Rejected {
			continue
		}
		if len(final) == 7 && len(f.Writes) > 1 {
			f.Writes = f.Writes[1:]
		}
		for _, w := range f.Writes {
			x.asked = append(x.asked, w.Key)
		}
		final = append(final, f)
		view.Apply(f.Writes, f.Outcome.Classes)
	}
	if len(final) == 50 || len(x.asked) == 0 {
		t.Fatalf("%d outcomes of 50 and %d cells: the block shows nothing", len(final), len(x.asked))
	}
	want, err := x.Finish(t.Context(), view, final)
	wantFinal, wantSeen := x.final, x.seen
	if err != nil {
		t.Fatal(err)
	}
	got, err := near.by.Finish(t.Context(), final)
	if err != nil {
		t.Fatalf("Finish: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("writes (-by hand +over the link):\n%s", diff)
	}
	if diff := cmp.Diff(wantFinal, x.final, cmpopts.EquateEmpty(), cmpopts.EquateErrors()); diff != "" {
		t.Errorf("outcomes (-by hand +over the link):\n%s", diff)
	}
	if diff := cmp.Diff(wantSeen, x.seen); diff != "" {
		t.Errorf("values (-by hand +over the link):\n%s", diff)
	}
	x.err = framework.ErrNoClass
	if _, err := near.by.Finish(t.Context(), final); !errors.Is(err, framework.ErrNoClass) {
		t.Errorf("Finish of a VM that fails: %v, want ErrNoClass", err)
	}
	if _, err := near.by.Finish(t.Context(), []framework.Final{{Tx: 60, Outcome: new(framework.Outcome)}}); err == nil {
		t.Error("Finish with an outcome that never was: no error")
	}
}

// TestLeave looks what is left of runs: nothing once the host has left them, nothing of what was too much, and nothing when the
// link has ended.
func TestLeave(t *testing.T) {
	s := serveBetween(conform.Testing(t), link.Frames, serial.Scheduler{}, finishing, finishing)
	var left, kept, refused *witness
	for i := range 18 {
		job, x, _ := payments(t, 5)
		near := runFinishable(t, s, string(rune('a'+i)), job)
		switch i {
		case 0:
			near.by.Close()
			near.by.Close() // does no harm
			left = x
			if _, err := near.by.Finish(t.Context(), nil); !errors.Is(err, framework.ErrClosed) {
				t.Errorf("Finish of a block that was left: %v, want ErrClosed", err)
			}
		case 1:
			kept = x
		case 17:
			refused = x
			if _, err := near.by.Finish(t.Context(), nil); !errors.Is(err, framework.ErrClosed) {
				t.Errorf("Finish of a block too many: %v, want ErrClosed", err)
			}
		}
	}
	if n := kept.closed.Load(); n != 0 {
		t.Errorf("a block was closed %d times that the host has not left", n)
	}
	s.near.Close()
	<-s.far.Done()
	s.far.Close()
	if err := s.handler.Close(); err != nil {
		t.Error(err)
	}
	for name, x := range map[string]*witness{"left": left, "kept": kept, "too many": refused} {
		if n := x.closed.Load(); n != 1 {
			t.Errorf("the block %s was closed %d times, want once", name, n)
		}
	}
}

// TestWithoutFinish runs a block where one of the two sides does not know what finishing is.
func TestWithoutFinish(t *testing.T) {
	for name, o := range map[string][2]link.Options{"host": {{}, finishing}, "scheduler": {finishing, {}}} {
		t.Run(name, func(t *testing.T) {
			s := serveBetween(conform.Testing(t), link.Frames, serial.Scheduler{}, o[0], o[1])
			job, x, _ := payments(t, 5)
			if near := runFinishable(t, s, "block", job); near.by != nil {
				t.Error("there is somebody to finish the block")
			}
			if n := x.closed.Load(); n != 1 {
				t.Errorf("the block was closed %d times, want once", n)
			}
		})
	}
}
