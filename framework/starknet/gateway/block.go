package gateway

import (
	"math"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/txjson"
)

// ParseTransaction parses a transaction, and returns the hash that the text says it has: 0 if it says none.
func ParseTransaction(data []byte) (t starknet.Transaction, hash felt.Felt, err error) {
	return txjson.Gateway.Parse(data)
}

// Block is a closed block as the feeder gateway gives it.
type Block struct {
	starknet.Block
	Status string // ACCEPTED_ON_L1, ACCEPTED_ON_L2, ...
}

// ParseBlock parses a closed block. The counts of transactions and events in its header are those of its lists.
func ParseBlock(data []byte) (*Block, error) {
	r := strictjson.NewReader(data)
	var b Block
	readBlock(r, &b)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &b, nil
}

// Recording is a block with the update of the state that it makes.
type Recording struct {
	Block       Block
	StateUpdate StateUpdate
}

// ParseRecording parses a block together with its state update: {"block": .., "state_update": ..}.
func ParseRecording(data []byte) (*Recording, error) {
	r := strictjson.NewReader(data)
	var c Recording
	r.Object(
		r.Field("block", func() { readBlock(r, &c.Block) }),
		r.Field("state_update", func() { readStateUpdate(r, &c.StateUpdate) }),
	)
	if r.Err() == nil && c.Block.Header.Hash != c.StateUpdate.BlockHash {
		r.FailAt("state_update", "of another block")
	}
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &c, nil
}

func readBlock(r *strictjson.Reader, b *Block) {
	h := &b.Header
	var hashes []felt.Felt
	r.Object(
		r.FeltField("block_hash", &h.Hash),
		r.FeltField("parent_block_hash", &h.Parent),
		r.Field("block_number", func() { h.Number = readNumber(r) }),
		strictjson.Alias(r.FeltField("state_root", &h.StateRoot), "state_commitment"),
		r.Uint64Field("timestamp", &h.Timestamp),
		r.TextField("status", &b.Status),
		r.Field("transactions", func() { b.Transactions, hashes = readTransactions(r) }),
		r.Field("transaction_receipts", func() {
			r.Array(func(i int) {
				var c starknet.Receipt
				readReceipt(r, &c, uint64(i))
				b.Receipts = append(b.Receipts, c)
			})
		}),

		r.OrNull(r.FeltField("sequencer_address", &h.Sequencer)),         // from 0.8.2
		r.OrNull(r.TextField("starknet_version", &h.Protocol)),           // from 0.9.1
		r.OrNull(r.FeltField("transaction_commitment", &h.Transactions)), // from 0.13.1, as the next ones
		r.OrNull(r.FeltField("event_commitment", &h.Events)),
		r.OrNull(r.Field("l1_da_mode", func() { h.L1DA = readL1DAMode(r) })),
		r.OrNull(r.Field("l1_gas_price", func() { readPrice(r, &h.L1Gas) })),
		r.OrNull(r.Field("l1_data_gas_price", func() { readPrice(r, &h.L1DataGas) })),
		r.OrNull(r.FeltField("receipt_commitment", &h.Receipts)), // from 0.13.2, as the next ones
		r.OrNull(r.FeltField("state_diff_commitment", &h.StateDiff)),
		r.OrNull(r.Uint64Field("state_diff_length", &h.StateDiffLength)),
		r.OrNull(r.Field("l2_gas_price", func() { readPrice(r, &h.L2Gas) })), // from 0.13.4
		// The names of prices at 0.12 and 0.13.0.
		r.OrNull(strictjson.Alias(r.Field("eth_l1_gas_price", func() { readUint128(r, &h.L1Gas.Wei) }), "gas_price")),
		r.OrNull(r.Field("strk_l1_gas_price", func() { readUint128(r, &h.L1Gas.Fri) })),
	)
	matchReceipts(r, b, hashes)
}

// matchReceipts checks that b has one receipt for each transaction, and sets the counts of its header.
func matchReceipts(r *strictjson.Reader, b *Block, hashes []felt.Felt) {
	if len(b.Receipts) != len(hashes) {
		r.FailAt("transaction_receipts", "%d of them for %d transactions", len(b.Receipts), len(hashes))
		return
	}
	b.Header.TransactionCount = uint64(len(hashes))
	for i := range hashes {
		if b.Receipts[i].TransactionHash != hashes[i] {
			r.FailAt("transaction_receipts", "number %d is not of transaction %v", i, hashes[i])
			return
		}
		b.Header.EventCount += uint64(len(b.Receipts[i].Events))
	}
}

func readNumber(r *strictjson.Reader) framework.BlockNumber {
	n := r.Uint64()
	if n > math.MaxInt64 {
		r.Failf("%d is no block number", n)
		return 0
	}
	return framework.BlockNumber(n)
}

func readTransactions(r *strictjson.Reader) (txs []starknet.Transaction, hashes []felt.Felt) {
	r.Array(func(int) {
		t, hash := txjson.Gateway.Read(r)
		txs, hashes = append(txs, t), append(hashes, hash)
	})
	return txs, hashes
}

func readL1DAMode(r *strictjson.Reader) starknet.L1DAMode {
	switch s := r.Text(); s {
	case "CALLDATA":
		return starknet.Calldata
	case "BLOB":
		return starknet.Blob
	default:
		r.Failf("unknown mode %q", s)
		return 0
	}
}

func readPrice(r *strictjson.Reader, p *starknet.GasPrice) {
	r.Object(
		r.Field("price_in_wei", func() { readUint128(r, &p.Wei) }),
		r.Field("price_in_fri", func() { readUint128(r, &p.Fri) }),
	)
}

func readUint128(r *strictjson.Reader, v *starknet.Uint128) { v.Hi, v.Lo = r.HexUint128() }
