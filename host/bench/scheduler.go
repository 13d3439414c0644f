// Package bench measures the parts of a sequencer on synthetic work. Every figure that is compared stands beside
// its baseline, measured in the same run, in turn: machines differ, and so does one machine from minute to minute.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/host/analyze"
	"github.com/switchyard-dev/switchyard/host/report"
)

// Bare is the name of the row that executes a block in a plain loop, with no scheduler at all.
const Bare = "bare"

// Candidate is a scheduler to be measured.
type Candidate struct {
	Name      string
	Placement string
	Scheduler framework.Scheduler
	// Workers is how many transactions it executes at once; 0 means what its method Workers says, 1 if it has none.
	Workers int
	// VM executes for this candidate, and Base makes the state of the genesis that it reads. nil means the VM of the
	// measurement, and a state that costs next to nothing: parts in other processes need their own.
	VM   framework.VM
	Base func(ctx context.Context, genesis *framework.Diff) (framework.State, error)
}

// workers returns how many transactions a scheduler executes at once, as far as it says so.
func (c Candidate) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	if s, ok := plugin.As[interface{ Workers() int }](c.Scheduler); ok {
		return s.Workers()
	}
	return 1
}

// SchedulerRow is what a scheduler made of one block.
type SchedulerRow struct {
	Scheduler string `json:"scheduler"`
	Workload  string `json:"workload"`
	Accounts  int    `json:"accounts"`
	CostUs    int64  `json:"cost_us"`
	// VM says what the VM can do.
	VM string `json:"vm"`
	// Workers is what the scheduler's method Workers says, 1 if it has none.
	Workers   int    `json:"workers"`
	Placement string `json:"placement"`
	Txs       int    `json:"txs"`
	// WallMs and CPUMs are medians over the rounds.
	WallMs float64 `json:"wall_ms"`
	CPUMs  float64 `json:"cpu_ms"`
	// Speedup is the median over the rounds of the first candidate's wall time over this one's.
	Speedup          float64 `json:"speedup"`
	ExecPerTx        float64 `json:"exec_per_tx"`
	ValidationsPerTx float64 `json:"validations_per_tx"`
	// Bound is the speed-up that the block allows with so many workers, if transactions wait at their reads (in a
	// process, before they begin): computed from one more run, which is recorded and not measured. It is the number of
	// workers if the scheduler does not tell of reads.
	Bound float64 `json:"bound"`
	// Efficiency is Speedup over Bound, Waste the processor time over that of the first candidate.
	Efficiency float64 `json:"efficiency"`
	Waste      float64 `json:"waste"`
	// NsOverhead is the median over the rounds of the processor time per transaction above that of the bare
	// loop.
	NsOverhead  float64 `json:"ns_overhead_per_tx"`
	AllocsPerTx float64 `json:"allocs_per_tx"`
}

// sample is one run of one candidate.
type sample struct {
	wall, cpu time.Duration
	allocs    uint64
	stats     framework.Stats
}

// Run says what to measure schedulers on.
type Run struct {
	// VM executes, and VMName says what it can do.
	VM     framework.VM
	VMName string
	Spec   workload.Spec
	Rounds int
	// Record, if not nil, is given the trace of one more run of each candidate.
	Record func(Candidate, *trace.Block)
}

// Scheduler measures the candidates, of which the first is the baseline of the speed-up, and the bare loop on
// one block of the workload, in turn.
func Scheduler(ctx context.Context, r Run, candidates []Candidate) ([]SchedulerRow, error) {
	src, err := workload.New(r.Spec)
	if err != nil {
		return nil, err
	}
	genesis := src.Genesis()
	base := newMapState(genesis)
	block, txs := src.Block(1)
	all := []scene{{Candidate: Candidate{Name: Bare, Placement: "builtin"}, vm: r.VM, base: base, block: block, txs: txs}}
	for _, c := range candidates {
		s := scene{Candidate: c, vm: r.VM, base: base, block: block, txs: txs}
		if c.VM != nil {
			s.vm = c.VM
		}
		if c.Base != nil {
			if s.base, err = c.Base(ctx, genesis); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			defer s.base.Close()
		}
		all = append(all, s)
	}
	samples := make([][]sample, len(all))
	for round := range r.Rounds + 1 {
		for i := range all {
			s, err := all[i].measure(ctx, nil)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", all[i].Name, err)
			}
			if round > 0 { // the first one only warms up
				samples[i] = append(samples[i], s)
			}
		}
	}
	rows := make([]SchedulerRow, len(all))
	for i := range all {
		rows[i] = schedulerRow(&all[i], r, samples[i], samples[0], samples[1])
		if rows[i].Bound, err = all[i].bound(ctx, r.Record); err != nil {
			return nil, err
		}
		rows[i].Efficiency = rows[i].Speedup / rows[i].Bound
	}
	return rows, nil
}

