// Package compare runs the same blocks through several assemblies and says whether they agree.
package compare

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Assembly is one of the assemblies to compare.
type Assembly struct {
	Name      string
	Sequencer *sequencer.Sequencer
	// Commitment names how the store computes roots. Roots are compared between assemblies that share it.
	Commitment string
}

// Row is what one assembly made of one block.
type Row struct {
	Assembly  string  `json:"assembly"`
	Block     int     `json:"block"`
	Txs       int     `json:"txs"`
	WallMs    float64 `json:"wall_ms"`
	CPUMs     float64 `json:"cpu_ms"`
	ExecPerTx float64 `json:"exec_per_tx"`
	Same      bool    `json:"same"` // as the first assembly; always true for itself
}

// Result is what a comparison found.
type Result struct {
	Rows []Row
	// Differences says for each row that is not the same where it differs first.
	Differences []string
}

// Medians returns the median wall time of a block for each assembly, in milliseconds, as "median_wall_ms NAME".
func (res *Result) Medians() map[string]float64 {
	times := map[string][]float64{}
	for _, r := range res.Rows {
		times[r.Assembly] = append(times[r.Assembly], r.WallMs)
	}
	medians := map[string]float64{}
	for name, all := range times {
		medians["median_wall_ms "+name] = report.Median(all)
	}
	return medians
}

// Run executes and seals blocks 1 to count of the source on every assembly. A difference is no error. step, if
// not nil, is called after each block.
func Run(ctx context.Context, assemblies []Assembly, src sequencer.Source, count int, step func(done int)) (*Result, error) {
	for _, a := range assemblies {
		if _, err := a.Sequencer.Start(ctx, src); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	res := new(Result)
	for n := 1; n <= count; n++ {
		if err := res.block(ctx, assemblies, src, n); err != nil {
			return res, err
		}
		if step != nil {
			step(n)
		}
	}
	return res, nil
}

// made is a block as one assembly made it.
type made struct {
	*sequencer.Block
	root framework.Root
	row  Row
}

// block runs one block through all assemblies. Every other block they take turns in reverse, so that none always
// goes first.
func (res *Result) block(ctx context.Context, assemblies []Assembly, src sequencer.Source, n int) error {
	all := make([]made, len(assemblies))
	order := make([]int, len(assemblies))
	for i := range order {
		order[i] = i
	}
	if n%2 == 0 {
		slices.Reverse(order)
	}
	for _, i := range order {
		m, err := run(ctx, assemblies[i], src, n)
		if err != nil {
			return fmt.Errorf("%s: %w", assemblies[i].Name, err)
		}
		all[i] = m
	}
	for i, m := range all {
		where := difference(all[0].Block, m.Block)
		if where == "" && assemblies[i].Commitment == assemblies[0].Commitment && m.root != all[0].root {
			where = "root"
		}
		if m.row.Same = where == ""; !m.row.Same {
			res.Differences = append(res.Differences, fmt.Sprintf("block %d: %s differs from %s: %s", n, assemblies[i].Name, assemblies[0].Name, where))
		}
		res.Rows = append(res.Rows, m.row)
	}
	return nil
}

func run(ctx context.Context, a Assembly, src sequencer.Source, n int) (made, error) {
	meter := report.Start()
	b, err := a.Sequencer.Next(ctx, src, framework.BlockNumber(n))
	if err != nil {
		return made{}, err
	}
	wall, cpu := meter.Stop()
	return made{b.Block, b.Root, Row{
		Assembly:  a.Name,
		Block:     n,
		Txs:       len(b.Finals),
		WallMs:    report.Milliseconds(wall),
		CPUMs:     report.Milliseconds(cpu),
		ExecPerTx: float64(b.Stats.Executions) / float64(max(b.Stats.Transactions, 1)),
	}}, nil
}

// difference says where two results of one block differ first, or "".
func difference(a, b *sequencer.Block) string {
	for i := range min(len(a.Finals), len(b.Finals)) {
		if what := finalDifference(&a.Finals[i], &b.Finals[i]); what != "" {
			return fmt.Sprintf("%s of transaction %d", what, i)
		}
	}
	switch {
	case len(a.Finals) != len(b.Finals):
		return fmt.Sprintf("%d transactions and %d", len(b.Finals), len(a.Finals))
	case !slices.Equal(a.Diff.Writes, b.Diff.Writes):
		return "writes of the block"
	case !slices.EqualFunc(a.Diff.Classes, b.Diff.Classes, sameClass):
		return "classes of the block"
	}
	return ""
}

func finalDifference(a, b *framework.Final) string {
	x, y := a.Outcome, b.Outcome
	switch {
	case (a.Fault == nil) != (b.Fault == nil):
		return fmt.Sprintf("fault (%s and %s)", firstLine(b.Fault), firstLine(a.Fault))
	case x.Status != y.Status:
		return fmt.Sprintf("status (%v and %v)", y.Status, x.Status)
	case !bytes.Equal(x.Receipt, y.Receipt):
		return "receipt"
	case !slices.Equal(a.Writes, b.Writes):
		return "writes"
	case !slices.EqualFunc(x.Classes, y.Classes, sameClass):
		return "classes"
	case !slices.Equal(x.Usage.Counters, y.Usage.Counters) || !slices.Equal(x.Usage.Once, y.Usage.Once):
		return "usage"
	}
	return ""
}

func sameClass(a, b framework.Class) bool { return a.Hash == b.Hash && bytes.Equal(a.Body, b.Body) }

// firstLine returns a fault without the stack of a panic.
func firstLine(err error) string {
	line, _, _ := strings.Cut(fmt.Sprint(err), "\n")
	return line
}
