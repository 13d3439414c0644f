package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// killing is the VM synthetic, in whose process one transaction ends the process.
func killing() plugin.Factory {
	info := plugin.Info{ID: "killing", Summary: "a transaction kills it"}
	return plugin.ForVM(info, killConfig{}, func(_ context.Context, c killConfig) (framework.VM, error) {
		if _, err := os.Stat(c.Never); c.Never != "" && err == nil {
			fmt.Fprintln(os.Stderr, "cannot start again")
			os.Exit(3)
		}
		vm, err := synthetic.New(synthetic.Config{})
		return killer{vm, c}, err
	})
}

// killConfig says which transaction kills the process.
type killConfig struct {
	Tx    int    `koanf:"tx" doc:"Which."`
	Block int64  `koanf:"block" doc:"Of which block."`
	Never string `koanf:"never" doc:"A file in whose presence the plugin cannot be opened."`
	Hog   bool   `koanf:"hog" doc:"It takes all memory instead."`
	Once  string `koanf:"once" doc:"A file that is made before it happens; if it is there already, it does not. Empty means that it always happens."`
}

type killer struct {
	framework.VM
	config killConfig
}

func (k killer) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	e, err := k.VM.Open(ctx, b)
	return killerExecutor{e, k.config, b.Number}, err
}

type killerExecutor struct {
	framework.Executor
	config killConfig
	block  framework.BlockNumber
}

func (k killerExecutor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome) error {
	if int(v.Tx) == k.config.Tx && int64(k.block) == k.config.Block && k.config.again() {
		if k.config.Hog {
			var all [][]byte
			for len(all) < 1<<20 { // it gets nowhere near
				all = append(all, bytes.Repeat([]byte{1}, 1<<20))
			}
			runtime.KeepAlive(all)
		}
		fmt.Fprintln(os.Stderr, "last words of the VM")
		os.Exit(3)
	}
	return k.Executor.Execute(ctx, tx, v, view, out)
}

