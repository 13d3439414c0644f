package chain

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// at calls f with the state after block n.
func (c *Chain) at(ctx context.Context, n framework.BlockNumber, f func(framework.State) error) error {
	st, err := c.parts.Sequencer().Store.At(ctx, n)
	if err != nil {
		return noBlock(fmt.Errorf("state after block %d: %w", n, err))
	}
	return errors.Join(f(st), st.Close())
}

// Tip returns the last complete block and the state after it, which the caller closes.
func (c *Chain) Tip(ctx context.Context) (framework.BlockNumber, framework.State, error) {
	r, err := c.Latest()
	if err != nil {
		return 0, nil, err
	}
	st, err := c.parts.Sequencer().Store.At(ctx, r.Number)
	return r.Number, st, err
}

// Cells fills out with the values of cells in the state after a block: as far as its outcomes are final if it is being made.
func (c *Chain) Cells(ctx context.Context, r Ref, keys []framework.Key, out []framework.Word) error {
	has := make([]bool, len(keys))
	if r.PreConfirmed {
		if b := c.preview.Cells(keys, out, has); b != nil {
			r.Number = b.Number - 1
		}
	}
	var missing []framework.Key
	for i, k := range keys {
		if !has[i] {
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	values := make([]framework.Word, len(missing))
	if err := c.at(ctx, r.Number, func(st framework.State) error { return st.Read(ctx, missing, values) }); err != nil {
		return err
	}
	for i := range keys {
		if !has[i] {
			out[i], values = values[0], values[1:]
		}
	}
	return nil
}

// Class returns a class that was declared up to a block, or framework.ErrNoClass. Those that the block that is being made
// declares are not among them.
func (c *Chain) Class(ctx context.Context, r Ref, hash felt.Felt) (k class.Class, err error) {
	err = c.at(ctx, r.Number, func(st framework.State) error {
		found, err := st.Class(ctx, framework.Word(hash))
		if err != nil {
			return err
		}
		k, err = class.Decode(found.Body)
		return err
	})
	return k, err
}

// Read implements [mempool.Chain]: after the last complete block.
func (c *Chain) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	r, err := c.Latest()
	if err != nil {
		return err
	}
	return c.Cells(ctx, r, keys, out)
}

// Next implements [mempool.Chain].
func (c *Chain) Next() (*starknet.Environment, error) {
	n, _, _ := c.ledger.Head()
	return starknet.DecodeEnvironment(c.opener.Open(n + 1).Header)
}

// Try implements [mempool.Chain].
func (c *Chain) Try(ctx context.Context, tx framework.Tx) (*framework.Final, error) {
	r, err := c.Latest()
	if err != nil {
		return nil, err
	}
	b := c.opener.Open(r.Number + 1)
	b.Trace = true
	return one(c.parts.Sequencer().Try(ctx, r.Number, b, tx))
}

// one returns the only outcome.
func one(finals []framework.Final, err error) (*framework.Final, error) {
	switch {
	case err != nil:
		return nil, err
	case len(finals) != 1:
		return nil, fmt.Errorf("%d outcomes of one transaction", len(finals))
	}
	return &finals[0], nil
}

// Call is what a call has come to.
type Call struct {
	// Result is what it returned, or panicked with.
	Result []felt.Felt
	// Reason is why it failed, "" if it did not.
	Reason string
	// NoContract and NoEntry say that what is called is not there.
	NoContract, NoEntry bool
}

// noEntry is what a call of an entry point that is not there panics with.
var noEntry = felt.MustShortString("ENTRYPOINT_NOT_FOUND")

// Call calls an entry point in the state after a block.
func (c *Chain) Call(ctx context.Context, r Ref, contract, selector felt.Felt, calldata []felt.Felt) (*Call, error) {
	var deployed [1]framework.Word
	if err := c.Cells(ctx, r, []framework.Key{starknet.ClassHashKey(contract)}, deployed[:]); err != nil {
		return nil, err
	}
	if deployed[0] == (framework.Word{}) {
		return &Call{NoContract: true, Reason: "there is no contract at " + contract.Hex()}, nil
	}
	b, err := c.context(&r)
	if err != nil {
		return nil, err
	}
	in := &starknet.Input{Transaction: &starknet.Invoke{Sender: contract, Selector: selector, Calldata: calldata}}
	tx := in.ToTx(felt.Felt{})
	tx.Mode = framework.Call
	f, err := one(c.parts.Sequencer().Try(ctx, r.Number, b, tx))
	if err != nil {
		return nil, noBlock(err)
	}
	if f.Fault != nil {
		return &Call{Reason: f.Fault.Error()}, nil
	}
	receipt, err := starknet.DecodeReceipt(f.Outcome.Receipt)
	if err != nil {
		return nil, err
	}
	out := &Call{Reason: receipt.RevertReason}
	if receipt.Trace != nil && receipt.Trace.Execute != nil {
		out.Result = receipt.Trace.Execute.Result
	}
	switch {
	case f.Outcome.Status == framework.Succeeded:
		out.Reason = ""
	case out.Reason == "":
		out.Reason = "the call failed"
	}
	out.NoEntry = out.Reason != "" && len(out.Result) == 1 && out.Result[0] == noEntry
	return out, nil
}

// context returns the block whose values a call after block r sees.
func (c *Chain) context(r *Ref) (*framework.Block, error) {
	if r.PreConfirmed {
		if b, writes := c.preview.Writes(); b != nil {
			open := *b
			open.Start, r.Number = writes, b.Number-1
			return &open, nil
		}
		return c.opener.Open(r.Number + 1), nil
	}
	h, err := c.ledger.Header(r.Number)
	if err != nil {
		return nil, noBlock(err)
	}
	env, err := c.Next()
	if err != nil {
		return nil, err
	}
	env.Header = *h
	env.Header.Commitments = starknet.Commitments{}
	return &framework.Block{Number: h.Number, Protocol: h.Protocol, Header: starknet.AppendEnvironment(nil, env)}, nil
}
