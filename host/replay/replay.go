// Package replay applies recorded state updates of a chain to a store, block by block, and compares what comes out with
// what was recorded: the root of every block, and the storage root and state hash of every contract for which the
// record has them.
package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/proof"
	"github.com/switchyard-dev/switchyard/host/report"
)

// Row is one block that was applied and is as recorded.
type Row struct {
	Block     int64   `json:"block"`
	Writes    int     `json:"writes"`
	Contracts int     `json:"contracts"` // those of which something was compared
	StageMs   float64 `json:"stage_ms"`
	SealMs    float64 `json:"seal_ms"`
	Root      string  `json:"root"`
}

// Replay applies updates to a store.
type Replay struct {
	Store  framework.Store
	Folder *Folder[*Update]
	// Protocol is the version of the rules for updates that do not say their own.
	Protocol string
	// Applied is told of every block that is as recorded.
	Applied func(Row)
	// Totals counts what was compared.
	Totals Totals
}

// Totals counts comparisons that came out equal.
type Totals struct{ Blocks, StorageRoots, StateHashes int }

// Run applies the updates from where the store is, and stops at the first difference, which it returns; nil if there is
// none. The blocks of the folder that the store has already are left out, but the head must be as recorded.
func (r *Replay) Run(ctx context.Context) (*Difference, error) {
	before, err := headOf(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	first := before.Number + 1
	if first < r.Folder.First() {
		return nil, fmt.Errorf("the store needs block %d next, the first update is of block %d", first, r.Folder.First())
	}
	if d, err := r.checkHead(before); d != nil || err != nil {
		return d, err
	}
	for n := first; n <= r.Folder.Last(); n++ {
		u, err := r.update(n)
		if err != nil {
			return nil, err
		}
		d, err := r.apply(ctx, u, before.Root)
		if d != nil || err != nil {
			return d, err
		}
		before = framework.Head{Number: n, Root: framework.Root(u.NewRoot)}
	}
	return nil, nil
}

// headOf returns the head of a store, block AtEmpty if it has none.
func headOf(ctx context.Context, store framework.Store) (framework.Head, error) {
	head, err := store.Head(ctx)
	if errors.Is(err, framework.ErrEmpty) {
		return framework.Head{Number: framework.AtEmpty}, nil
	}
	return head, err
}

// update reads the update of a block.
func (r *Replay) update(n framework.BlockNumber) (*Update, error) {
	u, err := r.Folder.Read(n)
	if err == nil {
		u.Number = n
	}
	return u, err
}

// checkHead compares the block that the store is at, if the folder has it.
func (r *Replay) checkHead(head framework.Head) (*Difference, error) {
	if head.Number < r.Folder.First() || head.Number > r.Folder.Last() {
		return nil, nil
	}
	u, err := r.update(head.Number)
	if err != nil || u.NewRoot == felt.Felt(head.Root) {
		return nil, err
	}
	return &Difference{
		Block: head.Number, What: "root of the block that the store is at",
		Old: u.OldRoot.String(), New: hex(head.Root), Expected: u.NewRoot.String(),
	}, nil
}

func hex(r framework.Root) string { return felt.Felt(r).String() }

// apply applies one update to the state with the root before.
func (r *Replay) apply(ctx context.Context, u *Update, before framework.Root) (*Difference, error) {
	if u.OldRoot != felt.Felt(before) {
		return &Difference{
			Block: u.Number, What: "root before the block",
			Old: hex(before), New: hex(before), Expected: u.OldRoot.String(),
		}, nil
	}
	diff, err := u.Diff.Diff()
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", u.Number, err)
	}
	protocol := u.Protocol
	if protocol == "" {
		protocol = r.Protocol
	}
	start := time.Now()
	if err := r.Store.Stage(ctx, u.Number, protocol, diff); err != nil {
		return nil, err
	}
	staged := time.Now()
	root, err := r.Store.Seal(ctx, u.Number)
	if err != nil {
		return nil, err
	}
	row := Row{
		Block: int64(u.Number), Writes: len(diff.Writes), Root: hex(root),
		StageMs: report.Milliseconds(staged.Sub(start)), SealMs: report.Milliseconds(time.Since(staged)),
	}
	if d, err := r.compare(ctx, u, before, root, &row); d != nil || err != nil {
		return d, err
	}
	r.Totals.Blocks++
	if r.Applied != nil {
		r.Applied(row)
	}
	return nil, nil
}

