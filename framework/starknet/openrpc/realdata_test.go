package openrpc_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

func realBlocks(t testing.TB) map[string]*gateway.Block {
	t.Helper()
	out := map[string]*gateway.Block{}
	for _, name := range append(realdata.Glob(t, "chain/blocks/*.json"), realdata.Glob(t, "chain/sepolia-blocks/*.json")...) {
		data := realdata.Read(t, name)
		if c, err := gateway.ParseRecording(data); err == nil {
			out[name] = &c.Block
			continue
		}
		b, err := gateway.ParseBlock(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b
	}
	return out
}

// shown returns what the specification shows of b.
func shown(b *starknet.Block) *starknet.Block {
	out := *b
	out.Transactions = nil
	for _, tx := range b.Transactions {
		switch t := tx.(type) {
		case *starknet.Invoke:
			c := *t
			c.V3 = shownV3(t.Version, t.V3)
			tx = &c
		case *starknet.DeployAccount:
			c := *t
			c.V3 = shownV3(t.Version, t.V3)
			tx = &c
		case *starknet.Declare:
			c := *t
			c.V3 = shownV3(t.Version, t.V3)
			tx = &c
		}
		out.Transactions = append(out.Transactions, tx)
	}
	out.Receipts = nil
	for _, c := range b.Receipts {
		c.Consumed = nil
		c.Resources = starknet.Resources{Gas: c.Resources.Gas}
		if c.Resources.Gas == nil {
			c.Resources.Gas = new(starknet.Gas)
		}
		out.Receipts = append(out.Receipts, c)
	}
	return &out
}

func shownV3(v starknet.TxVersion, f starknet.V3Fields) starknet.V3Fields {
	if v.Number() == 3 && f.Bounds.L1DataGas == nil {
		f.Bounds.L1DataGas = new(starknet.ResourceBound)
	}
	return f
}

func TestRealBlocks(t *testing.T) {
	for name, b := range realBlocks(t) {
		text := openrpc.AppendBlockWithReceipts(nil, &openrpc.Block{Block: b.Block, Status: openrpc.AcceptedOnL1})
		got, err := openrpc.ParseBlockWithReceipts(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(shown(&b.Block), &got.Block); diff != "" {
			t.Errorf("%s: ParseBlockWithReceipts(AppendBlockWithReceipts) (-want +got):\n%s", name, diff)
		}
	}
}

func TestRealTransactions(t *testing.T) {
	for name, b := range realBlocks(t) {
		for i, tx := range shown(&b.Block).Transactions {
			want := b.Receipts[i].TransactionHash
			got, hash, err := openrpc.ParseTransaction(openrpc.AppendTransaction(nil, tx, want))
			if diff := cmp.Diff(tx, got); err != nil || hash != want || diff != "" {
				t.Errorf("%s: transaction %d: %v, %v (-want +got):\n%s", name, i, hash, err, diff)
			}
		}
	}
}

func TestRealStateUpdates(t *testing.T) {
	for _, name := range append(realdata.Glob(t, "chain/state-updates/*.json"), realdata.Glob(t, "chain/sepolia-0-7/*.json")...) {
		u, err := gateway.ParseStateUpdate(realdata.Read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		want := &openrpc.StateUpdate{
			BlockHash: u.BlockHash, OldRoot: u.OldRoot, NewRoot: u.NewRoot, Diff: u.Diff,
		}
		got, err := openrpc.ParseStateUpdate(openrpc.AppendStateUpdate(nil, want))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestRealClasses(t *testing.T) {
	names := append(realdata.Glob(t, "classes/chain/*.json"), realdata.Glob(t, "classes/cairo1/*oz*.sierra.json")...)
	for _, name := range names {
		data := realdata.Read(t, name)
		var c class.Class
		var err error
		if strings.HasSuffix(name, ".sierra.json") {
			c, err = class.ParseSierra(data)
		} else {
			c, err = class.ParseCairo0(data)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := openrpc.AppendClass(nil, c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := openrpc.ParseClass(text)
		if diff := cmp.Diff(string(class.Append(nil, c)), string(class.Append(nil, got))); err != nil || diff != "" {
			t.Errorf("%s: ParseClass(AppendClass): %v", name, err)
		}
	}
}
