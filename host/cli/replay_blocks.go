package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/replay"
	"github.com/switchyard-dev/switchyard/host/report"
)

// vmKey is where a configuration says which VM it wants.
const vmKey = "vm.use"

// runBlocks executes recorded blocks through the configured assembly.
func (r *replayCommand) runBlocks(cmd *cobra.Command, c *Call, format report.Format) error {
	folder, err := replay.OpenBlocks(r.blocks)
	if err != nil {
		return misuse(err)
	}
	chain, err := r.chainOf(folder)
	if err != nil {
		return misuse(err)
	}
	cfg, remove, err := r.config(c)
	if err != nil {
		return err
	}
	run := &replay.Blocks{
		Folder: folder, Classes: replay.Classes{Dir: r.classes, Casm: r.casm}, Chain: chain, FeeTokens: starknet.PublicFeeTokens,
	}
	if r.updates != "" {
		if run.Updates, err = replay.Open(r.updates); err != nil {
			return errors.Join(misuse(err), remove())
		}
	}
	return errors.Join(r.executeBlocks(cmd, c, cfg, run, format), remove())
}

// chainOf returns the network of the blocks.
func (r *replayCommand) chainOf(folder *replay.Folder[*gateway.Block]) (starknet.ChainID, error) {
	if r.chain != "" {
		chain, err := starknet.ParseChainID(r.chain)
		if err != nil {
			return chain, fmt.Errorf("--chain: %w", err)
		}
		return chain, nil
	}
	first, err := folder.Read(folder.First())
	if err != nil {
		return starknet.ChainID{}, err
	}
	chain, err := replay.ChainOf(first)
	if err != nil {
		return chain, fmt.Errorf("%w with --chain", err)
	}
	return chain, nil
}

func (r *replayCommand) executeBlocks(cmd *cobra.Command, c *Call, cfg *config.Config, run *replay.Blocks, format report.Format) (err error) {
	a, err := host.Assemble(cmd.Context(), c.Plugins, cfg)
	if err != nil {
		return misuse(err)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	r.record.join(cfg, a)
	run.Sequencer = a.Sequencer()
	run.Sequencer.StopOnFault = true
	var rows []replay.BlockRow
	step, done := shown(&rows, run.Folder.Len(), func(row *replay.BlockRow) int64 { return row.Block })
	run.Executed = step
	d, err := run.Run(cmd.Context())
	done()
	if len(rows) > 0 || err == nil {
		rep := report.Report{Command: "replay", Env: report.Here(), Rows: rows}
		err = errors.Join(rep.Write(cmd.OutOrStdout(), format), err)
	}
	switch {
	case err != nil:
		return err
	case d != nil:
		return &negative{d.String()}
	case format == report.Text:
		txs := 0
		for i := range rows {
			txs += rows[i].Txs
		}
		fmt.Fprintf(cmd.OutOrStdout(), "as recorded: %d blocks with %d transactions: %s\n", len(rows), txs, compared(run))
	}
	return nil
}

// runPrestate executes a block that was recorded with its state.
func (r *replayCommand) runPrestate(cmd *cobra.Command, c *Call, format report.Format) (err error) {
	p, err := replay.ReadPrestate(r.prestate, r.casm, r.byCode)
	if err != nil {
		return misuse(err)
	}
	for _, note := range p.Notes {
		fmt.Fprintln(cmd.ErrOrStderr(), note)
	}
	cfg, remove, err := r.config(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	a, err := host.Assemble(cmd.Context(), c.Plugins, cfg)
	if err != nil {
		return misuse(err)
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	r.record.join(cfg, a)
	s := a.Sequencer()
	s.StopOnFault = true
	d, rows, err := p.Run(cmd.Context(), s)
	if err != nil {
		return err
	}
	rep := report.Report{Command: "replay", Env: report.Here(), Rows: rows}
	if err := rep.Write(cmd.OutOrStdout(), format); err != nil {
		return err
	}
	if d != nil {
		return &negative{d.String()}
	}
	if format == report.Text {
		fmt.Fprintf(cmd.OutOrStdout(), "as recorded: what %d transactions change\n", len(rows))
	}
	return nil
}

// compared says what was compared.
func compared(run *replay.Blocks) string {
	what := "receipts, commitments"
	if run.Updates != nil {
		what += ", diffs"
	}
	if run.Rootless() {
		return what + " and hashes; no roots, since this store does not commit to its state as Starknet does"
	}
	return what + ", roots and hashes"
}
