package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// BlockRow is one block that was executed and came out as recorded.
type BlockRow struct {
	Block      int64   `json:"block"`
	Txs        int     `json:"txs"`
	Steps      uint64  `json:"steps"`
	Executions uint64  `json:"executions"`
	ExecuteMs  float64 `json:"execute_ms"`
	SealMs     float64 `json:"seal_ms"`
	Root       string  `json:"root"`
	Hash       string  `json:"hash"`
}

// Blocks executes recorded blocks through an assembly, from where its store is, and compares every receipt, the
// commitments, the root and the hash of every block.
type Blocks struct {
	// Sequencer has the assembly. Its VM executes Starknet's transactions.
	Sequencer *sequencer.Sequencer
	Folder    *Folder[*gateway.Block]
	Classes   Classes
	// Chain is the network; [ChainOf] finds it.
	Chain     starknet.ChainID
	FeeTokens starknet.FeeTokens
	// Updates, unless it is nil, has the state updates of the blocks, with which their diffs are compared.
	Updates *Folder[*Update]
	// Executed is told of every block that is as recorded.
	Executed func(BlockRow)

	// foreign says that the store does not commit to its state as Starknet does, so that roots mean nothing.
	foreign bool
}

// Rootless reports, after a run, whether roots were left out of the comparison, since the store is one that does not commit to
// its state as Starknet does.
func (r *Blocks) Rootless() bool { return r.foreign }

// Run executes the blocks and stops at the first difference, which it returns; nil if there is none. The blocks of the
// folder that the store has already are left out.
func (r *Blocks) Run(ctx context.Context) (*Difference, error) {
	head, err := headOf(ctx, r.Sequencer.Store)
	if err != nil {
		return nil, err
	}
	first := head.Number + 1
	if first < r.Folder.First() {
		return nil, fmt.Errorf("the store needs block %d next, the first block here is %d", first, r.Folder.First())
	}
	for n := first; n <= r.Folder.Last(); n++ {
		b, err := r.Folder.Read(n)
		if err != nil {
			return nil, err
		}
		d, err := r.execute(ctx, b, head.Root)
		if d != nil || err != nil {
			return d, err
		}
		head.Root = framework.Root(b.Header.StateRoot)
	}
	return nil, nil
}

// execute executes one block and compares it.
func (r *Blocks) execute(ctx context.Context, b *gateway.Block, before framework.Root) (*Difference, error) {
	fb, txs, err := r.prepare(b)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", b.Header.Number, err)
	}
	q := framework.NewQueue(txs...)
	q.Close()
	start := time.Now()
	built, err := r.Sequencer.Execute(ctx, fb, q)
	if err != nil {
		return nil, err
	}
	executed := time.Now()
	receipts, d, err := compareReceipts(b, built.Finals)
	if d != nil || err != nil {
		return d, err
	}
	base, err := r.Sequencer.Store.At(ctx, fb.Number-1)
	if err != nil {
		return nil, err
	}
	diff, err := netDiff(ctx, &built.Diff, base)
	if err := errors.Join(err, base.Close()); err != nil {
		return nil, err
	}
	if d, err := r.compareDiff(b.Header.Number, diff); d != nil || err != nil {
		return d, err
	}
	sealing := time.Now()
	root, err := r.Sequencer.Seal(ctx, built)
	if err != nil {
		return nil, err
	}
	row := BlockRow{
		Block: int64(b.Header.Number), Txs: len(txs), Executions: built.Stats.Executions, Root: hex(root),
		ExecuteMs: report.Milliseconds(executed.Sub(start)), SealMs: report.Milliseconds(time.Since(sealing)),
		Hash: b.Header.Hash.Hex(),
	}
	for i := range receipts {
		row.Steps += receipts[i].Resources.Steps
	}
	if r.foreign, err = commitsElsewise(ctx, r.Sequencer.Store, b.Header.Number); err != nil {
		return nil, err
	}
	if d, err := r.compareBlock(b, receipts, diff, before, root); d != nil || err != nil {
		return d, err
	}
	if r.Executed != nil {
		r.Executed(row)
	}
	return nil, nil
}

// commitsElsewise reports whether a store makes no proofs, and so has no tries.
func commitsElsewise(ctx context.Context, store framework.Store, n framework.BlockNumber) (bool, error) {
	_, err := store.Prove(ctx, n, framework.ProofQuery{})
	if errors.Is(err, framework.ErrUnsupported) {
		return true, nil
	}
	return false, err
}

// compareDiff compares a diff with the recorded one.
func (r *Blocks) compareDiff(n framework.BlockNumber, diff *starknet.StateDiff) (*Difference, error) {
	if r.Updates == nil || n < r.Updates.First() || n > r.Updates.Last() {
		return nil, nil
	}
	u, err := r.Updates.Read(n)
	if err != nil {
		return nil, err
	}
	have, want := fmt.Sprintf("%+v", *diff), fmt.Sprintf("%+v", *u.Diff.Sorted())
	if have == want {
		return nil, nil
	}
	return &Difference{Block: n, What: "state diff", Old: "-", New: have, Expected: want}, nil
}

