package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/report"
)

// transfersBench is what `bench transfers` was asked to do.
type transfersBench struct {
	schedulers, placements []string
	accounts               []int
	txs, rounds            int
	seed                   uint64
	format                 string
}

func newBenchTransfers(c *Call) *cobra.Command {
	b := &transfersBench{
		schedulers: c.Plugins.IDs(plugin.Scheduler), placements: []string{"builtin", "shared:all", "process"},
		accounts: []int{1000, 100, 2}, txs: 500, rounds: 5, format: "text",
	}
	cmd := &cobra.Command{
		Use:   "transfers",
		Short: "Measure assemblies on really signed transfers",
		Long: `Bench transfers executes one block of signed token transfers, fees included, with the VM cairo, every scheduler and
every placement of scheduler and VM, in turn, and prints medians. speedup is over the serial scheduler in this process.`,
		Example: `  switchyard bench transfers
  switchyard bench transfers --accounts 1000 --placement builtin --transactions 2000`,
		Args: arguments(cobra.NoArgs),
	}
	f := cmd.Flags()
	f.StringSliceVar(&b.schedulers, "scheduler", b.schedulers, "schedulers to measure")
	f.StringSliceVar(&b.placements, "placement", b.placements, "where scheduler and VM run: builtin, process, shared:NAME")
	f.IntSliceVar(&b.accounts, "accounts", b.accounts, "numbers of accounts: fewer means more conflicts")
	f.IntVar(&b.txs, "transactions", b.txs, "transactions of the block")
	f.IntVar(&b.rounds, "rounds", b.rounds, "rounds, of which the medians are printed")
	f.Uint64Var(&b.seed, "seed", b.seed, "seed of the transfers")
	f.StringVar(&b.format, "format", b.format, "text, json or go (the format of Go benchmarks)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return b.run(cmd, c) }
	return cmd
}

func (b *transfersBench) run(cmd *cobra.Command, c *Call) error {
	format, err := report.ParseFormat(b.format, report.Text, report.JSON, report.Go)
	if err != nil {
		return misuse(err)
	}
	if b.rounds < 1 {
		return misuse(fmt.Errorf("--rounds is %d, want at least 1", b.rounds))
	}
	var rows []bench.TransfersRow
	for _, accounts := range b.accounts {
		spec := genesis.Spec{Transactions: b.txs, Accounts: accounts, Seed: b.seed}
		if err := spec.Validate(); err != nil {
			return misuse(err)
		}
		more, err := b.measure(cmd, c, spec)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	rep := report.Report{Bench: "transfers", Env: report.Here(), Rows: rows}
	return rep.Write(cmd.OutOrStdout(), format)
}

// measure opens the assemblies, the serial one of this process first, and measures them on one workload.
func (b *transfersBench) measure(cmd *cobra.Command, c *Call, spec genesis.Spec) (rows []bench.TransfersRow, err error) {
	var all []bench.Transferrer
	for _, place := range b.placements {
		for _, scheduler := range b.schedulers {
			a, err := b.assemble(cmd, c, scheduler, place)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			all = append(all, bench.Transferrer{Scheduler: scheduler, Placement: place, Sequencer: a.Sequencer()})
		}
	}
	first := slices.IndexFunc(all, func(t bench.Transferrer) bool { return t.Scheduler == "serial" && t.Placement == config.Builtin })
	if first < 0 {
		a, err := b.assemble(cmd, c, "serial", config.Builtin)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		all = append(all, bench.Transferrer{Scheduler: "serial", Placement: config.Builtin, Sequencer: a.Sequencer()})
		first = len(all) - 1
	}
	all[0], all[first] = all[first], all[0]
	return bench.Transfers(cmd.Context(), spec, b.rounds, all)
}

// assemble opens an assembly with the VM cairo and a store in memory.
func (b *transfersBench) assemble(cmd *cobra.Command, c *Call, scheduler, place string) (*host.Assembly, error) {
	cfg, err := c.load(nil, []string{
		vmKey + "=" + starknetVM, "vm.place=" + place, "scheduler.use=" + scheduler, "scheduler.place=" + place, "store.use=memory",
	})
	if err != nil {
		return nil, err
	}
	a, err := host.Assemble(cmd.Context(), c.Plugins, cfg)
	return a, misuse(err)
}