// compare compares the contracts and the root after an update. A contract that differs comes before the root, which
// differs too then, but says less.
func (r *Replay) compare(ctx context.Context, u *Update, before, root framework.Root, row *Row) (*Difference, error) {
	same := felt.Felt(root) == u.NewRoot
	contracts, err := r.contracts(ctx, u.Number, root, u.contracts())
	if err != nil && (same || !errors.Is(err, framework.ErrUnsupported)) {
		return nil, fmt.Errorf("compare the contracts of block %d: %w", u.Number, err)
	}
	if err == nil {
		row.Contracts = len(contracts)
		if d, err := r.compareContracts(ctx, u, before, contracts); d != nil || err != nil {
			return d, err
		}
	}
	if same {
		return nil, nil
	}
	return &Difference{
		Block: u.Number, What: "root", Old: hex(before), New: hex(root), Expected: u.NewRoot.String(),
		Hint: r.hint(ctx, u.Number),
	}, nil
}

// hint says why the root of a block may differ.
func (r *Replay) hint(ctx context.Context, n framework.BlockNumber) string {
	if _, err := r.Store.Prove(ctx, n, framework.ProofQuery{}); errors.Is(err, framework.ErrUnsupported) {
		return "this store makes no proofs, so it is hardly one that commits to its state as Starknet does: try --set store.use=trie"
	}
	return ""
}

// contracts returns contracts after block n, which the store proves, by their address.
func (r *Replay) contracts(
	ctx context.Context, n framework.BlockNumber, root framework.Root, addresses []felt.Felt,
) (map[felt.Felt]proof.Contract, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	q := contractQuery(addresses)
	p, err := r.Store.Prove(ctx, n, q)
	if err != nil {
		return nil, err
	}
	proven, err := proof.Verify(root, q, p.Body)
	if err != nil {
		return nil, err
	}
	all := make(map[felt.Felt]proof.Contract, len(proven.Contracts))
	for _, c := range proven.Contracts {
		all[c.Address] = c
	}
	return all, nil
}

// compareContracts compares what was recorded of contracts.
func (r *Replay) compareContracts(
	ctx context.Context, u *Update, before framework.Root, contracts map[felt.Felt]proof.Contract,
) (*Difference, error) {
	for _, list := range []struct {
		what     string
		recorded []Recorded
		of       func(proof.Contract) felt.Felt
		total    *int
	}{
		{"storage root", u.StorageRoots, func(c proof.Contract) felt.Felt { return c.StorageRoot }, &r.Totals.StorageRoots},
		{"state hash", u.StateHashes, func(c proof.Contract) felt.Felt { return c.StateHash }, &r.Totals.StateHashes},
	} {
		for _, want := range list.recorded {
			have := list.of(contracts[want.Contract])
			if have == want.Value {
				*list.total++
				continue
			}
			old, err := r.old(ctx, u.Number-1, before, want.Contract, list.of)
			if err != nil {
				return nil, err
			}
			return &Difference{
				Block: u.Number, What: fmt.Sprintf("%s of contract %v", list.what, want.Contract),
				Old: old, New: have.String(), Expected: want.Value.String(),
			}, nil
		}
	}
	return nil, nil
}

// old returns what was to be compared as it was after block n, for people.
func (r *Replay) old(
	ctx context.Context, n framework.BlockNumber, root framework.Root, address felt.Felt, of func(proof.Contract) felt.Felt,
) (string, error) {
	if n == framework.AtEmpty {
		return felt.Felt{}.String(), nil
	}
	all, err := r.contracts(ctx, n, root, []felt.Felt{address})
	if errors.Is(err, framework.ErrNoBlock) {
		return "unknown: the store does not keep the block before", nil
	}
	return of(all[address]).String(), err
}
