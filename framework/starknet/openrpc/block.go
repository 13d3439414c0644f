package openrpc

import (
	"math"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/txjson"
)

// Block is a block with how safe it is. One that is pre-confirmed has no hash, parent, root and commitments yet.
type Block struct {
	starknet.Block
	Status Finality
}

// AppendBlockWithTxHashes appends b with the hashes of its transactions (BLOCK_WITH_TX_HASHES).
func AppendBlockWithTxHashes(dst []byte, b *Block) []byte {
	return b.append(dst, func(w *strictjson.Writer, i int) { w.Felt(b.Receipts[i].TransactionHash) })
}

// AppendBlockWithTxs appends b with its transactions (BLOCK_WITH_TXS).
func AppendBlockWithTxs(dst []byte, b *Block) []byte {
	return b.append(dst, func(w *strictjson.Writer, i int) {
		txjson.RPC.Write(w, b.Transactions[i], b.Receipts[i].TransactionHash)
	})
}

// AppendBlockWithReceipts appends b with its transactions and receipts (BLOCK_WITH_RECEIPTS).
func AppendBlockWithReceipts(dst []byte, b *Block) []byte {
	return b.append(dst, func(w *strictjson.Writer, i int) {
		w.Object(func() {
			w.ObjectField("transaction", func() { txjson.RPC.WriteFields(w, b.Transactions[i]) })
			w.Key("receipt")
			writeReceipt(w, NewReceipt(b.Transactions[i], &b.Receipts[i], b.Status, nil))
		})
	})
}

// append appends b with what tx appends for each transaction.
func (b *Block) append(dst []byte, tx func(w *strictjson.Writer, i int)) []byte {
	w := strictjson.NewWriter(dst)
	h := &b.Header
	w.Object(func() {
		if b.Status != PreConfirmed {
			w.TextField("status", string(b.Status))
		}
		writeHeader(w, h, b.Status != PreConfirmed)
		w.ArrayField("transactions", func() {
			for i := range b.Transactions {
				tx(w, i)
			}
		})
	})
	return w.Bytes()
}

// AppendHeader appends the header of a closed block (BLOCK_HEADER).
func AppendHeader(dst []byte, h *starknet.Header) []byte {
	w := strictjson.NewWriter(dst)
	w.Object(func() { writeHeader(w, h, true) })
	return w.Bytes()
}

func writeHeader(w *strictjson.Writer, h *starknet.Header, closed bool) {
	if closed {
		w.FeltField("block_hash", h.Hash)
		w.FeltField("parent_hash", h.Parent)
		w.FeltField("new_root", h.StateRoot)
		w.FeltField("transaction_commitment", h.Transactions)
		w.FeltField("event_commitment", h.Events)
		w.FeltField("receipt_commitment", h.Receipts)
		w.FeltField("state_diff_commitment", h.StateDiff)
		w.Uint64Field("transaction_count", h.TransactionCount)
		w.Uint64Field("event_count", h.EventCount)
		w.Uint64Field("state_diff_length", h.StateDiffLength)
	}
	w.Uint64Field("block_number", uint64(h.Number))
	w.Uint64Field("timestamp", h.Timestamp)
	w.FeltField("sequencer_address", h.Sequencer)
	writePrice(w, "l1_gas_price", &h.L1Gas)
	writePrice(w, "l1_data_gas_price", &h.L1DataGas)
	writePrice(w, "l2_gas_price", &h.L2Gas)
	w.TextField("l1_da_mode", h.L1DA.String())
	w.TextField("starknet_version", h.Protocol)
}

func writePrice(w *strictjson.Writer, key string, p *starknet.GasPrice) {
	w.ObjectField(key, func() {
		w.FeltField("price_in_fri", p.Fri.Felt())
		w.FeltField("price_in_wei", p.Wei.Felt())
	})
}

// ParseBlockWithReceipts parses a closed block (BLOCK_WITH_RECEIPTS).
func ParseBlockWithReceipts(data []byte) (*Block, error) {
	r := strictjson.NewReader(data)
	b := new(Block)
	fields := append(headerFields(r, &b.Header),
		r.Field("status", func() { b.Status = readFinality(r) }),
		r.Field("transactions", func() { r.Array(func(int) { readTransactionAndReceipt(r, b) }) }),
	)
	r.Object(fields...)
	if n := uint64(len(b.Transactions)); n != b.Header.TransactionCount {
		r.FailAt("transaction_count", "is %d, of %d transactions", b.Header.TransactionCount, n)
	}
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return b, nil
}

// ParseHeader parses the header of a closed block (BLOCK_HEADER).
func ParseHeader(data []byte) (*starknet.Header, error) {
	r := strictjson.NewReader(data)
	h := new(starknet.Header)
	r.Object(headerFields(r, h)...)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return h, nil
}

func readTransactionAndReceipt(r *strictjson.Reader, b *Block) {
	var t starknet.Transaction
	var hash felt.Felt
	var c Receipt
	r.Object(
		r.Field("transaction", func() { t, hash = txjson.RPC.Read(r) }),
		r.Field("receipt", func() { readReceipt(r, &c, false) }),
	)
	if r.Err() != nil {
		return
	}
	if c.Kind != t.Kind() || !hash.IsZero() && hash != c.TransactionHash {
		r.FailAt("receipt", "of another transaction")
	}
	b.Transactions, b.Receipts = append(b.Transactions, t), append(b.Receipts, c.Receipt)
}

func headerFields(r *strictjson.Reader, h *starknet.Header) []strictjson.Field {
	return []strictjson.Field{
		r.FeltField("block_hash", &h.Hash),
		r.FeltField("parent_hash", &h.Parent),
		r.FeltField("new_root", &h.StateRoot),
		r.FeltField("transaction_commitment", &h.Transactions),
		r.FeltField("event_commitment", &h.Events),
		r.FeltField("receipt_commitment", &h.Receipts),
		r.FeltField("state_diff_commitment", &h.StateDiff),
		r.Uint64Field("transaction_count", &h.TransactionCount),
		r.Uint64Field("event_count", &h.EventCount),
		r.Uint64Field("state_diff_length", &h.StateDiffLength),
		r.Field("block_number", func() {
			n := r.Uint64()
			if n > math.MaxInt64 {
				r.Failf("%d is no block number", n)
			}
			h.Number = framework.BlockNumber(n & math.MaxInt64)
		}),
		r.Uint64Field("timestamp", &h.Timestamp),
		r.FeltField("sequencer_address", &h.Sequencer),
		r.Field("l1_gas_price", func() { readPrice(r, &h.L1Gas) }),
		r.Field("l1_data_gas_price", func() { readPrice(r, &h.L1DataGas) }),
		r.Field("l2_gas_price", func() { readPrice(r, &h.L2Gas) }),
		r.Field("l1_da_mode", func() { h.L1DA = readL1DAMode(r) }),
		r.TextField("starknet_version", &h.Protocol),
	}
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
		r.Field("price_in_fri", func() { readUint128(r, &p.Fri) }),
		r.Field("price_in_wei", func() { readUint128(r, &p.Wei) }),
	)
}
