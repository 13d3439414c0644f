package chain

import (
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/ledger"
)

// ErrNoTransaction says that there is no such transaction.
var ErrNoTransaction = errors.New("transaction not found")

// Status is how far a transaction has come, by the names of JSON-RPC.
type Status string

// The values of Status.
const (
	Received     Status = "RECEIVED"      // it waits
	Candidate    Status = "CANDIDATE"     // it is being executed
	PreConfirmed Status = "PRE_CONFIRMED" // it is in the block that is being made, or sealed
	AcceptedOnL2 Status = "ACCEPTED_ON_L2"
)

// Transaction is what is known of a transaction. One that was not executed yet has neither block nor receipt.
type Transaction struct {
	Status      Status
	Transaction starknet.Transaction
	Receipt     *starknet.Receipt
	Block       openrpc.BlockRef
}

// Transaction returns what is known of a transaction, or ErrNoTransaction: nothing is kept of those that were left out.
func (c *Chain) Transaction(hash felt.Felt) (*Transaction, error) {
	// A transaction moves from the mempool to the preview to the ledger, so it is looked for the other way last.
	for _, look := range []func(felt.Felt) (*Transaction, error){c.waiting, c.preconfirmed, c.accepted} {
		t, err := look(hash)
		if t != nil || err != nil {
			return t, err
		}
	}
	return nil, ErrNoTransaction
}

// Included implements [mempool.Chain].
func (c *Chain) Included(hash felt.Felt) (bool, error) {
	for _, look := range []func(felt.Felt) (*Transaction, error){c.preconfirmed, c.accepted} {
		if t, err := look(hash); t != nil || err != nil {
			return t != nil, err
		}
	}
	return false, nil
}

// waiting looks into the mempool: for what is executed by now it returns nil.
func (c *Chain) waiting(hash felt.Felt) (*Transaction, error) {
	var body []byte
	tx, handed := c.pool.Find(hash)
	if tx != nil {
		body = tx.Body
	} else {
		message, out, ok := c.pool.Message(hash)
		if !ok {
			return nil, nil
		}
		body, handed = message.Body, out
	}
	status := Received
	if handed {
		status = Candidate
		for _, look := range []func(felt.Felt) (*Transaction, error){c.preconfirmed, c.accepted} {
			if t, err := look(hash); t != nil || err != nil {
				return t, err
			}
		}
	}
	in, err := starknet.DecodeInput(body)
	if err != nil {
		return nil, err
	}
	return &Transaction{Status: status, Transaction: in.Transaction}, nil
}

// preconfirmed looks into the blocks that are not sealed yet.
func (c *Chain) preconfirmed(hash felt.Felt) (*Transaction, error) {
	for _, b := range c.preview.Blocks() {
		for i := range b.Finals {
			if felt.Felt(b.Txs[i].ID) != hash || b.Finals[i].Outcome.Status == framework.Rejected {
				continue
			}
			t, r, err := decode(b, i)
			if err != nil {
				return nil, err
			}
			return &Transaction{PreConfirmed, t, r, openrpc.BlockRef{Number: uint64(b.Number)}}, nil //nolint:gosec // not negative
		}
	}
	return nil, nil
}

// accepted looks into the ledger.
func (c *Chain) accepted(hash felt.Felt) (*Transaction, error) {
	n, i, err := c.ledger.Find(hash)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t, err := c.ledger.Transaction(n, i)
	if err != nil {
		return nil, err
	}
	return &Transaction{AcceptedOnL2, t.Transaction, t.Receipt, openrpc.BlockRef{Number: uint64(n), Hash: t.BlockHash}}, nil //nolint:gosec // not negative
}
