package chain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Trial is what came of a transaction that was only tried.
type Trial struct {
	Transaction starknet.Transaction
	Hash        felt.Felt
	// Receipt has a trace.
	Receipt *starknet.Receipt
	// Refused says why no block would have it, "" if one would.
	Refused string
}

// freely is how much L2 gas a transaction may use whose bounds do not count.
const freely = 1 << 40

// Simulate tries transactions one after the other in the state after a block, and returns the header of the block that they see. Where
// mode has framework.SkipFee their resource bounds do not count: those who ask what a transaction will take mostly leave them 0.
func (c *Chain) Simulate(ctx context.Context, r Ref, list []*starknet.Input, mode framework.Mode) (*starknet.Header, []Trial, error) {
	b, err := c.context(&r)
	if err != nil {
		return nil, nil, err
	}
	env, err := starknet.DecodeEnvironment(b.Header)
	if err != nil {
		return nil, nil, err
	}
	txs := make([]framework.Tx, len(list))
	for i, in := range list {
		hash := in.Transaction.Hash(env.Chain) // of what was signed
		if mode&framework.SkipFee != 0 {
			in = &starknet.Input{Transaction: unbounded(in.Transaction), Class: in.Class}
		}
		txs[i] = in.ToTx(hash)
		txs[i].Mode = mode
	}
	trials, err := c.try(ctx, r.Number, b, txs)
	return &env.Header, trials, err
}

// unbounded returns a transaction that may use much gas.
func unbounded(t starknet.Transaction) starknet.Transaction {
	switch t := t.(type) {
	case *starknet.Invoke:
		o := *t
		o.V3.Bounds.L2Gas.MaxAmount = freely
		return &o
	case *starknet.Declare:
		o := *t
		o.V3.Bounds.L2Gas.MaxAmount = freely
		return &o
	case *starknet.DeployAccount:
		o := *t
		o.V3.Bounds.L2Gas.MaxAmount = freely
		return &o
	}
	return t
}

// try tries transactions of a block in the state after block n.
func (c *Chain) try(ctx context.Context, n framework.BlockNumber, b *framework.Block, txs []framework.Tx) ([]Trial, error) {
	traced := *b
	traced.Trace = true
	finals, err := c.parts.Sequencer().Try(ctx, n, &traced, txs...)
	if err != nil {
		return nil, noBlock(err)
	}
	if len(finals) != len(txs) {
		return nil, fmt.Errorf("%d outcomes of %d transactions", len(finals), len(txs))
	}
	trials := make([]Trial, len(finals))
	for i := range finals {
		if trials[i], err = trial(txs[i], &finals[i]); err != nil {
			return nil, err
		}
	}
	return trials, nil
}

// repeat is try for transactions that a block has, none of which it can refuse now.
func (c *Chain) repeat(ctx context.Context, n framework.BlockNumber, b *framework.Block, txs []framework.Tx) ([]Trial, error) {
	trials, err := c.try(ctx, n, b, txs)
	for i := range trials {
		if why := trials[i].Refused; why != "" {
			return nil, fmt.Errorf("transaction %d of block %d, executed again: %s", i, b.Number, why)
		}
	}
	return trials, err
}

// trial returns what came of a transaction.
func trial(tx framework.Tx, f *framework.Final) (t Trial, err error) {
	in, err := starknet.DecodeInput(tx.Body)
	if err != nil {
		return t, err
	}
	t = Trial{Transaction: in.Transaction, Hash: felt.Felt(tx.ID)}
	if f.Fault != nil {
		t.Refused, _, _ = strings.Cut(f.Fault.Error(), "\n")
		return t, nil
	}
	if t.Receipt, err = starknet.DecodeReceipt(f.Outcome.Receipt); err != nil {
		return t, err
	}
	switch {
	case f.Outcome.Status == framework.Rejected:
		t.Refused = t.Receipt.RevertReason
	case t.Receipt.Trace == nil:
		t.Receipt.Trace = new(starknet.Trace)
	}
	return t, nil
}

// Trace executes a block again and returns what came of its transactions, or ErrNoBlock if the state before it is no longer kept.
func (c *Chain) Trace(ctx context.Context, r Ref) ([]Trial, error) {
	if r.PreConfirmed {
		b, p := c.making(r)
		var txs []framework.Tx
		for i := range p.Finals {
			if p.Finals[i].Outcome.Status != framework.Rejected {
				txs = append(txs, p.Txs[i])
			}
		}
		return c.repeat(ctx, r.Number, b, txs)
	}
	if r.Number == 0 {
		return nil, nil // the genesis has no transactions
	}
	kept, err := c.ledger.Block(r.Number)
	if err != nil {
		return nil, noBlock(err)
	}
	env, err := c.Next()
	if err != nil {
		return nil, err
	}
	env.Header = kept.Header
	start, err := c.ledger.Start(ctx, r.Number)
	if err != nil {
		return nil, err
	}
	var txs []framework.Tx
	err = c.at(ctx, r.Number, func(st framework.State) error {
		txs, err = again(ctx, kept, env.Chain, st)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.repeat(ctx, r.Number-1, &framework.Block{
		Number: r.Number, Protocol: kept.Header.Protocol, Header: starknet.AppendEnvironment(nil, env), Start: start,
	}, txs)
}

// again returns the transactions of a block with what it takes to execute them. after is the state after it.
func again(ctx context.Context, b *starknet.Block, id starknet.ChainID, after framework.State) ([]framework.Tx, error) {
	txs := make([]framework.Tx, len(b.Transactions))
	for i, t := range b.Transactions {
		in := &starknet.Input{Transaction: t, PaidFee: starknet.Uint128{Lo: 1}} // nobody keeps what was paid on L1
		if d, ok := t.(*starknet.Declare); ok {
			k, err := after.Class(ctx, framework.Word(d.ClassHash))
			if err != nil {
				return nil, fmt.Errorf("transaction %d: %w", i, err)
			}
			in.Class = slices.Clone(k.Body)
		}
		txs[i] = in.ToTx(t.Hash(id))
	}
	return txs, nil
}

// TraceOf returns what came of the transaction with that hash, when it is executed again. It returns ErrNoTransaction if no block has it.
func (c *Chain) TraceOf(ctx context.Context, hash felt.Felt) (*Trial, error) {
	t, err := c.Transaction(hash)
	if err != nil {
		return nil, err
	}
	if t.Receipt == nil {
		return nil, ErrNoTrace
	}
	r := Ref{Number: framework.BlockNumber(t.Block.Number)} //nolint:gosec // it was the number of a block
	if t.Status == PreConfirmed {
		r = Ref{Number: r.Number - 1, PreConfirmed: true}
	}
	trials, err := c.Trace(ctx, r)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(trials, func(t Trial) bool { return t.Hash == hash })
	if i < 0 {
		return nil, ErrNoTrace
	}
	return &trials[i], nil
}

// ErrNoTrace says that a transaction has not been executed yet.
var ErrNoTrace = errors.New("no trace available")
