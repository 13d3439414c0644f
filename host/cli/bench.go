package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
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
	cmd.AddCommand(newBenchScheduler(c), newBenchCrypto(), newBenchStore(c), newBenchTransfers(c), newBenchBoundary(c))
	return cmd
}

// schedulerBench is what `bench scheduler` was asked to do.
type schedulerBench struct {
	schedulers, workloads []string
	files                 []string
	accounts, costs       []int
	readAt, workers       []int
	placements, vms       []string
	force                 bool
	record                recording
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
		workers:    []int{0},
		placements: []string{config.Builtin},
		vms:        []string{plainVM},
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

speedup is the wall time of the serial scheduler over that of the row, waste likewise the processor time; bound is the
speed-up that the block allows with so many workers, and efficiency how much of that was reached. ns_overhead_per_tx
is the processor time per transaction above that of the plain loop: on a busy machine, or with costly transactions,
mostly noise. workers is how many transactions the scheduler says it executes at once. Where placement is process,
scheduler, VM and store run in one each, whose processor time is not counted. The VM of --vm able rewinds and predicts.`,
		Example: `  switchyard bench scheduler
  switchyard bench scheduler --workload p2p --accounts 2,10,100 --cost-us 20,100
  switchyard bench scheduler --scheduler blockstm --workers 2,4 --force-workers --vm plain,able --record bench.trace
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
	f.IntSliceVar(&b.workers, "workers", b.workers, "how many transactions are executed at once, where that can be set; 0: as the scheduler likes")
	f.BoolVar(&b.force, "force-workers", false, "take --workers as it is, where that can be said: more than there are cores, or one")
	f.StringSliceVar(&b.placements, "placement", b.placements, "where the parts run: builtin or process")
	f.StringSliceVar(&b.vms, "vm", b.vms, "what the VM can do: plain, or able to rewind and predict")
	b.record.add(f)
	f.IntVar(&b.txs, "transactions", b.txs, "transactions of the block")
	f.IntVar(&b.rounds, "rounds", b.rounds, "rounds, of which the medians are printed")
	f.Uint64Var(&b.seed, "seed", b.seed, "seed of the workload")
	formatFlag(cmd, &b.format, report.Text, report.JSON, report.Go)
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
	if err := b.record.open(); err != nil {
		return err
	}
	var rows []bench.SchedulerRow
	for _, vm := range b.vms {
		more, err := b.rows(cmd, c, vm)
		if err != nil {
			return errors.Join(err, b.record.close())
		}
		rows = append(rows, more...)
	}
	if err := b.record.close(); err != nil {
		return err
	}
	rep := report.Report{Bench: "scheduler", Env: report.Here(), Rows: rows}
	return rep.Write(cmd.OutOrStdout(), format)
}
