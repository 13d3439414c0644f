package blockstm_test

import (
	"context"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// scene is a block on its genesis, and what executes it.
type scene struct {
	block *framework.Block
	txs   []framework.Tx
	base  framework.State
	vm    *synthetic.VM
	final func([]framework.Final) error // nil: nothing
}

func newScene(tb testing.TB, spec workload.Spec, c synthetic.Config) *scene {
	tb.Helper()
	w, err := workload.New(spec)
	if err != nil {
		tb.Fatal(err)
	}
	store, err := memory.New(memory.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	ctx := context.Background()
	if err := store.Stage(ctx, 0, workload.Protocol, w.Genesis()); err != nil {
		tb.Fatal(err)
	}
	base, err := store.At(ctx, 0)
	if err != nil {
		tb.Fatal(err)
	}
	vm, err := synthetic.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	s := &scene{base: base, vm: vm}
	s.block, s.txs = w.Block(1)
	return s
}

// cost is what a run took.
type cost struct {
	wall, cpu time.Duration
	stats     framework.Stats
}

// run executes the block once.
func (s *scene) run(tb testing.TB, sched framework.Scheduler) cost {
	tb.Helper()
	ctx := context.Background()
	exec, err := s.vm.Open(ctx, s.block)
	if err != nil {
		tb.Fatal(err)
	}
	defer exec.Close()
	q := framework.NewQueue(slices.Clone(s.txs)...)
	q.Close()
	j := framework.Job{
		Block: s.block, Feed: q, VM: exec, Base: s.base, End: q.End(),
		Final: s.final,
	}
	if j.Final == nil {
		j.Final = func([]framework.Final) error { return nil }
	}
	start, cpu := time.Now(), processor()
	stats, err := sched.Run(ctx, j)
	c := cost{time.Since(start), processor() - cpu, stats}
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// processor returns the CPU time that the process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBlock executes blocks with this scheduler and, in turns, with the serial one. Besides time per transaction it
// reports:
//
//   - speedup: wall time of the serial scheduler through that of this one, medians
//   - cpu-x: CPU time of this one through that of the serial scheduler, medians
//   - overhead-ns: CPU time of this one above that of the serial one, for a transaction, medians
//   - exec/tx: attempts for a transaction
func BenchmarkBlock(b *testing.B) {
	cost := 100 * time.Microsecond
	late := []int{15, 60}
	cold := synthetic.Config{}
	able := synthetic.Config{Rewind: true, Predict: true}
	for _, row := range []struct {
		name string
		spec workload.Spec
		vm   synthetic.Config
	}{
		{"empty", workload.Spec{Name: "independent", Transactions: 10_000, Reads: -1, Writes: -1}, cold},
		{"2r2w", workload.Spec{Transactions: 10_000, Accounts: 10_000}, cold},
		{"p2p-1000", workload.Spec{Accounts: 1000, Cost: cost}, cold},
		{"p2p-1000/able", workload.Spec{Accounts: 1000, Cost: cost}, able},
		{"p2p-100", workload.Spec{Accounts: 100, Cost: cost}, cold},
		{"p2p-100/able", workload.Spec{Accounts: 100, Cost: cost}, able},
		{"p2p-10", workload.Spec{Accounts: 10, Cost: cost}, cold},
		{"p2p-10/able", workload.Spec{Accounts: 10, Cost: cost}, able},
		{"p2p-10/late/able", workload.Spec{Accounts: 10, Cost: cost, ReadAt: late}, able},
		{"p2p-2", workload.Spec{Accounts: 2, Cost: cost}, cold},
		{"p2p-2/able", workload.Spec{Accounts: 2, Cost: cost}, able},
		{"chain", workload.Spec{Name: "chain", Cost: cost}, cold},
		{"chain/able", workload.Spec{Name: "chain", Cost: cost}, able},
	} {
		b.Run(row.name, func(b *testing.B) {
			s := empty(b, row.spec, row.vm)
			sched, err := blockstm.New(blockstm.Config{Workers: 2})
			if err != nil {
				b.Fatal(err)
			}
			s.run(b, sched) // learns
			measure(b, s, sched)
		})
	}
}

// empty returns a scene; with a negative number of reads its transactions do nothing.
func empty(b *testing.B, spec workload.Spec, vm synthetic.Config) *scene {
	b.Helper()
	if spec.Reads >= 0 {
		return newScene(b, spec, vm)
	}
	spec.Reads, spec.Writes = 0, 0
	s := newScene(b, spec, vm)
	for i := range s.txs {
		s.txs[i] = (&synthetic.Program{}).Tx(s.txs[i].ID)
	}
	return s
}

// measure executes the scene with both schedulers.
func measure(b *testing.B, s *scene, sched framework.Scheduler) {
	b.Helper()
	var walls, cpus, serialWalls, serialCPUs []time.Duration
	n := len(s.txs)
	var executions uint64
	b.ReportAllocs()
	for b.Loop() {
		c := s.run(b, sched)
		walls, cpus = append(walls, c.wall), append(cpus, c.cpu)
		executions = c.stats.Executions
		b.StopTimer()
		c = s.run(b, serial.Scheduler{})
		serialWalls, serialCPUs = append(serialWalls, c.wall), append(serialCPUs, c.cpu)
		b.StartTimer()
	}
	wall, cpu, serialWall, serialCPU := median(walls), median(cpus), median(serialWalls), median(serialCPUs)
	b.ReportMetric(float64(wall.Nanoseconds())/float64(n), "ns/tx")
	b.ReportMetric(float64(serialWall)/float64(wall), "speedup")
	b.ReportMetric(float64(cpu)/float64(serialCPU), "cpu-x")
	b.ReportMetric(float64(cpu-serialCPU)/float64(n), "overhead-ns")
	b.ReportMetric(float64(executions)/float64(n), "exec/tx")
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