// again reports whether it happens, which it does once if there is a file to remember it by.
func (c killConfig) again() bool {
	if c.Once == "" {
		return true
	}
	f, err := os.OpenFile(c.Once, os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// killAt sends a signal to the process of a part when that many outcomes are final, once.
type killAt struct {
	a    *host.Assembly
	kind plugin.Kind
	sig  syscall.Signal
	at   int

	mu sync.Mutex
	n  int
}

func (k *killAt) Observe(e *framework.Event) {
	if e.Kind != framework.Finalized {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.n++; k.n == k.at {
		_ = syscall.Kill(k.a.PID(k.kind), k.sig)
	}
}

// blocks executes and seals blocks of a hundred transactions, and returns their roots.
func blocks(t *testing.T, s *sequencer.Sequencer, count int) ([]framework.Root, error) {
	t.Helper()
	w, err := workload.New(workload.Spec{Name: "mix", Transactions: 100, Cost: 50 * time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var roots []framework.Root
	err = s.Produce(ctx, sequencer.Arrivals(w, 0), sequencer.Pace{Transactions: 100, Count: count}, func(b *sequencer.Sealed) {
		if n, first := b.Faults(); n > 0 {
			t.Errorf("block %d: %d faults: %v", b.Number, n, first)
		}
		roots = append(roots, b.Root)
	})
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return roots, err
}

// assemble makes an assembly and closes it with the test.
func assemble(t *testing.T, cfg *config.Config) *host.Assembly {
	t.Helper()
	a := host.New(catalog(), cfg, quiet())
	if err := a.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return a
}

// undisturbed returns the roots that undisturbed serial execution comes to.
func undisturbed(t *testing.T, count int, set ...string) []framework.Root {
	t.Helper()
	want, err := blocks(t, assemble(t, load(t, "", set...)).Sequencer(), count)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// TestKilled kills the process of each part in the middle of a block, and of several parts together, and expects the
// blocks that nobody disturbed.
func TestKilled(t *testing.T) {
	tests := []struct {
		name   string
		victim plugin.Kind
		set    []string
	}{
		{"VM of a serial scheduler", plugin.VM, []string{"vm.place=process"}},
		{"VM of a parallel scheduler", plugin.VM, []string{"scheduler.use=blockstm", "vm.place=process"}},
		{"VM of a scheduler in a process", plugin.VM, []string{"scheduler.use=blockstm", "scheduler.place=process", "vm.place=process"}},
		{"VM, all in processes", plugin.VM, []string{"scheduler.use=blockstm", "scheduler.place=process", "vm.place=process", "store.place=process"}},
		{"scheduler", plugin.Scheduler, []string{"scheduler.use=blockstm", "scheduler.place=process"}},
		{"scheduler, all in processes", plugin.Scheduler, []string{"scheduler.place=process", "vm.place=process", "store.place=process"}},
		{"scheduler and VM, which share a process", plugin.VM, []string{"scheduler.use=blockstm", "scheduler.place=shared:engine", "vm.place=shared:engine"}},
		{"store of a builtin scheduler", plugin.Store, []string{"store.place=process"}},
		{"store, all in processes", plugin.Store, []string{"scheduler.use=blockstm", "scheduler.place=process", "vm.place=process", "store.place=process"}},
		{"everything at once", plugin.Store, []string{"scheduler.place=shared:all", "vm.place=shared:all", "store.place=shared:all"}},
	}
	path := func() string { return "store.config.path=" + t.TempDir() }
	want := undisturbed(t, 4, "store.use=trie", path())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := assemble(t, load(t, "", append(tt.set, "store.use=trie", path())...))
			s := a.Sequencer()
			s.Observer = &killAt{a: a, kind: tt.victim, sig: syscall.SIGKILL, at: 130}
			got, err := blocks(t, s, 4)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("roots of the blocks (-want +got):\n%s", diff)
			}
			if n := a.Health(t.Context())[kindIndex(tt.victim)].Restarts; n != 1 {
				t.Errorf("the process of the %s was started again %d times, want once", tt.victim, n)
			}
		})
	}
}

func kindIndex(kind plugin.Kind) int {
	for i, k := range plugin.Kinds() {
		if k == kind {
			return i
		}
	}
	return -1
}

// TestStopped stops a process, so that it answers nothing: it is killed and started again.
func TestStopped(t *testing.T) {
	want := undisturbed(t, 3)
	for _, victim := range []plugin.Kind{plugin.Scheduler, plugin.VM} {
		t.Run(string(victim), func(t *testing.T) {
			a := assemble(t, load(t, "", "scheduler.place=process", "vm.place=process", "restart.check=50ms", "restart.answer=300ms"))
			s := a.Sequencer()
			s.Observer = &killAt{a: a, kind: victim, sig: syscall.SIGSTOP, at: 50}
			got, err := blocks(t, s, 3)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("roots of the blocks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTransactionKillsOnce checks that a transaction which killed the VM once gets into its block.
func TestTransactionKillsOnce(t *testing.T) {
	want := undisturbed(t, 2)
	for _, place := range []string{"builtin", "process"} {
		once := filepath.Join(t.TempDir(), "once")
		a := assemble(t, load(t, "", "scheduler.use=blockstm", "scheduler.place="+place, "vm.place=process", "vm.use=killing",
			"vm.config.tx=20", "vm.config.block=1", "vm.config.once="+once))
		got, err := blocks(t, a.Sequencer(), 2)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("scheduler %s: roots of the blocks (-want +got):\n%s", place, diff)
		}
	}
}

// TestBudget checks that a process which dies too often is an error that carries its last words, soon.
func TestBudget(t *testing.T) {
	once := filepath.Join(t.TempDir(), "once")
	for _, tt := range []struct {
		name string
		set  []string
		says []string
	}{
		{"none", []string{"restart.budget=0", "vm.use=killing", "vm.config.tx=20", "vm.config.block=1"}, []string{"gave up after 0 restarts", "last words of the VM"}},
		{"spent by every start", []string{
			"restart.budget=2", "restart.backoff=1ms", "vm.use=killing", "vm.config.block=1", "vm.config.tx=20",
			"vm.config.once=" + once, "vm.config.never=" + once,
		}, []string{"gave up after 2 restarts", "cannot start again"}},
		{"lost blocks", []string{"store.place=process", "vm.use=synthetic"}, []string{"the store had sealed block", "came back empty"}},
		{"lost blocks, all in processes", []string{"scheduler.place=process", "store.place=process", "vm.use=synthetic"}, []string{"the store had sealed block", "came back empty"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := assemble(t, load(t, "", append([]string{"vm.place=process"}, tt.set...)...))
			s := a.Sequencer()
			if strings.HasPrefix(tt.name, "lost") {
				s.Observer = &killAt{a: a, kind: plugin.Store, sig: syscall.SIGKILL, at: 130}
			}
			_, err := blocks(t, s, 3)
			if n := a.Health(t.Context())[kindIndex(plugin.Scheduler)].Restarts; n > 0 {
				t.Errorf("the scheduler was started again %d times for what it has not done", n)
			}
			if !errors.Is(err, framework.ErrPluginGone) {
				t.Fatalf("%v, want ErrPluginGone", err)
			}
			for _, says := range tt.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%v\ndoes not say %q", err, says)
				}
			}
		})
	}
}

// TestTransactionKillsAlways checks that a transaction which kills every VM is left out of its block, for a reason that
// says it all, and that the others are not.
func TestTransactionKillsAlways(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  []string
		says string
	}{
		{"scheduler builtin", nil, "last words of the VM"},
		{"scheduler in a process", []string{"scheduler.place=process"}, "last words of the VM"},
		{"by what it takes", []string{"vm.config.hog=true", "vm.limits.memory=400MB"}, "out of memory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.says == "out of memory" && runtime.GOOS != "linux" {
				t.Skip("SKIP: memory is limited on Linux only")
			}
			if tt.says == "out of memory" && raceEnabled {
				t.Skip("SKIP: the race detector reserves more memory than a program with a limit may have")
			}
			a := assemble(t, load(t, "", append(tt.set, "scheduler.use=blockstm", "vm.place=process", "vm.use=killing",
				"vm.config.tx=20", "vm.config.block=1", "restart.backoff=1ms")...))
			w, err := workload.New(workload.Spec{Transactions: 50})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var all []*sequencer.Sealed
			err = a.Sequencer().Produce(ctx, sequencer.Arrivals(w, 0), sequencer.Pace{Transactions: 50, Count: 2},
				func(b *sequencer.Sealed) { all = append(all, b) })
			if err != nil || len(all) != 2 {
				t.Fatalf("%d blocks, %v, want 2", len(all), err)
			}
			n, fault := all[0].Faults()
			if n != 1 || len(all[0].Finals) != 50 || all[0].Included() != 49 || all[0].Finals[20].Outcome.Status != framework.Rejected {
				t.Errorf("block 1: %d faults, %d of %d transactions included, want 1, 49 of 50", n, all[0].Included(), len(all[0].Finals))
			}
			if !strings.Contains(fmt.Sprint(fault), tt.says) {
				t.Errorf("transaction 20 was left out because of %v, want %q", fault, tt.says)
			}
			if all[1].Included() != 50 {
				t.Errorf("block 2 includes %d transactions, want 50", all[1].Included())
			}
		})
	}
}
