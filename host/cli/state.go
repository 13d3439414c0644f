package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/report"
)

func newState(c *Call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Read, prove, move and revert the state of a store",
		Long: `State works on the configured store while nothing else uses it. A block is the state after it; without --block it is
the last sealed one. verify needs no store.`,
		Args: arguments(cobra.NoArgs),
	}
	cmd.AddCommand(newStateGet(c), newStateProof(c), newStateVerify(), newStateExport(c), newStateImport(c), newStateRevert(c))
	return cmd
}

// onStore makes a command that works on the configured store, which is there unless fresh.
func (c *Call) onStore(cmd *cobra.Command, fresh bool, run func(cmd *cobra.Command, store framework.Store, args []string) error) *cobra.Command {
	var from configFlags
	from.add(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := c.load(from.files, from.set)
		if err != nil {
			return err
		}
		with := (*Call).withExistingStore
		if fresh {
			with = (*Call).withStore
		}
		return with(c, cmd.Context(), cfg, func(store framework.Store) error { return run(cmd, store, args) })
	}
	return cmd
}

// blockFlag names a block; the head if it is not given.
type blockFlag struct{ text string }

func (f *blockFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.text, "block", "", "`NUMBER` of the block after which the state is looked at (default the last)")
}

// number returns the number of the block.
func (f *blockFlag) number(ctx context.Context, store framework.Store) (framework.BlockNumber, error) {
	if f.text != "" {
		return parseBlock("--block", f.text)
	}
	head, err := store.Head(ctx)
	return head.Number, err
}

func parseBlock(what, text string) (framework.BlockNumber, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, misuse(fmt.Errorf("%s: %q is no number of a block", what, text))
	}
	return framework.BlockNumber(n), nil
}

func newStateGet(c *Call) *cobra.Command {
	var cells cellFlags
	var block blockFlag
	format := "text"
	cmd := &cobra.Command{
		Use:   "get",
		Short: "Print what cells hold",
		Example: `  switchyard state get --contract 0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7
  switchyard state get --block 3 --storage 0x6538fdd3aa353af8a87f5fe77d1f533ea82815076e30a86d65b72d3eb4f0b80:0x5`,
		Args: arguments(cobra.NoArgs),
	}
	cells.add(cmd.Flags())
	block.add(cmd)
	formatFlag(cmd, &format, report.Text, report.JSON)
	return c.onStore(cmd, false, func(cmd *cobra.Command, store framework.Store, _ []string) error {
		f, err := report.ParseFormat(format, report.Text, report.JSON)
		if err != nil {
			return misuse(err)
		}
		keys, err := cells.some()
		if err != nil {
			return err
		}
		n, err := block.number(cmd.Context(), store)
		if err != nil {
			return err
		}
		values, err := readCells(cmd.Context(), store, n, keys)
		if err != nil {
			return err
		}
		rows := make([]cellRow, len(keys))
		for i, k := range keys {
			rows[i] = newCellRow(k, felt.Felt(values[i]))
		}
		rep := report.Report{Command: "state get", Env: report.Here(), Rows: rows}
		return rep.Write(cmd.OutOrStdout(), f)
	})
}

func readCells(ctx context.Context, store framework.Store, n framework.BlockNumber, keys []framework.Key) ([]framework.Word, error) {
	state, err := store.At(ctx, n)
	if err != nil {
		return nil, err
	}
	values := make([]framework.Word, len(keys))
	return values, errors.Join(state.Read(ctx, keys, values), state.Close())
}

func newStateProof(c *Call) *cobra.Command {
	var cells cellFlags
	var block blockFlag
	cmd := &cobra.Command{
		Use:   "proof",
		Short: "Print a proof of what cells hold",
		Long: `Proof prints the evidence that cells hold what they hold, or nothing, as the JSON of starknet_getStorageProof. Verify
checks it.`,
		Example: `  switchyard state proof --contract 0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7 > proof.json
  switchyard state verify proof.json`,
		Args: arguments(cobra.NoArgs),
	}
	cells.add(cmd.Flags())
	block.add(cmd)
	return c.onStore(cmd, false, func(cmd *cobra.Command, store framework.Store, _ []string) error {
		keys, err := cells.some()
		if err != nil {
			return err
		}
		n, err := block.number(cmd.Context(), store)
		if err != nil {
			return err
		}
		p, err := store.Prove(cmd.Context(), n, framework.ProofQuery{Keys: keys})
		if err != nil {
			return err
		}
		_, err = cmd.OutOrStdout().Write(append(p.Body, '\n'))
		return err
	})
}

