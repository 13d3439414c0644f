package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/replay"
	"github.com/switchyard-dev/switchyard/host/report"
)

// replayCommand is what `replay` was asked to do.
type replayCommand struct {
	from             configFlags
	updates, blocks  string
	classes, casm    string
	chain, prestate  string
	protocol, format string
	keep, byCode     bool
	record           recording
}

func newReplay(c *Call) *cobra.Command {
	r := &replayCommand{format: "text"}
	cmd := &cobra.Command{
		Use:   "replay --updates DIR | --blocks DIR | --prestate FILE",
		Short: "Apply recorded state updates, or execute recorded blocks, and compare what comes out",
		Long: `With --updates, replay applies the state updates of a folder, in the order of their blocks, to the configured store, and compares
the root of every block, and the storage root and state hash of every contract for which they are recorded. At the
first difference it stops and prints the old, the new and the expected value.

The folder has a file for each block, named 0.json, 1.json and so on or with a field block_number, in the form of the
feeder gateway or of JSON-RPC (old_root, new_root, state_diff).

With --blocks, replay executes the blocks of a folder, in the form of the feeder gateway, through the whole assembly, from the
state that the store has, and compares status, fee, events, messages, steps, builtins and gas of every transaction, and
commitments, root and hash of every block. The classes that they declare are in --classes, one file each, HASH.json;
what Sierra classes compile to is in --casm. With --updates too, the diffs of the blocks are compared with the updates. The VM is cairo, unless the configuration names another.

With --prestate, replay executes one block that was recorded with all that it reads of the state, as the sequencer of the public
networks records blocks, and compares what it changes, cell by cell. It needs --casm. Where the network is known to have executed a
class in another way than its code says, replay does the same and says so, unless --by-code is given.

The store is a fresh one in a temporary folder; with --keep it is the configured one, which goes on after its last block
and stays.

Exit status: 0 if all is as recorded, 1 at the first difference, 2 misuse.`,
		Example: `  switchyard replay --updates mainnet-0-9 --set store.use=trie
  switchyard replay --updates mainnet-0-9 --config examples/trie-process.yaml --keep
  switchyard replay --blocks sepolia-blocks --classes classes --set store.use=trie --set scheduler.use=blockstm`,
		Args: arguments(cobra.NoArgs),
	}
	r.from.add(cmd.Flags())
	cmd.Flags().StringVar(&r.updates, "updates", "", "`DIR` with the recorded state updates")
	cmd.Flags().StringVar(&r.blocks, "blocks", "", "`DIR` with recorded blocks")
	cmd.Flags().StringVar(&r.prestate, "prestate", "", "`FILE` with a block and the state that it reads")
	cmd.Flags().StringVar(&r.classes, "classes", "", "`DIR` with the classes that the blocks declare, HASH.json")
	cmd.Flags().StringVar(&r.casm, "casm", "", "`DIR` with what their Sierra classes compile to, HASH.json")
	cmd.Flags().BoolVar(&r.byCode, "by-code", false, "with --prestate, execute by their code also classes that the network did not")
	cmd.Flags().StringVar(&r.chain, "chain", "", "`NAME` of the network of the blocks (default the public one that fits)")
	cmd.Flags().StringVar(&r.protocol, "protocol", "", "`VERSION` of the protocol where the updates do not say it (default before 0.14.0)")
	cmd.Flags().BoolVar(&r.keep, "keep", false, "use the configured store and keep it")
	r.record.add(cmd.Flags())
	formatFlag(cmd, &r.format, report.Text, report.JSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return r.run(cmd, c) }
	return cmd
}

