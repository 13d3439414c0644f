// Package bench measures the parts of a sequencer on synthetic work. Every figure that is compared stands beside
// its baseline, measured in the same run, in turn: machines differ, and so does one machine from minute to minute.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/host/report"
)

// Bare is the name of the row that executes a block in a plain loop, with no scheduler at all.
const Bare = "bare"

// Candidate is a scheduler to be measured.
type Candidate struct {
	Name      string
	Placement string
	Scheduler framework.Scheduler
}

// workers returns how many transactions a scheduler executes at once, as far as it says so.
func (c Candidate) workers() int {
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
	// Workers is what the scheduler's method Workers says, 1 if it has none.
	Workers   int    `json:"workers"`
	Placement string `json:"placement"`
	Txs       int    `json:"txs"`
	// WallMs and CPUMs are medians over the rounds.
	WallMs float64 `json:"wall_ms"`
	CPUMs  float64 `json:"cpu_ms"`
	// Speedup is the median over the rounds of the first candidate's wall time over this one's.
	Speedup   float64 `json:"speedup"`
	ExecPerTx float64 `json:"exec_per_tx"`
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

// Scheduler measures the candidates, of which the first is the baseline of the speed-up, and the bare loop on
// one block of the workload, rounds times in turn.
func Scheduler(ctx context.Context, vm framework.VM, spec workload.Spec, rounds int, candidates []Candidate) ([]SchedulerRow, error) {
	src, err := workload.New(spec)
	if err != nil {
		return nil, err
	}
	base := newMapState(src.Genesis())
	block, txs := src.Block(1)
	all := slices.Concat([]Candidate{{Name: Bare, Placement: "builtin"}}, candidates)
	samples := make([][]sample, len(all))
	for round := range rounds + 1 {
		for i, c := range all {
			s, err := measure(ctx, c, vm, block, txs, base)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			if round > 0 { // the first one only warms up
				samples[i] = append(samples[i], s)
			}
		}
	}
	rows := make([]SchedulerRow, len(all))
	for i, c := range all {
		rows[i] = schedulerRow(c, spec, len(txs), samples[i], samples[0], samples[1])
	}
	return rows, nil
}

func schedulerRow(c Candidate, spec workload.Spec, txs int, samples, bare, baseline []sample) SchedulerRow {
	per := func(f func(i int) float64) float64 {
		figures := make([]float64, len(samples))
		for i := range figures {
			figures[i] = f(i)
		}
		return report.Median(figures)
	}
	n := float64(txs)
	return SchedulerRow{
		Scheduler:   c.Name,
		Workload:    spec.Name,
		Accounts:    spec.Accounts,
		CostUs:      spec.Cost.Microseconds(),
		Workers:     c.workers(),
		Placement:   c.Placement,
		Txs:         txs,
		WallMs:      per(func(i int) float64 { return report.Milliseconds(samples[i].wall) }),
		CPUMs:       per(func(i int) float64 { return report.Milliseconds(samples[i].cpu) }),
		Speedup:     per(func(i int) float64 { return float64(baseline[i].wall) / float64(samples[i].wall) }),
		ExecPerTx:   per(func(i int) float64 { return float64(samples[i].stats.Executions) / n }),
		NsOverhead:  per(func(i int) float64 { return float64(samples[i].cpu-bare[i].cpu) / n }),
		AllocsPerTx: per(func(i int) float64 { return float64(samples[i].allocs) / n }),
	}
}

// measure runs the block once. Each run starts with a clean heap, and pays for the garbage that it makes.
func measure(ctx context.Context, c Candidate, vm framework.VM, b *framework.Block, txs []framework.Tx, base framework.State) (s sample, err error) {
	executor, err := vm.Open(ctx, b)
	if err != nil {
		return s, err
	}
	defer executor.Close()
	run := func() (framework.Stats, error) { return bare(ctx, executor, b, txs, base) }
	if c.Scheduler != nil {
		q := framework.NewQueue(txs...)
		q.Close()
		run = func() (framework.Stats, error) {
			return c.Scheduler.Run(ctx, framework.Job{
				Block: b, Feed: q, VM: executor, Base: base, End: q.End(),
				Final: func([]framework.Final) error { return nil },
			})
		}
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
