package linker_test

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// handle stands for a part that only the scheduler's process is linked with: whatever is called here panics.
type handle struct {
	framework.Executor
	framework.State
	name string
}

func (h handle) LinkName() string            { return h.name }
func (handle) Number() framework.BlockNumber { return 0 }
func (h handle) Close() error                { return nil }

// open starts a process with an instance of that kind.
func open(t *testing.T, kind plugin.Kind, id string) (*rpc.Process, *rpc.Instance) {
	t.Helper()
	p := launch(t)
	i, err := p.Open(t.Context(), kind, id, string(kind), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p, i
}

// connect links a user with a provider in another process.
func connect(t *testing.T, user, provider *rpc.Instance, carriers []string, died string) {
	t.Helper()
	name := string(provider.Info().Kind)
	peer := user.Peer(provider.Process())
	peer.Carriers = carriers
	offer, err := provider.Listen(t.Context(), name, peer)
	if err != nil {
		t.Fatal(err)
	}
	other := provider.Peer(user.Process())
	other.Patience, other.Died = 30*time.Second, died
	if err := user.Attach(t.Context(), name, other, offer); err != nil {
		t.Fatal(err)
	}
}

// stage puts the state before the block into a store, over a link that is gone afterwards.
func stage(t *testing.T, store *rpc.Instance, genesis *framework.Diff) {
	t.Helper()
	offer, err := store.Listen(t.Context(), "stage", rpc.Peer{Carriers: linker.Carriers()})
	if err != nil {
		t.Fatal(err)
	}
	ticket := link.Ticket{Carrier: link.Carrier(offer.Carrier), Path: offer.Address, Token: link.Token(offer.Token)}
	conn, err := link.Dial(t.Context(), ticket, link.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := storelink.New(0)
	if err := s.Relink(t.Context(), conn, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Stage(t.Context(), 0, "", genesis); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// execute runs a block on a scheduler and returns the outcomes. during is called with how many there are.
func execute(t *testing.T, s framework.Scheduler, src *workload.Workload, vm framework.Executor, base framework.State, during func(n int)) []framework.Final {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	block, txs := src.Block(1)
	q := framework.NewQueue(txs...)
	q.Close()
	var finals []framework.Final
	_, err := s.Run(ctx, framework.Job{Block: block, Feed: q, VM: vm, Base: base, Final: func(f []framework.Final) error {
		for i := range f {
			finals = append(finals, f[i].Clone())
			during(len(finals))
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return finals
}

// TestKilledMidBlock executes a block with scheduler, VM and store in a process each, where this one, the host, is linked
// with the scheduler alone: nothing can go through it but transactions and outcomes. In the middle of it the VM's process
// is killed, and another one takes its place.
func TestKilledMidBlock(t *testing.T) {
	src, err := workload.New(workload.Spec{Name: "p2p", Accounts: 10, Transactions: 300, Cost: 200 * time.Microsecond, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	want := serially(t, src)
	for _, carrier := range linker.Carriers() {
		t.Run(carrier, func(t *testing.T) {
			_, scheduler := open(t, plugin.Scheduler, "blockstm")
			_, store := open(t, plugin.Store, "memory")
			first, vm := open(t, plugin.VM, "synthetic")
			stage(t, store, src.Genesis())
			connect(t, scheduler, store, []string{carrier}, "")
			connect(t, scheduler, vm, []string{carrier}, "")
			remote, err := linker.Dial(t.Context(), scheduler, 0, carrier)
			if err != nil {
				t.Fatal(err)
			}
			got := execute(t, remote.Scheduler(), src, handle{name: "vm"}, handle{name: "store"}, func(n int) {
				if n != 50 {
					return
				}
				if err := syscall.Kill(first.PID(), syscall.SIGKILL); err != nil {
					t.Error(err)
				}
				<-first.Done()
				_, again := open(t, plugin.VM, "synthetic")
				connect(t, scheduler, again, []string{carrier}, fmt.Sprint(first.Err()))
			})
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("outcomes differ from serial execution (-want +got):\n%s", d)
			}
			if err := remote.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

// serially executes a block within this process, one transaction after the other.
func serially(t *testing.T, src *workload.Workload) []framework.Final {
	t.Helper()
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Stage(t.Context(), 0, "", src.Genesis()); err != nil {
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
	block, _ := src.Block(1)
	e, err := vm.Open(t.Context(), block)
	if err != nil {
		t.Fatal(err)
	}
	return execute(t, serial.Scheduler{}, src, e, base, func(int) {})
}

// TestSchedulerKilled kills a scheduler's process in the middle of a block: the run ends at once, with one clear error.
func TestSchedulerKilled(t *testing.T) {
	src, err := workload.New(workload.Spec{Transactions: 300, Cost: 200 * time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	p, scheduler := open(t, plugin.Scheduler, "serial")
	_, store := open(t, plugin.Store, "memory")
	_, vm := open(t, plugin.VM, "synthetic")
	stage(t, store, src.Genesis())
	connect(t, scheduler, store, linker.Carriers(), "")
	connect(t, scheduler, vm, linker.Carriers(), "")
	remote, err := linker.Dial(t.Context(), scheduler, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	block, txs := src.Block(1)
	q := framework.NewQueue(txs...)
	q.Close()
	n := 0
	_, err = remote.Scheduler().Run(ctx, framework.Job{
		Block: block, Feed: q, VM: handle{name: "vm"}, Base: handle{name: "store"}, Final: func([]framework.Final) error {
			if n++; n == 20 {
				return syscall.Kill(p.PID(), syscall.SIGKILL)
			}
			return nil
		},
	})
	if !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Run() = %v, want ErrPluginGone", err)
	}
	if err := remote.Close(); !errors.Is(err, framework.ErrPluginGone) {
		t.Errorf("Close() = %v, want ErrPluginGone", err)
	}
}
