package openrpc_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/internal/rpcspec"
)

func TestSpecification(t *testing.T) {
	s := rpcspec.Load(t)
	conforms := func(what, schema string, text []byte) {
		t.Helper()
		if err := s.Check(schema, text); err != nil {
			t.Errorf("%s: %v\n%.300s", what, err, text)
		}
	}
	if s.Check("FELT", []byte(`"0x01"`)) == nil || s.Check("EVENT", []byte(`{"from_address": "0x1"}`)) == nil {
		t.Fatal("the check finds nothing")
	}
	for name, real := range realBlocks(t) {
		b := &openrpc.Block{Block: real.Block, Status: openrpc.AcceptedOnL1}
		conforms(name, "BLOCK_WITH_TX_HASHES", openrpc.AppendBlockWithTxHashes(nil, b))
		conforms(name, "BLOCK_WITH_TXS", openrpc.AppendBlockWithTxs(nil, b))
		conforms(name, "BLOCK_WITH_RECEIPTS", openrpc.AppendBlockWithReceipts(nil, b))
		conforms(name, "BLOCK_HEADER", openrpc.AppendHeader(nil, &b.Header))
		for i, tx := range b.Transactions {
			ref := &openrpc.BlockRef{Number: uint64(b.Header.Number), Hash: b.Header.Hash}
			c := openrpc.NewReceipt(tx, &b.Receipts[i], openrpc.AcceptedOnL2, ref)
			conforms(name, "TXN_RECEIPT_WITH_BLOCK_INFO", openrpc.AppendReceipt(nil, c))
			conforms(name, "TXN", openrpc.AppendTransactionBody(nil, tx))
		}
		b.Status = openrpc.PreConfirmed
		conforms(name, "PRE_CONFIRMED_BLOCK_WITH_RECEIPTS", openrpc.AppendBlockWithReceipts(nil, b))
		conforms(name, "PRE_CONFIRMED_BLOCK_WITH_TXS", openrpc.AppendBlockWithTxs(nil, b))
	}
	for _, name := range realdata.Glob(t, "chain/sepolia-0-7/*.json") {
		u, err := gateway.ParseStateUpdate(realdata.Read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		conforms(name, "STATE_UPDATE", openrpc.AppendStateUpdate(nil, &openrpc.StateUpdate{Diff: u.Diff}))
	}
	sierra, err := class.ParseSierra(realdata.Read(t, "classes/cairo1/echo.sierra.json"))
	if err != nil {
		t.Fatal(err)
	}
	cairo0, err := class.ParseCairo0(realdata.Read(t, "classes/cairo0/l1l2.json"))
	if err != nil {
		t.Fatal(err)
	}
	for schema, c := range map[string]class.Class{"CONTRACT_CLASS": sierra, "DEPRECATED_CONTRACT_CLASS": cairo0} {
		text, err := openrpc.AppendClass(nil, c)
		if err != nil {
			t.Fatal(err)
		}
		conforms(schema, schema, text)
	}
}