// scene is a candidate and the block that it executes.
type scene struct {
	Candidate
	vm    framework.VM
	base  framework.State
	block *framework.Block
	txs   []framework.Tx
}

// bound records one more run and returns what the block allows.
func (c *scene) bound(ctx context.Context, record func(Candidate, *trace.Block)) (float64, error) {
	if c.Scheduler == nil {
		return 1, nil
	}
	var recorder trace.Recorder
	run, err := c.measure(ctx, &recorder)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.Name, err)
	}
	b := &trace.Block{
		Label: c.Name, Scheduler: c.Name, Placement: c.Placement, Number: c.block.Number, Txs: len(c.txs), Wall: run.wall, CPU: run.cpu,
	}
	recorder.Take(b)
	if record != nil {
		record(c.Candidate, b)
	}
	r, err := analyze.Block(ctx, b, analyze.Config{})
	if err != nil {
		return 0, err
	}
	limit := r.Bounds.AnyRead
	if c.VM != nil { // it runs elsewhere, and its reads are told when an attempt ends
		limit = r.Bounds.AnyTx
	}
	return min(limit, float64(c.workers())), nil
}

func schedulerRow(s *scene, r Run, samples, bare, baseline []sample) SchedulerRow {
	per := func(f func(i int) float64) float64 {
		figures := make([]float64, len(samples))
		for i := range figures {
			figures[i] = f(i)
		}
		return report.Median(figures)
	}
	n := float64(len(s.txs))
	return SchedulerRow{
		Scheduler:        s.Name,
		Workload:         r.Spec.Name,
		Accounts:         r.Spec.Accounts,
		CostUs:           r.Spec.Cost.Microseconds(),
		VM:               r.VMName,
		Workers:          s.workers(),
		Placement:        s.Placement,
		Txs:              len(s.txs),
		WallMs:           per(func(i int) float64 { return report.Milliseconds(samples[i].wall) }),
		CPUMs:            per(func(i int) float64 { return report.Milliseconds(samples[i].cpu) }),
		Speedup:          per(func(i int) float64 { return float64(baseline[i].wall) / float64(samples[i].wall) }),
		ExecPerTx:        per(func(i int) float64 { return float64(samples[i].stats.Executions) / n }),
		ValidationsPerTx: per(func(i int) float64 { return float64(samples[i].stats.Validations) / n }),
		Waste:            per(func(i int) float64 { return float64(samples[i].cpu) / float64(baseline[i].cpu) }),
		NsOverhead:       per(func(i int) float64 { return float64(samples[i].cpu-bare[i].cpu) / n }),
		AllocsPerTx:      per(func(i int) float64 { return float64(samples[i].allocs) / n }),
	}
}

// measure runs the block once. Each run starts with a clean heap, and pays for the garbage that it makes.
func (c *scene) measure(ctx context.Context, recorder *trace.Recorder) (s sample, err error) {
	executor, err := c.vm.Open(ctx, c.block)
	if err != nil {
		return s, err
	}
	defer executor.Close()
	run := func() (framework.Stats, error) { return bare(ctx, executor, c.block, c.txs, c.base) }
	if c.Scheduler != nil {
		q := framework.NewQueue(c.txs...)
		q.Close()
		job := framework.Job{
			Block: c.block, Feed: q, VM: executor, Base: c.base, End: q.End(),
			Final: func([]framework.Final) error { return nil },
		}
		if recorder != nil {
			job.Observer = recorder
		}
		run = func() (framework.Stats, error) { return c.Scheduler.Run(ctx, job) }
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	meter := report.Start()
	s.stats, err = run()
	s.wall, s.cpu = meter.Stop()
	runtime.ReadMemStats(&after)
	s.allocs = after.Mallocs - before.Mallocs
	return s, err
}

// bare executes the block in a plain loop: what no scheduler can do without.
func bare(ctx context.Context, vm framework.Executor, b *framework.Block, txs []framework.Tx, base framework.State) (framework.Stats, error) {
	state := framework.NewOverlay(ctx, base, b.Start)
	var out framework.Outcome
	for i := range txs {
		out.Reset()
		if err := vm.Execute(ctx, &txs[i], framework.Version{Tx: framework.TxIndex(i)}, state, &out); err != nil {
			return framework.Stats{}, err
		}
		writes, err := state.Fold(ctx, &out)
		if err != nil {
			return framework.Stats{}, err
		}
		state.Apply(writes, out.Classes)
	}
	return framework.Stats{Transactions: len(txs), Executions: uint64(len(txs))}, nil
}