func (r *replayCommand) run(cmd *cobra.Command, c *Call) error {
	format, err := report.ParseFormat(r.format, report.Text, report.JSON)
	if err != nil {
		return misuse(err)
	}
	if r.updates == "" && r.blocks == "" && r.prestate == "" {
		return misuse(errors.New("--updates DIR or --blocks DIR is missing"))
	}
	if r.blocks != "" || r.prestate != "" {
		r.from.set = append([]string{vmKey + "=" + starknetVM}, r.from.set...)
	}
	switch {
	case r.prestate != "":
		return r.recorded(func() error { return r.runPrestate(cmd, c, format) })
	case r.blocks != "":
		return r.recorded(func() error { return r.runBlocks(cmd, c, format) })
	case r.record.path != "":
		return misuse(errors.New("--record: no transactions are executed with --updates alone"))
	}
	if _, err := starknet.ParseVersion(r.protocol); err != nil {
		return misuse(fmt.Errorf("--protocol: %w", err))
	}
	folder, err := replay.Open(r.updates)
	if err != nil {
		return misuse(err)
	}
	cfg, remove, err := r.config(c)
	if err != nil {
		return err
	}
	return errors.Join(c.withStore(cmd.Context(), cfg, func(store framework.Store) error {
		return r.replay(cmd, store, folder, format)
	}), remove())
}

// recorded calls f with the file of traces open.
func (r *replayCommand) recorded(f func() error) error {
	if err := r.record.open(); err != nil {
		return err
	}
	return errors.Join(f(), r.record.close())
}

// config returns the configuration, with a fresh folder for the store unless it is to be kept.
func (r *replayCommand) config(c *Call) (cfg *config.Config, remove func() error, err error) {
	nothing := func() error { return nil }
	cfg, err = c.load(r.from.files, r.from.set)
	if err != nil || r.keep {
		return cfg, nothing, err
	}
	if cfg.Store.Exec != "" {
		return nil, nothing, misuse(errors.New("store.exec: where a program of its own keeps its data is not known: empty that folder and say --keep"))
	}
	if _, ok := c.dataFolder(cfg); !ok {
		return cfg, nothing, nil
	}
	dir, err := os.MkdirTemp("", "switchyard-replay-")
	if err != nil {
		return nil, nothing, err
	}
	remove = func() error { return os.RemoveAll(dir) }
	cfg, err = c.load(r.from.files, append(r.from.set, "store.config."+pathKey+"="+dir))
	if err != nil {
		return nil, nothing, errors.Join(err, remove())
	}
	return cfg, remove, nil
}

func (r *replayCommand) replay(cmd *cobra.Command, store framework.Store, folder *replay.Folder[*replay.Update], format report.Format) error {
	var rows []replay.Row
	run := &replay.Replay{Store: store, Folder: folder, Protocol: r.protocol}
	step, done := shown(&rows, folder.Len(), func(row *replay.Row) int64 { return row.Block })
	run.Applied = step
	d, err := run.Run(cmd.Context())
	done()
	if len(rows) > 0 || err == nil {
		t := run.Totals
		rep := report.Report{Command: "replay", Env: report.Here(), Rows: rows, Run: map[string]float64{
			"blocks": float64(t.Blocks), "storage_roots": float64(t.StorageRoots), "state_hashes": float64(t.StateHashes),
		}}
		if format == report.Text {
			rep.Run = nil
		}
		err = errors.Join(rep.Write(cmd.OutOrStdout(), format), err)
	}
	switch {
	case err != nil:
		return err
	case d != nil:
		return &negative{d.String()}
	case format == report.Text:
		t := run.Totals
		fmt.Fprintf(cmd.OutOrStdout(), "as recorded: %d roots of blocks, %d storage roots and %d state hashes of contracts\n",
			t.Blocks, t.StorageRoots, t.StateHashes)
	}
	return nil
}

// shown returns what a replay calls with each block that is done: it keeps the row, and shows how far the replay of so many
// blocks is until done is called.
func shown[R any](rows *[]R, blocks int, number func(*R) int64) (step func(R), done func()) {
	progress := report.NewProgress(os.Stderr)
	return func(row R) {
		*rows = append(*rows, row)
		progress.Step(len(*rows), blocks, fmt.Sprintf("block %d", number(&row)))
	}, progress.Done
}
