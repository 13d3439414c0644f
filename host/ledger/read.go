package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Transaction is a transaction of a complete block.
type Transaction struct {
	Block       framework.BlockNumber
	BlockHash   felt.Felt
	Index       int
	Transaction starknet.Transaction
	Receipt     *starknet.Receipt
}

// Head returns the number and the hash of the last complete block. It reports false if there is none.
func (l *Ledger) Head() (n framework.BlockNumber, hash felt.Felt, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.head, l.hash, l.head != framework.AtEmpty
}

// has returns ErrNotFound unless block n is complete.
func (l *Ledger) has(n framework.BlockNumber) error {
	if head, _, _ := l.Head(); n < 0 || n > head {
		return fmt.Errorf("block %d: %w", n, ErrNotFound)
	}
	return nil
}

// record returns what is kept of block n.
func (l *Ledger) record(n framework.BlockNumber) (*record, error) {
	text, err := l.get(blockKey(spaceBlock, n))
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", n, err)
	}
	r, err := decodeRecord(text)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", n, err)
	}
	return r, nil
}

// Header returns the header of the complete block n, or ErrNotFound.
func (l *Ledger) Header(n framework.BlockNumber) (*starknet.Header, error) {
	if err := l.has(n); err != nil {
		return nil, err
	}
	r, err := l.record(n)
	if err != nil {
		return nil, err
	}
	return r.header, nil
}

// Block returns the complete block n, or ErrNotFound.
func (l *Ledger) Block(n framework.BlockNumber) (*starknet.Block, error) {
	h, err := l.Header(n)
	if err != nil {
		return nil, err
	}
	b := &starknet.Block{Header: *h}
	for i := range int(h.TransactionCount) { //nolint:gosec // as many as were written
		t, r, err := l.entry(place{n, i})
		if err != nil {
			return nil, err
		}
		b.Transactions, b.Receipts = append(b.Transactions, t), append(b.Receipts, *r)
	}
	return b, nil
}

// entry returns a transaction and its receipt.
func (l *Ledger) entry(p place) (starknet.Transaction, *starknet.Receipt, error) {
	text, err := l.get(txKey(p.block, p.index))
	if err != nil {
		return nil, nil, fmt.Errorf("transaction %d of block %d: %w", p.index, p.block, err)
	}
	t, r, err := decodeEntry(text)
	if err != nil {
		return nil, nil, fmt.Errorf("transaction %d of block %d: %w", p.index, p.block, err)
	}
	return t, r, nil
}

// Diff returns what the complete block n changes in the state, or ErrNotFound.
func (l *Ledger) Diff(n framework.BlockNumber) (*starknet.StateDiff, error) {
	if err := l.has(n); err != nil {
		return nil, err
	}
	return l.diff(n)
}

// CheckGenesis returns an error that wraps ErrGenesis unless block 0 makes this state.
func (l *Ledger) CheckGenesis(want *framework.Diff) error {
	kept, err := l.Diff(0)
	if err != nil {
		return err
	}
	have, err := kept.Diff()
	if err != nil {
		return fmt.Errorf("diff of block 0: %w: %w", ErrDamaged, err)
	}
	if !slices.Equal(have.Writes, want.Writes) {
		return fmt.Errorf("ledger %s: %w", l.options.Path, ErrGenesis)
	}
	return nil
}

func (l *Ledger) diff(n framework.BlockNumber) (*starknet.StateDiff, error) {
	text, err := l.get(blockKey(spaceDiff, n))
	if err != nil {
		return nil, fmt.Errorf("diff of block %d: %w", n, err)
	}
	d, err := starknet.DecodeStateDiff(text)
	if err != nil {
		return nil, fmt.Errorf("diff of block %d: %w: %w", n, ErrDamaged, err)
	}
	return d, nil
}

// Number returns the number of the complete block with that hash, or ErrNotFound.
func (l *Ledger) Number(hash felt.Felt) (framework.BlockNumber, error) {
	text, err := l.get(hashKey(spaceHash, hash))
	if err != nil {
		return 0, fmt.Errorf("block %v: %w", hash, err)
	}
	if len(text) != 8 || text[0]&0x80 != 0 {
		return 0, fmt.Errorf("number of block %v: %w", hash, ErrDamaged)
	}
	n := framework.BlockNumber(binary.BigEndian.Uint64(text)) //nolint:gosec // the highest bit is not set
	return n, l.has(n)
}

// Find returns where the transaction of that hash is, if it is in a complete block, or ErrNotFound.
func (l *Ledger) Find(hash felt.Felt) (n framework.BlockNumber, index int, err error) {
	text, err := l.get(hashKey(spaceTxHash, hash))
	if err != nil {
		return 0, 0, fmt.Errorf("transaction %v: %w", hash, err)
	}
	p, err := decodePlace(text)
	if err != nil {
		return 0, 0, fmt.Errorf("transaction %v: %w", hash, err)
	}
	return p.block, p.index, l.has(p.block)
}

// Transaction returns a transaction of the complete block n, or ErrNotFound.
func (l *Ledger) Transaction(n framework.BlockNumber, index int) (*Transaction, error) {
	h, err := l.Header(n)
	if err != nil {
		return nil, err
	}
	if index < 0 || uint64(index) >= h.TransactionCount {
		return nil, fmt.Errorf("transaction %d of block %d: %w", index, n, ErrNotFound)
	}
	t, r, err := l.entry(place{n, index})
	if err != nil {
		return nil, err
	}
	return &Transaction{Block: n, BlockHash: h.Hash, Index: index, Transaction: t, Receipt: r}, nil
}

// Start implements [sequencer.Journal]: a block writes the hash of the block ten below it, which must be complete. The first
// ten blocks write nothing.
func (l *Ledger) Start(_ context.Context, n framework.BlockNumber) ([]framework.Write, error) {
	if n < starknet.BlockHashBuffer {
		return nil, nil
	}
	h, err := l.Header(n - starknet.BlockHashBuffer)
	if err != nil {
		return nil, fmt.Errorf("hash for block %d: %w", n, err)
	}
	return []framework.Write{starknet.BlockHashWrite(h.Number, h.Hash)}, nil
}
