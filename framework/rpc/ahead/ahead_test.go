package ahead_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/rpc/ahead"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/framework/schedtest/optimistic"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// far is a state that can prefetch. It counts the cells that were read and that nobody had asked for before.
type far struct {
	framework.State
	mu     sync.Mutex
	near   map[framework.Key]bool // guarded by mu
	rounds int                    // calls of Prefetch; guarded by mu
	misses int                    // guarded by mu
}

func newFar(s framework.State) *far { return &far{State: s, near: map[framework.Key]bool{}} }

func (f *far) Prefetch(keys []framework.Key, told func([]framework.Write)) {
	values := make([]framework.Word, len(keys))
	if err := f.State.Read(context.Background(), keys, values); err != nil {
		return
	}
	f.mu.Lock()
	f.rounds++
	writes := make([]framework.Write, len(keys))
	for i, k := range keys {
		f.near[k] = true
		writes[i] = framework.Write{Key: k, Value: values[i]}
	}
	f.mu.Unlock()
	told(writes)
}

func (f *far) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	f.mu.Lock()
	for _, k := range keys {
		if !f.near[k] {
			f.misses++
		}
		f.near[k] = true
	}
	f.mu.Unlock()
	return f.State.Read(ctx, keys, out)
}

// schedulers are those that predict, those that do not, and one that does not wait.
func schedulers(t *testing.T) map[string]framework.Scheduler {
	t.Helper()
	parallel, err := blockstm.New(blockstm.Config{Workers: 4, ForceWorkers: true})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]framework.Scheduler{"serial": serial.Scheduler{}, "optimistic": optimistic.New(4), "blockstm": parallel}
}

func TestConformance(t *testing.T) {
	for name, s := range schedulers(t) {
		if name == "optimistic" {
			continue // differs from the serial one in nothing that this package sees
		}
		t.Run(name, func(t *testing.T) {
			schedtest.Run(conform.Sample(conform.Testing(t), "ability", "end", "report"), schedtest.Config{
				Open: func(conform.T) framework.Scheduler { return ahead.New(s) },
				Wrap: func(_ conform.T, j framework.Job) framework.Job {
					j.Base = newFar(j.Base)
					return j
				},
				Blocks: 20,
			})
		})
	}
}

// TestFetchesAhead executes a block whose cells are nearly all in a state that is far away.
func TestFetchesAhead(t *testing.T) {
	const txs = 320
	for name, s := range schedulers(t) {
		t.Run(name, func(t *testing.T) {
			base, job := transfers(t, txs)
			executed, err := ahead.New(s).Run(t.Context(), job)
			if err != nil || executed.Transactions != txs {
				t.Fatalf("Run = %+v, %v", executed, err)
			}
			if base.misses > 10 || base.rounds > txs/30 {
				t.Errorf("%d cells had to be asked for by whoever read them, in %d rounds ahead; want next to none", base.misses, base.rounds)
			}
		})
	}
}

// transfers returns a block of transfers between many accounts, and its base.
func transfers(t *testing.T, txs int) (*far, framework.Job) {
	t.Helper()
	w, err := workload.New(workload.Spec{Name: "p2p", Accounts: 500, Transactions: txs, Cost: time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if err := store.Stage(t.Context(), 0, workload.Protocol, w.Genesis()); err != nil {
		t.Fatal(err)
	}
	state, err := store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	vm, err := synthetic.New(synthetic.Config{Predict: true, Rewind: true})
	if err != nil {
		t.Fatal(err)
	}
	b, all := w.Block(1)
	executor, err := vm.Open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { executor.Close() })
	base := newFar(state)
	q := framework.NewQueue(all...)
	q.Close()
	return base, framework.Job{
		Block: b, Feed: q, VM: executor, Base: base, End: q.End(), Final: func([]framework.Final) error { return nil },
	}
}

// pupil is an executor that keeps what it is taught and told.
type pupil struct {
	framework.Executor
	framework.Predictor
	mu    sync.Mutex
	taken map[framework.Word][]framework.Key // what each transaction has read; guarded by mu
	base  int                                // values of the base; guarded by mu
}

func (p *pupil) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(writes) == 0 {
		return
	}
	p.taken[tx.ID] = slices.Clone(reads)
}

func (p *pupil) Publish(v framework.Version, writes []framework.Write, _ []framework.Add) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v.Tx == framework.NoTx {
		p.base += len(writes)
	}
}

func (p *pupil) Estimate(framework.Version) {}

// TestTeaches looks what a VM far away hears: what transactions have read, whether or not the scheduler says so, and what
// the base holds.
func TestTeaches(t *testing.T) {
	for name, s := range schedulers(t) {
		t.Run(name, func(t *testing.T) {
			const txs = 40
			_, job := transfers(t, txs)
			p := &pupil{Executor: job.VM, taken: map[framework.Word][]framework.Key{}}
			p.Predictor = job.VM.(framework.Predictor) //nolint:forcetypeassert // it was opened as one
			job.VM = p
			if _, err := ahead.New(s).Run(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			for id, reads := range p.taken {
				if len(reads) < 2 {
					t.Errorf("transaction %v has read %v", id, reads)
				}
			}
			if len(p.taken) != txs || p.base < txs {
				t.Errorf("learnt from %d transactions, %d values of the base, want %d and more", len(p.taken), p.base, txs)
			}
		})
	}
}