// prepare returns a block as the parts want it.
func (r *Blocks) prepare(b *gateway.Block) (*framework.Block, []framework.Tx, error) {
	h := b.Header
	start, err := r.start(h.Number)
	if err != nil {
		return nil, nil, err
	}
	env := &starknet.Environment{Chain: r.Chain, FeeTokens: r.FeeTokens, Header: h}
	env.Header.Hash, env.Header.StateRoot, env.Header.Commitments = felt.Felt{}, felt.Felt{}, starknet.Commitments{}
	out := &framework.Block{
		Number: h.Number, Protocol: h.Protocol, Header: starknet.AppendEnvironment(nil, env), Start: start,
		Trace: true,
	}
	txs := make([]framework.Tx, len(b.Transactions))
	for i, t := range b.Transactions {
		in := &starknet.Input{Transaction: t, PaidFee: starknet.Uint128{Lo: 1}}
		if d, ok := t.(*starknet.Declare); ok {
			if in.Class, err = r.Classes.Body(d.ClassHash); err != nil {
				return nil, nil, fmt.Errorf("transaction %d: %w", i, err)
			}
		}
		txs[i] = in.ToTx(b.Receipts[i].TransactionHash)
	}
	return out, txs, nil
}

// start returns what is written before the first transaction.
func (r *Blocks) start(n framework.BlockNumber) ([]framework.Write, error) {
	if n < starknet.BlockHashBuffer {
		return nil, nil
	}
	if n-starknet.BlockHashBuffer < r.Folder.First() {
		return nil, fmt.Errorf("the hash of block %d is needed, which is not here", n-starknet.BlockHashBuffer)
	}
	old, err := r.Folder.Read(n - starknet.BlockHashBuffer)
	if err != nil {
		return nil, err
	}
	return []framework.Write{starknet.BlockHashWrite(old.Header.Number, old.Header.Hash)}, nil
}

// netDiff returns what a diff changes in a state, without what it leaves as it was.
func netDiff(ctx context.Context, d *framework.Diff, base framework.State) (*starknet.StateDiff, error) {
	keys, old := make([]framework.Key, len(d.Writes)), make([]framework.Word, len(d.Writes))
	for i := range d.Writes {
		keys[i] = d.Writes[i].Key
	}
	if err := base.Read(ctx, keys, old); err != nil {
		return nil, err
	}
	net := &framework.Diff{}
	for i, w := range d.Writes {
		if w.Value != old[i] {
			net.Writes = append(net.Writes, w)
		}
	}
	return starknet.FromDiff(ctx, net, base)
}

// compareBlock compares commitments, root and hash of a block.
func (r *Blocks) compareBlock(
	b *gateway.Block, receipts []starknet.Receipt, diff *starknet.StateDiff, before, root framework.Root,
) (*Difference, error) {
	h := b.Header
	if err := h.Commit(b.Transactions, receipts, diff); err != nil {
		return nil, err
	}
	want := &b.Header
	for _, c := range []struct {
		what       string
		have, want felt.Felt
	}{
		{"transaction commitment", h.Transactions, want.Transactions},
		{"event commitment", h.Events, want.Events},
		{"receipt commitment", h.Receipts, want.Receipts},
		{"state diff commitment", h.StateDiff, want.StateDiff},
		{"root", felt.Felt(root), want.StateRoot},
	} {
		if c.what == "root" && r.foreign {
			continue
		}
		if !c.want.IsZero() && c.have != c.want {
			return &Difference{Block: h.Number, What: c.what, Old: hex(before), New: c.have.Hex(), Expected: c.want.Hex()}, nil
		}
	}
	h.StateRoot = want.StateRoot
	hash, err := starknet.BlockHash(&h, r.Chain)
	if err != nil || hash == want.Hash {
		return nil, err
	}
	return &Difference{Block: h.Number, What: "block hash", Old: want.Parent.Hex(), New: hash.Hex(), Expected: want.Hash.Hex()}, nil
}

// ChainOf returns the public network that a block is of: the one for which the hashes of its transactions are right.
func ChainOf(b *gateway.Block) (starknet.ChainID, error) {
	for _, chain := range []starknet.ChainID{starknet.Mainnet, starknet.Sepolia, starknet.SepoliaIntegration, starknet.Goerli, starknet.Goerli2} {
		if len(b.Transactions) > 0 && starknet.HasHash(b.Transactions[0], b.Receipts[0].TransactionHash, chain, b.Header.Number) {
			return chain, nil
		}
	}
	return starknet.ChainID{}, fmt.Errorf("block %d: no public network gives its transactions these hashes: name the network", b.Header.Number)
}
