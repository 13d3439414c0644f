package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// TransfersRow is what an assembly made of a block of signed transactions.
type TransfersRow struct {
	Scheduler string `json:"scheduler"`
	// Workers is what the scheduler says of itself where it is asked, 1 if it says nothing.
	Workers   int    `json:"workers"`
	Placement string `json:"placement"`
	Accounts  int    `json:"accounts"`
	// Rewind says whether attempts may go on from their first invalid read: on, off, or empty if the scheduler has no such
	// setting.
	Rewind string `json:"rewind"`
	Txs    int    `json:"txs"`
	// WallMs and CPUUsPerTx, the processor time of all processes, are medians over the rounds.
	WallMs     float64 `json:"wall_ms"`
	CPUUsPerTx float64 `json:"cpu_us_per_tx"`
	TxPerS     float64 `json:"tx_per_s"`
	StepsPerS  float64 `json:"steps_per_s"`
	// Speedup is the median over the rounds of the first assembly's wall time over this one's.
	Speedup   float64 `json:"speedup"`
	ExecPerTx float64 `json:"exec_per_tx"`
	// The shares of the processor time: what the VM's executions and the store's reads take by themselves; what it takes
	// more than the same scheduler in one process; and the rest, scheduler and host.
	ShareVM        float64 `json:"share_vm"`
	ShareScheduler float64 `json:"share_scheduler"`
	ShareStore     float64 `json:"share_store"`
	ShareLink      float64 `json:"share_link"`
	// SealMs is the median time that a block takes to be staged and sealed, by itself.
	SealMs float64 `json:"seal_ms"`
	// Hidden is how much of the sealing of blocks in a row passes while the next block executes, and Pipelining by how much
	// faster the row is so than if each block began after the sealing of the one before.
	Hidden     float64 `json:"hidden"`
	Pipelining float64 `json:"pipelining"`
}

// Transferrer is an assembly to be measured, with an empty store.
type Transferrer struct {
	Scheduler, Placement, Rewind string
	Sequencer                    *sequencer.Sequencer
	// PIDs are the other processes that take part.
	PIDs []int
}

// Transfers measures assemblies on one block of signed transactions, rounds times in turn, and then each on blocks in a row.
// The first is the baseline of the speed-up: a serial scheduler, with everything in this process.
func Transfers(ctx context.Context, spec genesis.Spec, rounds int, assemblies []Transferrer) ([]TransfersRow, error) {
	src, err := genesis.New(spec)
	if err != nil {
		return nil, err
	}
	blocks := firstBlocks(src, 4*stretch)
	block, txs := blocks[0].Block, blocks[0].txs
	for _, a := range assemblies {
		first := &sequencer.Block{Block: &framework.Block{}, Diff: *src.Genesis()}
		if _, err := a.Sequencer.Seal(ctx, first); err != nil {
			return nil, fmt.Errorf("%s: genesis: %w", a.Scheduler, err)
		}
	}
	all := make([]transfers, len(assemblies))
	for round := range rounds + 1 {
		for i, a := range assemblies {
			all[i].Transferrer, all[i].accounts = a, src.Spec().Accounts
			if err := all[i].run(ctx, block, txs, round > 0); err != nil { // the first one only warms up
				return nil, fmt.Errorf("%s: %w", a.Scheduler, err)
			}
		}
	}
	alone, err := measureParts(ctx, assemblies[0].Sequencer, block, txs)
	if err != nil {
		return nil, err
	}
	rows := make([]TransfersRow, len(assemblies))
	for i := range all {
		if rows[i], err = all[i].row(all[0].walls); err != nil {
			return nil, fmt.Errorf("%s: %w", all[i].Scheduler, err)
		}
		rows[i].share(alone, all)
		c, err := measureChain(ctx, all[i].Sequencer, blocks)
		if err != nil {
			return nil, fmt.Errorf("%s: blocks in a row: %w", all[i].Scheduler, err)
		}
		c.fill(&rows[i])
	}
	return rows, nil
}

// transfers is what was measured of an assembly.
type transfers struct {
	Transferrer
	accounts int
	walls    []time.Duration
	cpu      []float64 // microseconds a transaction
	last     *sequencer.Block
}

// run executes the block once.
func (t *transfers) run(ctx context.Context, b *framework.Block, txs []framework.Tx, counts bool) error {
	q := framework.NewQueue(txs...)
	q.Close()
	meter := report.Start(t.PIDs...)
	built, err := t.Sequencer.Execute(ctx, b, q)
	if err != nil {
		return err
	}
	wall, cpu := meter.Stop()
	if t.last = built; counts {
		t.walls = append(t.walls, wall)
		t.cpu = append(t.cpu, float64(cpu.Nanoseconds())/1e3/float64(len(txs)))
	}
	return nil
}

// row sums up, beside the wall times of the baseline.
func (t *transfers) row(baseline []time.Duration) (TransfersRow, error) {
	wall, speedup := make([]float64, len(t.walls)), make([]float64, len(t.walls))
	for i := range t.walls {
		wall[i] = report.Milliseconds(t.walls[i])
		speedup[i] = float64(baseline[i]) / float64(t.walls[i])
	}
	finals := t.last.Finals
	row := TransfersRow{
		Scheduler: t.Scheduler, Placement: t.Placement, Accounts: t.accounts, Rewind: t.Rewind, Txs: len(finals), Workers: 1,
		WallMs: report.Median(wall), CPUUsPerTx: report.Median(t.cpu), Speedup: report.Median(speedup),
		ExecPerTx: float64(t.last.Stats.Executions) / float64(max(len(finals), 1)),
	}
	if s, ok := plugin.As[interface{ Workers() int }](t.Sequencer.Scheduler); ok {
		row.Workers = s.Workers()
	}
	steps := uint64(0)
	for i := range finals {
		r, err := starknet.DecodeReceipt(finals[i].Outcome.Receipt)
		if err != nil {
			return row, err
		}
		if finals[i].Outcome.Status != framework.Succeeded {
			return row, fmt.Errorf("transaction %d: %v: %s", i, finals[i].Outcome.Status, r.RevertReason)
		}
		steps += r.Resources.Steps
	}
	row.TxPerS = float64(row.Txs) / row.WallMs * 1000
	row.StepsPerS = float64(steps) / row.WallMs * 1000
	return row, nil
}

// share divides the processor time up, by what VM and store take alone, and what the same scheduler takes in one process.
func (r *TransfersRow) share(alone *parts, all []transfers) {
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 / float64(max(r.Txs, 1)) }
	together := r.CPUUsPerTx
	for i := range all {
		if t := &all[i]; t.Scheduler == r.Scheduler && t.Rewind == r.Rewind && t.Placement == config.Builtin {
			together = report.Median(t.cpu)
			break
		}
	}
	r.ShareVM = min(1, us(alone.vm)*r.ExecPerTx/r.CPUUsPerTx)
	r.ShareStore = min(1-r.ShareVM, us(alone.store)/r.CPUUsPerTx)
	r.ShareLink = max(0, r.CPUUsPerTx-together) / r.CPUUsPerTx
	r.ShareScheduler = max(0, 1-r.ShareVM-r.ShareStore-r.ShareLink)
}
