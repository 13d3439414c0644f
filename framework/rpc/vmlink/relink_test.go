package vmlink_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
	"github.com/switchyard-dev/switchyard/framework/schedtest/optimistic"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// mortal is a VM that can be made to die: the link to it breaks, and whoever looks after it starts another one.
type mortal struct {
	framework.VM
	kill  chan struct{}            // receives when it shall die
	fatal func(*framework.Tx) bool // a transaction that it dies of
}

// Open implements [framework.VM].
func (m *mortal) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	e, err := m.VM.Open(ctx, b)
	if err != nil {
		return nil, err
	}
	r, _ := e.(framework.Rewinder)
	return framework.Combine(dying{e, m}, r, nil, nil), nil
}

// dying is an executor that does not survive some transactions.
type dying struct {
	framework.Executor
	m *mortal
}

// Execute implements [framework.Executor].
func (d dying) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome) error {
	if !d.m.fatal(tx) {
		return d.Executor.Execute(ctx, tx, v, view, out)
	}
	select {
	case d.m.kill <- struct{}{}:
	default:
	}
	<-ctx.Done()
	return ctx.Err()
}

// keep gives a client links to a VM, another one whenever it dies, until the test ends.
func keep(t *testing.T, client *vmlink.Client, m *mortal) (deaths *atomic.Int64) {
	t.Helper()
	deaths = new(atomic.Int64)
	dir := filepath.Dir(socket(conform.Testing(t)))
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	ready := make(chan struct{})
	wg.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			s := &served{Client: client}
			died := ""
			if n > 0 {
				died = fmt.Sprint("death ", n)
				deaths.Add(1)
			}
			path := filepath.Join(dir, fmt.Sprint("s", n))
			if err := s.connect(ctx, path, link.Frames, m, vmlink.Config{Workers: 4}, died); err != nil {
				if ctx.Err() == nil {
					t.Errorf("link %d: %v", n, err)
				}
				return
			}
			if n == 0 {
				close(ready)
			}
			select {
			case <-m.kill:
			case <-ctx.Done():
			}
			_ = s.far.Close() // first, as if it had died
			if err := s.disconnect(); err != nil {
				t.Errorf("link %d: %v", n, err)
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		client.Lose(framework.ErrPluginGone)
	})
	<-ready
	return deaths
}

// execute returns what a scheduler makes of a block with a VM.
func execute(t *testing.T, s framework.Scheduler, vm framework.VM, transactions int, cost time.Duration) []framework.Final {
	t.Helper()
	spec := workload.Spec{Name: "p2p", Accounts: 10, Transactions: transactions, Cost: cost, Seed: 5, Fee: "add"}
	w, err := workload.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Stage(ctx, 0, "", w.Genesis()); err != nil {
		t.Fatal(err)
	}
	base, err := store.At(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, txs := w.Block(1)
	e, err := vm.Open(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	q := framework.NewQueue(txs...)
	q.Close()
	var finals []framework.Final
	_, err = s.Run(ctx, framework.Job{Block: b, Feed: q, VM: e, Base: base, Final: func(f []framework.Final) error {
		for i := range f {
			finals = append(finals, f[i].Clone())
		}
		return nil
	}})
	if err := errors.Join(err, e.Close(), base.Close(), store.Close()); err != nil {
		t.Fatal(err)
	}
	return finals
}

func newVM(t *testing.T, c synthetic.Config) framework.VM {
	t.Helper()
	vm, err := synthetic.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// TestRelink kills the VM over and over while a block is executed: the outcomes are those of serial execution.
func TestRelink(t *testing.T) {
	const transactions, cost = 200, 200 * time.Microsecond
	want := execute(t, serial.Scheduler{}, newVM(t, synthetic.Config{}), transactions, cost)
	parallel, err := blockstm.New(blockstm.Config{Workers: 4, ForceWorkers: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]framework.Scheduler{
		"serial": serial.Scheduler{}, "optimistic": optimistic.New(4), "blockstm": parallel,
	} {
		t.Run(name, func(t *testing.T) {
			var executed atomic.Int64
			m := &mortal{VM: newVM(t, synthetic.Config{Rewind: true}), kill: make(chan struct{}, 1)}
			m.fatal = func(*framework.Tx) bool { return executed.Add(1)%50 == 0 }
			client := vmlink.NewClient(20 * time.Second)
			deaths := keep(t, client, m)
			got := execute(t, s, client, transactions, cost)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("after %d deaths (-want +got):\n%s", deaths.Load(), d)
			}
			if deaths.Load() < 3 {
				t.Errorf("the VM died %d times, want more", deaths.Load())
			}
		})
	}
}

// TestDeadly gives a VM two transactions of which it dies whenever it runs them: they are rejected with its last words,
// and all others are executed.
func TestDeadly(t *testing.T) {
	deadly := map[framework.Word]bool{}
	m := &mortal{VM: newVM(t, synthetic.Config{}), kill: make(chan struct{}, 1)}
	m.fatal = func(tx *framework.Tx) bool { return deadly[tx.ID] }
	w, err := workload.New(workload.Spec{Name: "p2p", Accounts: 10, Transactions: 40, Seed: 5, Fee: "add"})
	if err != nil {
		t.Fatal(err)
	}
	_, txs := w.Block(1)
	deadly[txs[7].ID], deadly[txs[30].ID] = true, true
	client := vmlink.NewClient(20 * time.Second)
	deaths := keep(t, client, m)
	got := execute(t, optimistic.New(4), client, len(txs), 0)
	for i := range got {
		var fault *framework.Fault
		isFault := errors.As(got[i].Fault, &fault)
		if isFault != deadly[txs[i].ID] {
			t.Errorf("transaction %d: fault %v", i, got[i].Fault)
		}
		if isFault && !strings.Contains(fault.Error(), "again and again: death ") {
			t.Errorf("transaction %d: %v, want the last words of the VM", i, fault)
		}
	}
	if n := deaths.Load(); n < 4 || n > 12 {
		t.Errorf("the VM died %d times of two transactions", n)
	}
}

// TestLost checks that what waits for a VM that does not come back ends with one clear error, and at once.
func TestLost(t *testing.T) {
	client := vmlink.NewClient(time.Hour)
	s := &served{Client: client}
	if err := s.connect(t.Context(), socket(conform.Testing(t)), link.Frames, newVM(t, synthetic.Config{}), vmlink.Config{}, ""); err != nil {
		t.Fatal(err)
	}
	e, err := client.Open(t.Context(), &framework.Block{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.disconnect(); err != nil {
		t.Fatal(err)
	}
	ends := make(chan error, 3)
	go func() { _, err := client.Open(t.Context(), &framework.Block{}); ends <- err }()
	go func() {
		ends <- e.Execute(t.Context(), &framework.Tx{}, framework.Version{}, framework.NewOverlay(t.Context(), nil, nil), new(framework.Outcome))
	}()
	go func() {
		_, err := e.Finish(t.Context(), framework.NewOverlay(t.Context(), nil, nil), nil)
		ends <- err
	}()
	client.Lose(fmt.Errorf("three times in a minute: %w", framework.ErrPluginGone))
	for range 3 {
		select {
		case err := <-ends:
			if !errors.Is(err, framework.ErrPluginGone) || !strings.Contains(err.Error(), "three times") {
				t.Errorf("a call ended with %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a call hangs although the VM is lost")
		}
	}
	if err := e.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if err := e.Execute(t.Context(), &framework.Tx{}, framework.Version{}, framework.NewOverlay(t.Context(), nil, nil), new(framework.Outcome)); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Execute after Close: %v", err)
	}
}
