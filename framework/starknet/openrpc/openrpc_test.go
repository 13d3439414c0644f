package openrpc_test

import (
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/sample"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
)

func TestTransactionRoundTrip(t *testing.T) {
	for _, tx := range shown(sample.Block()).Transactions {
		if tx, ok := tx.(*starknet.Declare); ok && tx.Version == 0 && !tx.Nonce.IsZero() {
			t.Fatal("the nonce of this version is not shown")
		}
		got, hash, err := openrpc.ParseTransaction(openrpc.AppendTransaction(nil, tx, sample.Num(1)))
		if diff := cmp.Diff(tx, got); err != nil || hash != sample.Num(1) || diff != "" {
			t.Errorf("ParseTransaction(AppendTransaction) = %v, %v (-want +got):\n%s", hash, err, diff)
		}
	}
}

func TestReceiptRoundTrip(t *testing.T) {
	hash := sample.Num(9)
	b := shown(sample.Block())
	for i, tx := range b.Transactions {
		for _, ref := range []*openrpc.BlockRef{nil, {Number: 7}, {Number: 7, Hash: hash}} {
			want := openrpc.NewReceipt(tx, &b.Receipts[i], openrpc.AcceptedOnL2, ref)
			got, err := openrpc.ParseReceipt(openrpc.AppendReceipt(nil, want))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("ParseReceipt(AppendReceipt) = %v (-want +got):\n%s", err, diff)
			}
		}
	}
}

func TestBlockRoundTrip(t *testing.T) {
	want := &openrpc.Block{Block: *shown(sample.Block()), Status: openrpc.AcceptedOnL1}
	got, err := openrpc.ParseBlockWithReceipts(openrpc.AppendBlockWithReceipts(nil, want))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ParseBlockWithReceipts(AppendBlockWithReceipts) = %v (-want +got):\n%s", err, diff)
	}
	h, err := openrpc.ParseHeader(openrpc.AppendHeader(nil, &want.Header))
	if diff := cmp.Diff(&want.Header, h); err != nil || diff != "" {
		t.Errorf("ParseHeader(AppendHeader) = %v (-want +got):\n%s", err, diff)
	}
}

func TestStateDiffRoundTrip(t *testing.T) {
	want := sample.Diff()
	want.Migrated, want.Replaced = want.Declared[:1], want.Deployed[1:]
	got, err := openrpc.ParseStateDiff(openrpc.AppendStateDiff(nil, want))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ParseStateDiff(AppendStateDiff) = %v (-want +got):\n%s", err, diff)
	}
}

const (
	classText  = `{"sierra_program":["0x1"],"contract_class_version":"0.1.0","entry_points_by_type":{"CONSTRUCTOR":[],"EXTERNAL":[],"L1_HANDLER":[]},"abi":"[]"}`
	boundsText = `{"l1_gas":{"max_amount":"0x1","max_price_per_unit":"0x2"},"l2_gas":{"max_amount":"0x3","max_price_per_unit":"0x4"},"l1_data_gas":{"max_amount":"0x0","max_price_per_unit":"0x0"}}`
	commonText = `"version":"0x3","signature":["0x1"],"nonce":"0x2","resource_bounds":` + boundsText +
		`,"tip":"0x5","paymaster_data":[],"nonce_data_availability_mode":"L1","fee_data_availability_mode":"L1"`
	invokeText  = `{"type":"INVOKE",` + commonText + `,"sender_address":"0x6","calldata":[],"account_deployment_data":[],"proof_facts":["0x7"],"proof":"AQI="}`
	declareText = `{"type":"DECLARE",` + commonText + `,"sender_address":"0x6","account_deployment_data":[],"compiled_class_hash":"0x7","contract_class":` + classText + `}`
	deployText  = `{"type":"DEPLOY_ACCOUNT",` + commonText + `,"contract_address_salt":"0x6","constructor_calldata":[],"class_hash":"0x7"}`
)

