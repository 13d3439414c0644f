package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

func newRun(c *Call) *cobra.Command {
	var from configFlags
	var work workloadFlags
	blocks := 0
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Build blocks until interrupted",
		Long: `Run assembles a sequencer from the configuration and builds blocks from a workload, one line per block,
until it is interrupted or has built as many as asked for. Block 0 is the state that the workload begins with, so
the first line is of block 1. Blocks start block.interval apart: a second, unless the configuration says otherwise.`,
		Example: `  switchyard run
  switchyard run --blocks 10 --workload mix --transactions 500
  switchyard run --config my.yaml --set store.config.retain=100`,
		Args: arguments(cobra.NoArgs),
	}
	from.add(cmd.Flags())
	cmd.Flags().IntVar(&blocks, "blocks", 0, "stop after this many blocks (block.count); 0 goes on until interrupted")
	work.add(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := c.load(from.files, append(from.set, work.settings(cmd.Flags())...))
		if err != nil {
			return err
		}
		if cmd.Flags().Changed("blocks") {
			cfg.Block.Count = blocks
		}
		return run(cmd, c.Plugins, cfg)
	}
	return cmd
}

func run(cmd *cobra.Command, catalog plugin.Catalog, cfg *config.Config) (err error) {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	src, err := openWorkload(cfg)
	if err != nil {
		return err
	}
	a, err := host.Assemble(ctx, catalog, cfg)
	if err != nil {
		return misuse(err)
	}
	defer func() {
		if cerr := a.Close(); err == nil {
			err = cerr
		}
	}()
	fmt.Fprintf(out, "scheduler %s, vm %s, store %s\n", cfg.Scheduler.Use, cfg.VM.Use, cfg.Store.Use)
	s := &sequencer.Sequencer{Scheduler: a.Scheduler, VM: a.VM, Store: a.Store, Capacity: cfg.Block.Capacity}
	built := 0
	err = s.Produce(ctx, src, cfg.Block.Interval, cfg.Block.Count, func(b *sequencer.Sealed) {
		built++
		printBlock(out, b)
		if n, first := b.Faults(); n > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "block %d: the VM failed on %d transactions, first on %v\n", b.Number, n, firstLine(first))
		}
	})
	plural := "s"
	if built == 1 {
		plural = ""
	}
	fmt.Fprintf(out, "stopped after %d block%s\n", built, plural)
	return err
}

// firstLine returns an error without the stack of a panic.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// printBlock prints one line about a block.
func printBlock(w io.Writer, b *sequencer.Sealed) {
	var count [framework.Rejected + 1]int
	for i := range b.Finals {
		count[b.Finals[i].Outcome.Status]++
	}
	fmt.Fprintf(w, "block %-6d %6d txs (%d reverted, %d rejected)  execute %8.2f ms  seal %8.2f ms  %.2f executions/tx  root 0x%016x…\n",
		b.Number, b.Included(), count[framework.Reverted], count[framework.Rejected],
		report.Milliseconds(b.Executing), report.Milliseconds(b.Sealing),
		float64(b.Stats.Executions)/float64(max(b.Stats.Transactions, 1)), b.Root[3])
}
