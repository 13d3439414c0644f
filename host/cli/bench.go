package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/report"
)

func newBench(c *Call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the parts beside their baselines",
		Args:  arguments(cobra.NoArgs),
	}
	cmd.AddCommand(newBenchScheduler(c), newBenchCrypto(), newBenchStore(c), newBenchTransfers(c))
	return cmd
}

// schedulerBench is what `bench scheduler` was asked to do.
type schedulerBench struct {
	schedulers, workloads []string
	files                 []string
	accounts, costs       []int
	readAt                []int
	txs, rounds           int
	seed                  uint64
	format                string
}

func newBenchScheduler(c *Call) *cobra.Command {
	b := &schedulerBench{
		schedulers: c.Plugins.IDs(plugin.Scheduler),
		workloads:  []string{"p2p"},
		accounts:   []int{1000},
		costs:      []int{0, 100},
		txs:        1000,
		rounds:     10,
		seed:       1,
		format:     "text",
	}
	cmd := &cobra.Command{
		Use:   "scheduler",
		Short: "Measure schedulers beside a plain loop",
		Long: `Bench scheduler executes one block of a workload with every scheduler, and in a plain loop with no scheduler at
all (the row "bare"), in turn, and prints medians. Flags that select rows can be repeated.

speedup is the wall time of the serial scheduler over that of the row; ns_overhead_per_tx is the processor time
per transaction above that of the plain loop: on a busy machine, or with costly transactions, mostly noise. workers
is how many transactions the scheduler says it executes at once, placement where it runs.`,
		Example: `  switchyard bench scheduler
  switchyard bench scheduler --workload p2p --accounts 2,10,100 --cost-us 20,100
  switchyard bench scheduler --transactions 10000 --cost-us 0 --format go`,
		Args: arguments(cobra.NoArgs),
	}
	f := cmd.Flags()
	f.StringSliceVar(&b.schedulers, "scheduler", b.schedulers, "schedulers to measure")
	f.StringArrayVar(&b.files, "config", nil, "measure the scheduler of this configuration `FILE` too, with its settings; repeat for more")
	f.StringSliceVar(&b.workloads, "workload", b.workloads, "workloads")
	f.IntSliceVar(&b.accounts, "accounts", b.accounts, "numbers of accounts: fewer means more conflicts")
	f.IntSliceVar(&b.costs, "cost-us", b.costs, "processor time of a transaction, in microseconds")
	f.IntSliceVar(&b.readAt, "read-at", nil, "where in its cost a transaction reads, in percent (default at the start)")
	f.IntVar(&b.txs, "transactions", b.txs, "transactions of the block")
	f.IntVar(&b.rounds, "rounds", b.rounds, "rounds, of which the medians are printed")
	f.Uint64Var(&b.seed, "seed", b.seed, "seed of the workload")
	f.StringVar(&b.format, "format", b.format, "text, json or go (the format of Go benchmarks)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return b.run(cmd, c) }
	return cmd
}

func (b *schedulerBench) run(cmd *cobra.Command, c *Call) error {
	format, err := report.ParseFormat(b.format, report.Text, report.JSON, report.Go)
	if err != nil {
		return misuse(err)
	}
	if b.rounds < 1 {
		return misuse(fmt.Errorf("--rounds is %d, want at least 1", b.rounds))
	}
	candidates, err := b.candidates(cmd, c)
	if err != nil {
		return misuse(err)
	}
	rows, err := b.measure(cmd, c, candidates)
	if err != nil {
		return err
	}
	rep := report.Report{Bench: "scheduler", Env: report.Here(), Rows: rows}
	return rep.Write(cmd.OutOrStdout(), format)
}

// candidates opens the schedulers, the serial one first: it is the baseline.
func (b *schedulerBench) candidates(cmd *cobra.Command, c *Call) ([]bench.Candidate, error) {
	ids := slices.Concat([]string{"serial"}, slices.DeleteFunc(slices.Clone(b.schedulers), func(id string) bool { return id == "serial" }))
	var all []bench.Candidate
	add := func(name, id string, section map[string]any) error {
		f, err := c.Plugins.Find(plugin.Scheduler, id)
		if err != nil {
			return err
		}
		s, err := f.OpenScheduler(cmd.Context(), section)
		all = append(all, bench.Candidate{Name: name, Placement: config.Builtin, Scheduler: s})
		return err
	}
	for _, id := range ids {
		if err := add(id, id, nil); err != nil {
			return nil, err
		}
	}
	for _, file := range b.files {
		cfg, err := c.load([]string{file}, nil)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		if err := add(name, cfg.Scheduler.Use, cfg.Scheduler.Config); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return all, nil
}

func (b *schedulerBench) measure(cmd *cobra.Command, c *Call, candidates []bench.Candidate) ([]bench.SchedulerRow, error) {
	f, err := c.Plugins.Find(plugin.VM, "synthetic")
	if err != nil {
		return nil, misuse(err)
	}
	vm, err := f.OpenVM(cmd.Context(), nil)
	if err != nil {
		return nil, err
	}
	progress := report.NewProgress(os.Stderr)
	defer progress.Done()
	var rows []bench.SchedulerRow
	done, total := 0, len(b.workloads)*len(b.accounts)*len(b.costs)
	for _, name := range b.workloads {
		for _, accounts := range b.accounts {
			for _, cost := range b.costs {
				progress.Step(done, total, fmt.Sprintf("%s, %d accounts, %d µs", name, accounts, cost))
				spec := workload.Spec{
					Name: name, Accounts: accounts, Transactions: b.txs, Seed: b.seed, ReadAt: b.readAt,
					Cost: time.Duration(cost) * time.Microsecond,
				}
				more, err := bench.Scheduler(cmd.Context(), vm, spec, b.rounds, candidates)
				if err != nil {
					return nil, err
				}
				rows = append(rows, more...)
				done++
			}
		}
	}
	return rows, nil
}
