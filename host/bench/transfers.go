package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// TransfersRow is what an assembly made of a block of signed transfers.
type TransfersRow struct {
	Scheduler string `json:"scheduler"`
	// Workers is what the scheduler says of itself where it is asked, 1 if it says nothing.
	Workers   int    `json:"workers"`
	Placement string `json:"placement"`
	Accounts  int    `json:"accounts"`
	Txs       int    `json:"txs"`
	// WallMs is the median over the rounds, and the others follow from it.
	WallMs    float64 `json:"wall_ms"`
	TxPerS    float64 `json:"tx_per_s"`
	StepsPerS float64 `json:"steps_per_s"`
	// Speedup is the median over the rounds of the first assembly's wall time over this one's.
	Speedup   float64 `json:"speedup"`
	ExecPerTx float64 `json:"exec_per_tx"`
}

// Transferrer is an assembly to be measured, with an empty store.
type Transferrer struct {
	Scheduler, Placement string
	Sequencer            *sequencer.Sequencer
}

// Transfers measures assemblies, of which the first is the baseline of the speed-up, on one block of signed transfers, rounds
// times in turn.
func Transfers(ctx context.Context, spec genesis.Spec, rounds int, assemblies []Transferrer) ([]TransfersRow, error) {
	src, err := genesis.New(spec)
	if err != nil {
		return nil, err
	}
	block, txs := src.Block(1)
	for _, a := range assemblies {
		first := &sequencer.Block{Block: &framework.Block{}, Diff: *src.Genesis()}
		if _, err := a.Sequencer.Seal(ctx, first); err != nil {
			return nil, fmt.Errorf("%s: genesis: %w", a.Scheduler, err)
		}
	}
	walls := make([][]time.Duration, len(assemblies))
	last := make([]*sequencer.Block, len(assemblies))
	for round := range rounds + 1 {
		for i, a := range assemblies {
			q := framework.NewQueue(txs...)
			q.Close()
			start := time.Now()
			b, err := a.Sequencer.Execute(ctx, block, q)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.Scheduler, err)
			}
			if last[i] = b; round > 0 { // the first one only warms up
				walls[i] = append(walls[i], time.Since(start))
			}
		}
	}
	rows := make([]TransfersRow, len(assemblies))
	for i, a := range assemblies {
		if rows[i], err = transfersRow(a, spec, last[i], walls[i], walls[0]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func transfersRow(a Transferrer, spec genesis.Spec, b *sequencer.Block, walls, baseline []time.Duration) (TransfersRow, error) {
	wall, speedup := make([]float64, len(walls)), make([]float64, len(walls))
	for i := range walls {
		wall[i] = report.Milliseconds(walls[i])
		speedup[i] = float64(baseline[i]) / float64(walls[i])
	}
	row := TransfersRow{
		Scheduler: a.Scheduler, Placement: a.Placement, Accounts: spec.Accounts, Txs: len(b.Finals), Workers: 1,
		WallMs: report.Median(wall), Speedup: report.Median(speedup),
		ExecPerTx: float64(b.Stats.Executions) / float64(max(len(b.Finals), 1)),
	}
	if s, ok := plugin.As[interface{ Workers() int }](a.Sequencer.Scheduler); ok {
		row.Workers = s.Workers()
	}
	steps := uint64(0)
	for i := range b.Finals {
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			return row, err
		}
		if b.Finals[i].Outcome.Status != framework.Succeeded {
			return row, fmt.Errorf("%s: transfer %d: %v: %s", a.Scheduler, i, b.Finals[i].Outcome.Status, r.RevertReason)
		}
		steps += r.Resources.Steps
	}
	row.TxPerS = float64(row.Txs) / row.WallMs * 1000
	row.StepsPerS = float64(steps) / row.WallMs * 1000
	return row, nil
}
