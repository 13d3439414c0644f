package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/fx"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/jsonrpc"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/lifecycle"
	"github.com/switchyard-dev/switchyard/host/monitor"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

func newRun(c *Call) *cobra.Command {
	var from configFlags
	var work workloadFlags
	var record recording
	blocks := 0
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Build blocks until interrupted",
		Long: `Run assembles a sequencer from the configuration and builds blocks from a workload, one line per block,
until it is interrupted or has built as many as asked for. Block 0 is the state that the workload begins with, so
the first line is of block 1. Transactions arrive block.interval apart: a second, unless the configuration says otherwise. A block
executes while the one before it is sealed; overlap says for how long. monitor.listen is where metrics and health are.`,
		Example: `  switchyard run
  switchyard run --blocks 10 --workload mix --transactions 500
  switchyard run --config my.yaml --set store.config.retain=100`,
		Args: arguments(cobra.NoArgs),
	}
	from.add(cmd.Flags())
	cmd.Flags().IntVar(&blocks, "blocks", 0, "stop after this many blocks (block.count); 0 goes on until interrupted")
	work.add(cmd.Flags())
	record.add(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := c.load(from.files, append(from.set, work.settings(cmd.Flags())...))
		if err != nil {
			return err
		}
		if cmd.Flags().Changed("blocks") {
			cfg.Block.Count = blocks
		}
		if err := record.open(); err != nil {
			return err
		}
		return errors.Join(run(cmd, c.Plugins, cfg, &record), record.close())
	}
	return cmd
}

// run runs a node and prints what it does.
func run(cmd *cobra.Command, catalog plugin.Catalog, cfg *config.Config, record *recording) error {
	src, err := openWorkload(cfg)
	if err != nil {
		return err
	}
	p := &printer{out: cmd.OutOrStdout(), err: cmd.ErrOrStderr(), src: src}
	node := host.Node(catalog, cfg, sequencer.Arrivals(src, cfg.Block.Interval), pace(cfg, src), fx.Invoke(p.join, record.join))
	if cfg.VM.Use == starknetVM {
		node = host.StarknetNode(catalog, cfg, chainOf(src, p), pace(cfg, src), fx.Invoke(p.join, p.joinRPC, record.join))
	}
	err = host.Run(cmd.Context(), slog.New(slog.NewTextHandler(p.err, nil)), node)
	if p.running {
		fmt.Fprintf(p.out, "stopped after %d block%s\n", p.built, plural(p.built))
	}
	if !p.running && cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return nil // it was told to stop before it had started
	}
	if open := new(host.OpenError); errors.As(err, &open) {
		return misuse(open)
	}
	return explained(err)
}

// explained says what to do about folders that hold something else than is to go on.
func explained(err error) error {
	switch {
	case errors.Is(err, ledger.ErrGenesis):
		return misuse(fmt.Errorf("%w, not with that of this workload: say the same accounts, pools, collections and seed as then, "+
			"with the same version of this program, or name new folders (ledger.path and that of the store)", err))
	case errors.Is(err, sequencer.ErrApart):
		return misuse(fmt.Errorf("%w: name the folders of one chain, or new ones (ledger.path and that of the store)", err))
	}
	return err
}

// chainOf returns the chain of a workload of signed transactions.
func chainOf(src source, p *printer) host.Starknet {
	chain := host.Starknet{
		Chain: genesis.Chain, Genesis: src.Genesis, Header: genesis.Environment, Workload: src, Refused: p.refused,
	}
	if declaring, ok := src.(interface{ Code() [][]byte }); ok {
		chain.Code = declaring.Code()
	}
	return chain
}

// pace returns when blocks are closed: when all the transactions of one are there, if not before.
func pace(cfg *config.Config, w source) sequencer.Pace {
	p := sequencer.Pace{Interval: cfg.Block.Interval, Transactions: w.Size(), Count: cfg.Block.Count}
	if cfg.Block.Transactions > 0 {
		p.Transactions = min(p.Transactions, cfg.Block.Transactions)
	}
	return p
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// printer tells people what a node does.
type printer struct {
	out, err io.Writer
	src      source
	running  bool
	built    int
}

// join has the printer told.
func (p *printer) join(lc *lifecycle.Lifecycle, cfg *config.Config, m *monitor.Monitor, blocks *sequencer.Producer) {
	blocks.Each(p.block)
	lc.Append(lifecycle.Hook{Name: "printer", Start: func(context.Context) error {
		fmt.Fprintf(p.out, "scheduler %v, vm %v, store %v\n", cfg.Scheduler, cfg.VM, cfg.Store)
		if at := m.Address(); at != "" {
			fmt.Fprintf(p.out, "watch http://%s/metrics\n", at)
		}
		printAccounts(p.out, p.src)
		p.running = true
		return nil
	}})
}

// joinRPC has the printer say where the chain can be talked to.
func (p *printer) joinRPC(lc *lifecycle.Lifecycle, rpc *jsonrpc.Listener) {
	lc.Append(lifecycle.Hook{Name: "printer of rpc", Start: func(context.Context) error {
		if at := rpc.Address(); at != "" {
			fmt.Fprintf(p.out, "JSON-RPC http://%s/rpc\n", at)
		}
		return nil
	}})
}

// refused says that a transaction of the workload was refused.
func (p *printer) refused(err error) { fmt.Fprintf(p.err, "refused: %v\n", firstLine(err)) }

// block prints a line about a block.
func (p *printer) block(b *sequencer.Sealed) {
	p.built++
	printBlock(p.out, b)
	if n, first := b.Faults(); n > 0 {
		fmt.Fprintf(p.err, "block %d: the VM failed on %d transaction%s, first on %v\n", b.Number, n, plural(n), firstLine(first))
	}
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
	overlap := ""
	if b.Overlap > 0 {
		overlap = fmt.Sprintf("  overlap %.2f ms", report.Milliseconds(b.Overlap))
	}
	fmt.Fprintf(w, "block %-6d %6d txs (%d reverted, %d rejected)  execute %8.2f ms  seal %8.2f ms%s  %.2f executions/tx  root 0x%016x…\n",
		b.Number, b.Included(), count[framework.Reverted], count[framework.Rejected],
		report.Milliseconds(b.Executing), report.Milliseconds(b.Sealing), overlap,
		float64(b.Stats.Executions)/float64(max(b.Stats.Transactions, 1)), b.Root[3])
}
