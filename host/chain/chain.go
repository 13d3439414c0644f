// Package chain answers what people ask of a chain: what its blocks and its state hold, what has become of a transaction, and
// what a call would return. It puts together what the ledger, the store, the block that is being made and the mempool know.
package chain

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/ledger"
	"github.com/switchyard-dev/switchyard/host/mempool"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// ErrNoBlock says that there is no such block, or that its state is no longer kept.
var ErrNoBlock = errors.New("block not found")

// Chain is a chain that a sequencer makes. It is safe for concurrent use.
type Chain struct {
	ledger  *ledger.Ledger
	preview *sequencer.Preview
	pool    *mempool.Pool
	parts   sequencer.Parts
	opener  mempool.Opener
}

var _ mempool.Chain = (*Chain)(nil)

// New returns the chain of a ledger. Its calls are executed by the parts, which must run by then.
func New(l *ledger.Ledger, p *sequencer.Preview, pool *mempool.Pool, parts sequencer.Parts, o mempool.Opener) *Chain {
	return &Chain{ledger: l, preview: p, pool: pool, parts: parts, opener: o}
}

// ID returns the name of the chain.
func (c *Chain) ID() starknet.ChainID { return c.ledger.Chain() }

// Ref names a block that is there: a complete one, or the one that is being made.
type Ref struct {
	Number framework.BlockNumber
	// PreConfirmed says that the block is being made: the number is that of the block before it, in whose state it began.
	PreConfirmed bool
}

// Latest returns the last complete block.
func (c *Chain) Latest() (Ref, error) {
	n, _, ok := c.ledger.Head()
	if !ok {
		return Ref{}, ErrNoBlock
	}
	return Ref{Number: n}, nil
}

// PreConfirmed returns the block that is being made. If there is none, it is an empty one on top of the last.
func (c *Chain) PreConfirmed() (Ref, error) {
	if blocks := c.preview.Blocks(); len(blocks) > 0 {
		return Ref{Number: blocks[len(blocks)-1].Number - 1, PreConfirmed: true}, nil
	}
	r, err := c.Latest()
	r.PreConfirmed = true
	return r, err
}

// Number returns the complete block with that number.
func (c *Chain) Number(n framework.BlockNumber) (Ref, error) {
	latest, err := c.Latest()
	if err != nil || n < 0 || n > latest.Number {
		return Ref{}, ErrNoBlock
	}
	return Ref{Number: n}, nil
}

// Hash returns the complete block with that hash.
func (c *Chain) Hash(hash felt.Felt) (Ref, error) {
	n, err := c.ledger.Number(hash)
	return Ref{Number: n}, noBlock(err)
}

// noBlock makes an ErrNoBlock of what the ledger says.
func noBlock(err error) error {
	if errors.Is(err, ledger.ErrNotFound) || errors.Is(err, framework.ErrNoBlock) {
		return fmt.Errorf("%w: %w", ErrNoBlock, err)
	}
	return err
}

// Header returns the header of a block. That of one that is being made has no hash, root and commitments.
func (c *Chain) Header(r Ref) (*starknet.Header, error) {
	if !r.PreConfirmed {
		h, err := c.ledger.Header(r.Number)
		return h, noBlock(err)
	}
	b, _ := c.making(r)
	env, err := starknet.DecodeEnvironment(b.Header)
	if err != nil {
		return nil, err
	}
	return &env.Header, nil
}

// making returns the block that is being made on top of a state, empty if it is not begun.
func (c *Chain) making(r Ref) (*framework.Block, *sequencer.Previewed) {
	for _, b := range c.preview.Blocks() {
		if b.Number == r.Number+1 {
			return b.Block, b
		}
	}
	b := c.opener.Open(r.Number + 1)
	return b, &sequencer.Previewed{Block: b}
}

// Block returns a block with its transactions and receipts.
func (c *Chain) Block(r Ref) (*openrpc.Block, error) {
	if !r.PreConfirmed {
		b, err := c.ledger.Block(r.Number)
		if err != nil {
			return nil, noBlock(err)
		}
		return &openrpc.Block{Block: *b, Status: openrpc.AcceptedOnL2}, nil
	}
	_, p := c.making(r)
	env, err := starknet.DecodeEnvironment(p.Header)
	if err != nil {
		return nil, err
	}
	b := &openrpc.Block{Block: starknet.Block{Header: env.Header}, Status: openrpc.PreConfirmed}
	for i := range p.Finals {
		if p.Finals[i].Outcome.Status == framework.Rejected {
			continue
		}
		t, receipt, err := decode(p, i)
		if err != nil {
			return nil, err
		}
		b.Transactions, b.Receipts = append(b.Transactions, t), append(b.Receipts, *receipt)
	}
	return b, nil
}

// decode returns a transaction of a block that is being made, and its receipt.
func decode(p *sequencer.Previewed, i int) (starknet.Transaction, *starknet.Receipt, error) {
	in, err := starknet.DecodeInput(p.Txs[i].Body)
	if err != nil {
		return nil, nil, fmt.Errorf("transaction %d of block %d: %w", i, p.Number, err)
	}
	r, err := starknet.DecodeReceipt(p.Finals[i].Outcome.Receipt)
	if err != nil {
		return nil, nil, fmt.Errorf("receipt %d of block %d: %w", i, p.Number, err)
	}
	return in.Transaction, r, nil
}

// Update returns what a block changes. That of a block that is being made has no hash and no new root.
func (c *Chain) Update(ctx context.Context, r Ref) (*openrpc.StateUpdate, error) {
	u := new(openrpc.StateUpdate)
	before := r.Number - 1
	if r.PreConfirmed {
		before = r.Number
	}
	if before >= 0 {
		h, err := c.ledger.Header(before)
		switch {
		case r.PreConfirmed && errors.Is(err, ledger.ErrNotFound): // it is being sealed: its root is not known
		case err != nil:
			return nil, noBlock(err)
		default:
			u.OldRoot = h.StateRoot
		}
	}
	if r.PreConfirmed {
		return u, c.pendingDiff(ctx, r, &u.Diff)
	}
	h, err := c.ledger.Header(r.Number)
	if err != nil {
		return nil, noBlock(err)
	}
	d, err := c.ledger.Diff(r.Number)
	if err != nil {
		return nil, noBlock(err)
	}
	u.BlockHash, u.NewRoot, u.Diff = h.Hash, h.StateRoot, *d
	return u, nil
}

// pendingDiff fills in what the block that is being made has changed so far.
func (c *Chain) pendingDiff(ctx context.Context, r Ref, d *starknet.StateDiff) error {
	b, writes := c.preview.Writes()
	if b == nil || b.Number != r.Number+1 {
		return nil
	}
	return c.at(ctx, r.Number, func(st framework.State) error {
		net, err := changes(ctx, writes, st)
		if err != nil {
			return err
		}
		diff, err := starknet.FromDiff(ctx, &framework.Diff{Writes: net}, st)
		if err == nil {
			*d = *diff
		}
		return err
	})
}

// changes returns those of the writes that change a state.
func changes(ctx context.Context, writes []framework.Write, st framework.State) ([]framework.Write, error) {
	keys, old := make([]framework.Key, len(writes)), make([]framework.Word, len(writes))
	for i := range writes {
		keys[i] = writes[i].Key
	}
	if err := st.Read(ctx, keys, old); err != nil {
		return nil, err
	}
	var net []framework.Write
	for i, w := range writes {
		if w.Value != old[i] {
			net = append(net, w)
		}
	}
	return net, nil
}