func TestBroadcast(t *testing.T) {
	all, err := openrpc.ParseBroadcasts([]byte("[" + invokeText + "," + declareText + "," + deployText + "]"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := class.ParseSierra([]byte(classText))
	if err != nil {
		t.Fatal(err)
	}
	v3 := starknet.V3Fields{
		Bounds: starknet.ResourceBounds{
			L1Gas:     starknet.ResourceBound{MaxAmount: 1, MaxPrice: starknet.Uint128{Lo: 2}},
			L2Gas:     starknet.ResourceBound{MaxAmount: 3, MaxPrice: starknet.Uint128{Lo: 4}},
			L1DataGas: new(starknet.ResourceBound),
		},
		Tip: 5,
	}
	want := []*openrpc.Broadcast{
		{Transaction: &starknet.Invoke{
			Version: 3, Sender: sample.Num(6), Signature: sample.Nums(1), Nonce: sample.Num(2), V3: v3,
			ProofFacts: sample.Nums(7),
		}, Proof: []byte{1, 2}},
		{Transaction: &starknet.Declare{
			Version: 3, Sender: sample.Num(6), Signature: sample.Nums(1), Nonce: sample.Num(2), V3: v3,
			ClassHash: c.Hash(), CompiledClassHash: sample.Num(7),
		}, Class: c},
		{Transaction: &starknet.DeployAccount{
			Version: 3, Salt: sample.Num(6), ClassHash: sample.Num(7), Signature: sample.Nums(1), Nonce: sample.Num(2), V3: v3,
		}},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("ParseBroadcasts (-want +got):\n%s", diff)
	}
}

func TestBroadcastRefuses(t *testing.T) {
	for _, c := range []struct{ text, old, new, want string }{
		{invokeText, `"version":"0x3"`, `"version":"0x1"`, "version: version 1 cannot be sent"},
		{invokeText, `"version":"0x3",`, ``, "version: missing"},
		{invokeText, `"type":"INVOKE"`, `"type":"L1_HANDLER"`, "type: L1_HANDLER cannot be sent"},
		{invokeText, `"AQI="`, `"AQ"`, "proof: illegal base64"},
		{invokeText, `"tip":"0x5"`, `"tip":"0x10000000000000000"`, "tip: number is not below 2^64"},
		{invokeText, `"L1"`, `0`, `nonce_data_availability_mode: want "L1" or "L2"`},
		{invokeText, `"l2_gas"`, `"L2_GAS"`, "resource_bounds.L2_GAS: unknown field"},
		{declareText, `"abi":"[]"`, `"abi":3`, "contract_class: abi: want a string, have a number"},
		{declareText, `"compiled_class_hash":"0x7",`, `"class_hash":"0x7",`, "class_hash: unknown field"},
		{deployText, `"class_hash":"0x7"`, `"class_hash":"0x7","proof":""`, "proof: unknown field"},
		{deployText, `"nonce":"0x2",`, ``, "nonce: missing"},
	} {
		_, err := openrpc.ParseBroadcast([]byte(strings.Replace(c.text, c.old, c.new, 1)))
		if !errors.Is(err, starknet.ErrJSON) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
}

func TestReceiptRefuses(t *testing.T) {
	b := shown(sample.Block())
	text := string(openrpc.AppendReceipt(nil, openrpc.NewReceipt(b.Transactions[1], &b.Receipts[1], openrpc.AcceptedOnL2, nil)))
	for _, c := range []struct{ old, new, want string }{
		{`"type":"INVOKE"`, `"type":"DEPLOY"`, "contract_address: missing"},
		{`"type":"INVOKE"`, `"type":"L1_HANDLER"`, "message_hash: missing"},
		{`"SUCCEEDED"`, `"FAILED"`, `execution_status: unknown status "FAILED"`},
		{`"SUCCEEDED"`, `"SUCCEEDED","revert_reason":"x"`, `revert_reason: of a transaction`},
		{`"WEI"`, `"GWEI"`, `actual_fee.unit: unknown unit "GWEI"`},
		{`"ACCEPTED_ON_L2"`, `"PENDING"`, `finality_status: unknown status "PENDING"`},
		{`"l2_gas":0`, `"l2_gas":-1`, `execution_resources.l2_gas: -1 is not in`},
		{`"type":"INVOKE"`, `"type":"INVOKE","block_hash":"0x1"`, `block_number: missing`},
	} {
		_, err := openrpc.ParseReceipt([]byte(strings.Replace(text, c.old, c.new, 1)))
		if !errors.Is(err, starknet.ErrJSON) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
}

func TestClassRefuses(t *testing.T) {
	for _, program := range []string{"!", base64.StdEncoding.EncodeToString([]byte("no gzip")), "H4sI"} {
		_, err := openrpc.ParseClass([]byte(`{"program":"` + program + `","entry_points_by_type":{},"abi":[]}`))
		if !errors.Is(err, starknet.ErrJSON) || !strings.HasPrefix(err.Error(), "program: ") {
			t.Errorf("program %q: %v, want ErrJSON", program, err)
		}
	}
	if _, err := openrpc.AppendClass(nil, &class.Casm{}); err == nil {
		t.Error("AppendClass of compiled code = nil")
	}
}

func FuzzParseBroadcast(f *testing.F) {
	for _, text := range []string{invokeText, declareText, deployText} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := openrpc.ParseBroadcast(data)
		if err != nil {
			return
		}
		got, _, err := openrpc.ParseTransaction(openrpc.AppendTransactionBody(nil, b.Transaction))
		want := shown(&starknet.Block{Transactions: []starknet.Transaction{b.Transaction}}).Transactions[0]
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ParseTransaction(AppendTransactionBody) = %v (-want +got):\n%s", err, diff)
		}
	})
}

func FuzzParseBlock(f *testing.F) {
	f.Add(openrpc.AppendBlockWithReceipts(nil, &openrpc.Block{Block: *sample.Block(), Status: openrpc.AcceptedOnL1}))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := openrpc.ParseBlockWithReceipts(data)
		if err != nil || b.Status == openrpc.PreConfirmed {
			return
		}
		want := &openrpc.Block{Block: *shown(&b.Block), Status: b.Status}
		got, err := openrpc.ParseBlockWithReceipts(openrpc.AppendBlockWithReceipts(nil, b))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ParseBlockWithReceipts(AppendBlockWithReceipts) = %v (-want +got):\n%s", err, diff)
		}
	})
}

func FuzzParseStateDiff(f *testing.F) {
	f.Add(openrpc.AppendStateDiff(nil, sample.Diff()))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := openrpc.ParseStateDiff(data)
		if err != nil {
			return
		}
		again, err := openrpc.ParseStateDiff(openrpc.AppendStateDiff(nil, d))
		if diff := cmp.Diff(d, again); err != nil || diff != "" {
			t.Errorf("ParseStateDiff(AppendStateDiff) = %v (-want +got):\n%s", err, diff)
		}
	})
}

func FuzzParseClass(f *testing.F) {
	f.Add([]byte(classText))
	f.Add([]byte(`{"program":"H4sIAAAAAAAA/6uuBQBDv6ajAgAAAA==","entry_points_by_type":{},"abi":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := openrpc.ParseClass(data)
		if err != nil {
			return
		}
		text, err := openrpc.AppendClass(nil, c)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := openrpc.ParseClass(text); err != nil || !reflect.DeepEqual(c, again) {
			t.Errorf("ParseClass(AppendClass) = %v (-want +got):\n%s", err, cmp.Diff(c, again))
		}
	})
}
