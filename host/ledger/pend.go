package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Pend implements [sequencer.Journal]. The header of the block is a [starknet.Environment], the bodies are [starknet.Input]s
// and the receipts [starknet.Receipt]s.
func (l *Ledger) Pend(ctx context.Context, b *sequencer.Block, before framework.State) (err error) {
	l.mu.RLock()
	head, parent, pending := l.head, l.hash, l.pending
	l.mu.RUnlock()
	if pending != nil || b.Number != head+1 {
		return fmt.Errorf("ledger: block %d: %w: the last one is %d", b.Number, framework.ErrOutOfOrder, head)
	}
	env, err := starknet.DecodeEnvironment(b.Header)
	if err != nil {
		return fmt.Errorf("ledger: header of block %d: %w", b.Number, err)
	}
	if env.Chain != l.options.Chain || env.Header.Number != b.Number {
		return fmt.Errorf("ledger: block %d of %v: %w", env.Header.Number, env.Chain, ErrChain)
	}
	body, err := included(b)
	if err != nil {
		return fmt.Errorf("ledger: block %d: %w", b.Number, err)
	}
	diff, err := starknet.FromDiff(ctx, &b.Diff, before)
	if err != nil {
		return fmt.Errorf("ledger: diff of block %d: %w", b.Number, err)
	}
	body.Header = env.Header
	body.Header.Parent = parent
	if err := body.Header.Commit(body.Transactions, body.Receipts, diff); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	rec := &record{header: &body.Header}
	if err := l.write(body, rec, diff, b.Diff.Classes); err != nil {
		return err
	}
	l.mu.Lock()
	l.pending = rec
	l.mu.Unlock()
	return nil
}

// included returns what a block contains: the transactions that were not rejected, and their receipts.
func included(b *sequencer.Block) (*starknet.Block, error) {
	out := new(starknet.Block)
	if len(b.Txs) != len(b.Finals) {
		return nil, fmt.Errorf("%d outcomes of %d transactions", len(b.Finals), len(b.Txs))
	}
	for i := range b.Finals {
		if b.Finals[i].Outcome.Status == framework.Rejected {
			continue
		}
		in, err := starknet.DecodeInput(b.Txs[i].Body)
		if err != nil {
			return nil, fmt.Errorf("transaction %d: %w", i, err)
		}
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			return nil, fmt.Errorf("receipt of transaction %d: %w", i, err)
		}
		out.Transactions, out.Receipts = append(out.Transactions, in.Transaction), append(out.Receipts, *r)
	}
	return out, nil
}

// write makes a pending block lasting.
func (l *Ledger) write(b *starknet.Block, rec *record, diff *starknet.StateDiff, classes []framework.Class) (err error) {
	n := b.Header.Number
	batch := l.db.NewBatch()
	defer func() { err = errors.Join(err, batch.Close()) }()
	set := func(key, value []byte) {
		if err == nil {
			err = batch.Set(key, value, nil)
		}
	}
	for i, t := range b.Transactions {
		r := &b.Receipts[i]
		set(txKey(n, i), appendEntry(nil, t, r))
		set(hashKey(spaceTxHash, r.TransactionHash), txKey(n, i)[1:])
	}
	set(blockKey(spaceDiff, n), starknet.AppendStateDiff(nil, diff))
	if len(classes) > 0 {
		set(blockKey(spaceClasses, n), appendClasses(nil, classes))
	}
	set(blockKey(spaceBlock, n), rec.append(nil))
	if err == nil {
		err = l.guard(func() error { return batch.Commit(pebble.Sync) })
	}
	if err != nil {
		return fmt.Errorf("ledger: write block %d: %w", n, err)
	}
	return nil
}

// Complete implements [sequencer.Journal]. What it writes is lasting at the latest with the next block; if it is lost in a
// crash, it is made again from the pending block and the store.
func (l *Ledger) Complete(_ context.Context, n framework.BlockNumber, root framework.Root) (err error) {
	l.mu.RLock()
	pending := l.pending
	l.mu.RUnlock()
	if pending == nil || pending.header.Number != n {
		return fmt.Errorf("ledger: complete block %d: %w", n, framework.ErrOutOfOrder)
	}
	h := *pending.header
	h.StateRoot.SetWords(root) // that of a store without tries may be no felt
	if h.Hash, err = starknet.BlockHash(&h, l.options.Chain); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	batch := l.db.NewBatch()
	defer func() { err = errors.Join(err, batch.Close()) }()
	err = errors.Join(
		batch.Set(blockKey(spaceBlock, n), (&record{sealed: true, root: root, header: &h}).append(nil), nil),
		batch.Set(hashKey(spaceHash, h.Hash), blockKey(spaceBlock, n)[1:], nil),
		batch.Delete(blockKey(spaceClasses, n), nil),
	)
	if err == nil {
		err = l.guard(func() error { return batch.Commit(pebble.NoSync) })
	}
	if err != nil {
		return fmt.Errorf("ledger: complete block %d: %w", n, err)
	}
	l.mu.Lock()
	l.head, l.hash, l.pending = n, h.Hash, nil
	l.mu.Unlock()
	return nil
}

// Last implements [sequencer.Journal].
func (l *Ledger) Last(context.Context) (*sequencer.Kept, error) {
	l.mu.RLock()
	head, pending := l.head, l.pending
	l.mu.RUnlock()
	if pending == nil {
		if head == framework.AtEmpty {
			return &sequencer.Kept{Number: head}, nil
		}
		r, err := l.record(head)
		if err != nil {
			return nil, err
		}
		return &sequencer.Kept{Number: head, Root: r.root}, nil
	}
	n := pending.header.Number
	diff, err := l.diff(n)
	if err != nil {
		return nil, err
	}
	d, err := diff.Diff()
	if err != nil {
		return nil, fmt.Errorf("diff of block %d: %w: %w", n, ErrDamaged, err)
	}
	switch text, err := l.get(blockKey(spaceClasses, n)); {
	case err == nil:
		if d.Classes, err = decodeClasses(text); err != nil {
			return nil, fmt.Errorf("classes of block %d: %w", n, err)
		}
	case !errors.Is(err, ErrNotFound):
		return nil, err
	}
	return &sequencer.Kept{Number: n, Pending: true, Protocol: pending.header.Protocol, Diff: d}, nil
}