func newStateRevert(c *Call) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "revert BLOCK",
		Short:   "Make an earlier block the last one again",
		Long:    `Revert drops all blocks above a block; "empty" drops all blocks. What it drops cannot be brought back.`,
		Example: `  switchyard state revert 100`,
		Args:    arguments(cobra.ExactArgs(1)),
	}
	return c.onStore(cmd, false, func(cmd *cobra.Command, store framework.Store, args []string) error {
		to := framework.AtEmpty
		if args[0] != "empty" {
			var err error
			if to, err = parseBlock("BLOCK", args[0]); err != nil {
				return err
			}
		}
		if err := store.Revert(cmd.Context(), to); err != nil {
			return err
		}
		head, err := store.Head(cmd.Context())
		if errors.Is(err, framework.ErrEmpty) {
			fmt.Fprintln(cmd.OutOrStdout(), "the store is empty")
			return nil
		}
		return printHead(cmd.OutOrStdout(), head, err)
	})
}

// printHead prints a block and its root, unless there was an error.
func printHead(w io.Writer, head framework.Head, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "block %d, root %v\n", head.Number, felt.Felt(head.Root))
	return err
}

// snapshotter returns the ability of a store to write and read snapshots.
func snapshotter(store framework.Store) (framework.Snapshotter, error) {
	s, ok := plugin.As[framework.Snapshotter](store)
	if !ok {
		return nil, fmt.Errorf("snapshots: %w by this store", framework.ErrUnsupported)
	}
	return s, nil
}

func newStateExport(c *Call) *cobra.Command {
	var block blockFlag
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write the state after a block into a file",
		Long: `Export writes all that the state after a block holds, without its history, into a file that import reads. The file
appears when it is whole.`,
		Example: `  switchyard state export state.snapshot`,
		Args:    arguments(cobra.ExactArgs(1)),
	}
	block.add(cmd)
	return c.onStore(cmd, false, func(cmd *cobra.Command, store framework.Store, args []string) error {
		s, err := snapshotter(store)
		if err != nil {
			return err
		}
		n, err := block.number(cmd.Context(), store)
		if err != nil {
			return err
		}
		var head framework.Head
		err = writeWhole(args[0], func(w io.Writer) error {
			head, err = s.Export(cmd.Context(), n, w)
			return err
		})
		return printHead(cmd.OutOrStdout(), head, err)
	})
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func newStateImport(c *Call) *cobra.Command {
	root := ""
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Begin an empty store with an exported state",
		Long: `Import reads a file that export wrote into an empty store. It computes the root of the state anew: if that is not the
one in the file, or not --root, the store stays empty. Take --root from a source that you trust.`,
		Example: `  switchyard state import state.snapshot --root 0x27e6e1b37a9af4fd44b42752be35ec6c6ee43734342002c1151a403cc6e867f`,
		Args:    arguments(cobra.ExactArgs(1)),
	}
	cmd.Flags().StringVar(&root, "root", "", "`ROOT` that the state must have")
	return c.onStore(cmd, true, func(cmd *cobra.Command, store framework.Store, args []string) error {
		s, err := snapshotter(store)
		if err != nil {
			return err
		}
		var want *framework.Root
		if root != "" {
			r, err := parseFelt("--root", root)
			if err != nil {
				return err
			}
			want = (*framework.Root)(&r)
		}
		f, err := os.Open(args[0])
		if err != nil {
			return misuse(err)
		}
		head, err := s.Import(cmd.Context(), f, want)
		return printHead(cmd.OutOrStdout(), head, errors.Join(err, f.Close()))
	})
}
