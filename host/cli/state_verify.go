package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
	"github.com/switchyard-dev/switchyard/host/report"
)

func newStateVerify() *cobra.Command {
	var cells cellFlags
	root, format := "", "text"
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a proof and print what it shows",
		Long: `Verify checks a proof, the answer of any node to starknet_getStorageProof or what proof has printed, and prints what
it shows: all contracts, slots and classes that its nodes reach, or the cells that flags name, where 0x0 is the proof
that there is nothing. Of a class a proof shows the leaf, a hash of its compiled class hash.

What it prints holds for the state with the roots that it prints. With --root it must be the state with that root.

Exit status: 0 if the proof holds and shows what was asked for, 1 if not, 2 misuse.`,
		Example: `  switchyard state verify proof.json
  switchyard state verify proof.json --root 0x27e6e1b37a9af4fd44b42752be35ec6c6ee43734342002c1151a403cc6e867f --contract 0x1`,
		Args: arguments(cobra.ExactArgs(1)),
	}
	cells.add(cmd.Flags())
	cmd.Flags().StringVar(&root, "root", "", "`ROOT` of the state that the proof must be of")
	formatFlag(cmd, &format, report.Text, report.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f, err := report.ParseFormat(format, report.Text, report.JSON)
		if err != nil {
			return misuse(err)
		}
		keys, err := cells.keys()
		if err != nil {
			return err
		}
		rows, err := verifyProof(cmd, args[0], root, keys)
		if err != nil {
			return err
		}
		rep := report.Report{Command: "state verify", Env: report.Here(), Rows: rows}
		return rep.Write(cmd.OutOrStdout(), f)
	}
	return cmd
}

// maxProof is the size of the longest proof that is read.
const maxProof = 256 << 20

// verifyProof checks a file and returns what it shows of the cells, or all that it shows if there are none.
func verifyProof(cmd *cobra.Command, path, root string, keys []framework.Key) ([]cellRow, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, misuse(err)
	}
	if info.Size() > maxProof {
		return nil, fmt.Errorf("%s: %d bytes, at most %d", path, info.Size(), maxProof)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, misuse(err)
	}
	p, err := proof.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: not a proof: %w", path, err)
	}
	if err := checkStateRoot(p, root); err != nil {
		return nil, err
	}
	facts, err := p.Facts()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	rows := rootRows(p)
	if len(keys) > 0 {
		asked, err := factRows(facts, keys)
		return append(rows, asked...), err
	}
	shown, err := facts.Shown()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	noteWrongRoots(cmd, p, shown)
	return append(rows, shownRows(shown)...), nil
}

// stateRoots returns the roots that the state of a proof has by the rules of old and of new versions.
func stateRoots(p *proof.Proof) []felt.Felt {
	return slices.Compact([]felt.Felt{
		starknet.StateRoot(starknet.Version{}, p.ContractsRoot, p.ClassesRoot),
		starknet.StateRoot(starknet.V0_14_0, p.ContractsRoot, p.ClassesRoot),
	})
}

func checkStateRoot(p *proof.Proof, root string) error {
	if root == "" {
		return nil
	}
	want, err := parseFelt("--root", root)
	if err != nil {
		return err
	}
	if have := stateRoots(p); !slices.Contains(have, want) {
		return fmt.Errorf("the proof is of the state with root %v, not %v", have[0], want)
	}
	return nil
}

func rootRows(p *proof.Proof) []cellRow {
	rows := []cellRow{
		{Cell: "contracts_root", Value: p.ContractsRoot.String()}, {Cell: "classes_root", Value: p.ClassesRoot.String()},
	}
	for _, r := range stateRoots(p) {
		rows = append(rows, cellRow{Cell: "state_root", Value: r.String()})
	}
	return rows
}

// factRows returns what a proof shows of cells.
func factRows(facts *proof.Facts, keys []framework.Key) ([]cellRow, error) {
	var rows []cellRow
	var errs []error
	for _, k := range keys {
		v, err := facts.Value(k)
		row := newCellRow(k, v)
		if k.Space == starknet.SpaceCompiledClass {
			row.Cell = "class_leaf"
		}
		rows, errs = append(rows, row), append(errs, err)
	}
	return rows, errors.Join(errs...)
}

// shownRows returns all that a proof shows.
func shownRows(s *proof.Shown) []cellRow {
	var rows []cellRow
	for _, c := range s.Contracts {
		of := func(cell string, v felt.Felt) {
			rows = append(rows, cellRow{Cell: cell, Owner: c.Address.String(), Value: v.String()})
		}
		of("state_hash", c.StateHash)
		if c.Known {
			of("class_hash", c.ClassHash)
			of("nonce", c.Nonce)
			of("storage_root", c.StorageRoot)
		}
	}
	for _, v := range s.Slots {
		rows = append(rows, newCellRow(starknet.StorageKey(v.Contract, v.Slot), v.Value))
	}
	for _, v := range s.Classes {
		rows = append(rows, cellRow{Cell: "class_leaf", Owner: v.Class.String(), Value: v.Leaf.String()})
	}
	return rows
}

// noteWrongRoots says where a file has a wrong storage root: that of a node which made an error, or a forged one.
func noteWrongRoots(cmd *cobra.Command, p *proof.Proof, s *proof.Shown) {
	for _, c := range s.Contracts {
		if !c.Known || slices.Contains(p.Leaves, c.ContractState) {
			continue
		}
		for _, l := range p.Leaves {
			if l.ClassHash == c.ClassHash && l.Nonce == c.Nonce {
				fmt.Fprintf(cmd.ErrOrStderr(), "note: the file says that the storage root of %v is %v; its leaf says %v\n",
					c.Address, l.StorageRoot, c.StorageRoot)
			}
		}
	}
}
