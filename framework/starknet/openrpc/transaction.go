package openrpc

import (
	"encoding/base64"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/txjson"
)

// ParseTransaction parses a transaction (TXN), and returns the hash that the text says it has: 0 if it says none.
func ParseTransaction(data []byte) (t starknet.Transaction, hash felt.Felt, err error) {
	return txjson.RPC.Parse(data)
}

// AppendTransaction appends t with its hash (TXN with transaction_hash).
func AppendTransaction(dst []byte, t starknet.Transaction, hash felt.Felt) []byte {
	w := strictjson.NewWriter(dst)
	txjson.RPC.Write(w, t, hash)
	return w.Bytes()
}

// AppendTransactionBody appends t without its hash (TXN).
func AppendTransactionBody(dst []byte, t starknet.Transaction) []byte {
	w := strictjson.NewWriter(dst)
	w.Object(func() { txjson.RPC.WriteFields(w, t) })
	return w.Bytes()
}

// Broadcast is a transaction on its way to a node.
type Broadcast struct {
	Transaction starknet.Transaction
	// Class is what a [starknet.Declare] declares; nil for other kinds. The class hash in the transaction is
	// computed from it.
	Class *class.Sierra
	// Proof supports the proof facts of a [starknet.Invoke]; nil if there is none.
	Proof []byte
}

// ParseBroadcast parses a transaction on its way to a node (BROADCASTED_TXN). Only those of version 3, with or
// without the query flag, can be sent.
func ParseBroadcast(data []byte) (*Broadcast, error) {
	r := strictjson.NewReader(data)
	b := readBroadcast(r)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return b, nil
}

// ParseBroadcasts parses a list of transactions on their way to a node.
func ParseBroadcasts(data []byte) ([]*Broadcast, error) {
	r := strictjson.NewReader(data)
	list := strictjson.Slice(r, func(b **Broadcast) { *b = readBroadcast(r) })
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return list, nil
}

func readBroadcast(r *strictjson.Reader) *Broadcast {
	b := new(Broadcast)
	readClass := func() felt.Felt {
		text := r.Raw()
		if r.Err() != nil {
			return felt.Felt{}
		}
		var err error
		if b.Class, err = class.ParseSierra(text); err != nil {
			r.Failf("%v", err)
			return felt.Felt{}
		}
		return b.Class.Hash()
	}
	b.Transaction = txjson.RPC.ReadBroadcast(r, readClass, r.Field("proof", func() {
		var err error
		if b.Proof, err = base64.StdEncoding.Strict().DecodeString(r.Text()); err != nil {
			r.Failf("%v", err)
		}
	}))
	return b
}
