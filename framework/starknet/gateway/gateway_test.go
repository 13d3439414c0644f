package gateway_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/sample"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

func sampleBlock() *gateway.Block {
	return &gateway.Block{Block: *sample.Block(), Status: "ACCEPTED_ON_L2"}
}

func TestBlockRoundTrip(t *testing.T) {
	want := sampleBlock()
	got, err := gateway.ParseBlock(gateway.AppendBlock(nil, want))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("ParseBlock(AppendBlock) = %v (-want +got):\n%s", err, diff)
	}
}

// oldBlock has what the first blocks had, with the names of fields of several times.
const oldBlock = `{
 "block_hash": "0x1", "parent_block_hash": "0x0", "block_number": 0, "state_root": "0x2", "status": "ACCEPTED_ON_L1",
 "gas_price": "0x7", "timestamp": 3, "sequencer_address": null,
 "transactions": [
  {"transaction_hash": "0x10", "type": "DEPLOY", "contract_address_salt": "0x1", "class_hash": "0x2", "constructor_calldata": []},
  {"transaction_hash": "0x11", "type": "INVOKE_FUNCTION", "version": "0x0", "entry_point_type": "EXTERNAL",
   "contract_address": "0x4", "entry_point_selector": "0x5", "calldata": ["0x6"], "signature": [], "max_fee": "0x0"},
  {"transaction_hash": "0x12", "type": "INVOKE_FUNCTION", "entry_point_type": "L1_HANDLER", "contract_address": "0x4",
   "entry_point_selector": "0x5", "calldata": ["0x8453FC6Cd1bCfE8D4dFC069C400B433054d47b"], "signature": [], "max_fee": "0x0"},
  {"transaction_hash": "0x13", "type": "DECLARE", "version": "0x0", "class_hash": "0x1", "sender_address": "0x1", "max_fee": "0x0", "nonce": "0x0"}
 ],
 "transaction_receipts": [
  {"transaction_index": 0, "transaction_hash": "0x10", "l2_to_l1_messages": [], "events": [], "actual_fee": "0x0"},
  {"transaction_index": 1, "transaction_hash": "0x11", "l2_to_l1_messages": [], "events": [], "actual_fee": "0x0",
   "l1_to_l2_consumed_message": null, "execution_resources": null},
  {"transaction_index": 2, "transaction_hash": "0x12", "l2_to_l1_messages": [], "events": [], "actual_fee": "0x0",
   "l1_to_l2_consumed_message": {"from_address": "0x8453FC6Cd1bCfE8D4dFC069C400B433054d47b", "to_address": "0x4", "selector": "0x5", "payload": []},
   "execution_resources": {"n_steps": 1, "n_memory_holes": 2, "builtin_instance_counter": {"ecdsa_builtin": 3, "output_builtin": 0}}},
  {"transaction_index": 3, "transaction_hash": "0x13", "l2_to_l1_messages": [], "events": [], "actual_fee": "0x0",
   "execution_status": "REVERTED", "revert_error": "why"}
 ]
}`

func TestOldBlock(t *testing.T) {
	b, err := gateway.ParseBlock([]byte(oldBlock))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, tx := range b.Transactions {
		kinds = append(kinds, tx.Kind().String())
	}
	if diff := cmp.Diff([]string{"DEPLOY", "INVOKE", "L1_HANDLER", "DECLARE"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	if b.Header.L1Gas.Wei != (starknet.Uint128{Lo: 7}) || b.Header.Protocol != "" || !b.Receipts[3].Reverted ||
		b.Receipts[2].Resources.Builtins[starknet.ECDSA] != 3 {
		t.Errorf("parsed %+v", b)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"calldata": ["0x6"]`, `"calldata": ["0x6", "6"]`, `transactions[1].calldata[1]: want 0x`},
		{`"calldata": ["0x6"]`, `"call_data": ["0x6"]`, `transactions[1].call_data: unknown field`},
		{`"contract_address": "0x4",
   "entry`, `"entry`, `transactions[2].contract_address: missing`},
		{`"type": "DEPLOY"`, `"type": "DEPLOYED"`, `transactions[0].type: unknown type "DEPLOYED"`},
		{`"version": "0x0", "entry_point_type"`, `"version": "0x2", "entry_point_type"`, `transactions[1].version: no version 2 of INVOKE`},
		{`"version": "0x0", "entry_point_type"`, `"version": "0x1", "entry_point_type"`, `transactions[1].entry_point_type: unknown field`},
		{`"version": "0x0", "class_hash"`, `"version": "0x100000000000000000", "class_hash"`, `transactions[3].version: not a transaction version`},
		{`"constructor_calldata": []`, `"constructor_calldata": [], "contract_address": "0x5"`, `transactions[0].contract_address: is 0x5, but`},
		{`"max_fee": "0x0", "nonce"`, `"max_fee": "0x100000000000000000000000000000000", "nonce"`, `transactions[3].max_fee: number is not below 2^128`},
		{`"block_number": 0`, `"block_number": 9223372036854775808`, `block_number: 9223372036854775808 is no block number`},
		{`"transaction_index": 2`, `"transaction_index": 3`, `transaction_receipts[2].transaction_index: is 3, want 2`},
		{`3, "transaction_hash": "0x13"`, `3, "transaction_hash": "0x14"`, `transaction_receipts: number 3 is not of transaction 0x13`},
		{`"execution_status": "REVERTED"`, `"execution_status": "SUCCEEDED"`, `transaction_receipts[3].revert_error: of a transaction`},
		{`"output_builtin": 0`, `"ecdsa_builtin": 0`, `builtin_instance_counter.ecdsa_builtin: field appears twice`},
		{`"output_builtin": 0`, `"output": 0`, `builtin_instance_counter.output: unknown builtin`},
		{`"from_address": "0x8453FC6C`, `"from_address": "0x8453FC6C00000`, `l1_to_l2_consumed_message.from_address: not an Ethereum address`},
	} {
		text := strings.Replace(oldBlock, c.old, c.new, 1)
		if text == oldBlock {
			t.Fatalf("%s is not in the sample", c.old)
		}
		_, err := gateway.ParseBlock([]byte(text))
		if !errors.Is(err, starknet.ErrJSON) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
}

// Fields of another version are unknown.
func TestFieldsBelongToVersions(t *testing.T) {
	for _, tx := range sample.Transactions() {
		text := string(gateway.AppendTransaction(nil, tx, sample.Num(1)))
		v := tx.TxVersion()
		for _, other := range []starknet.TxVersion{0, 1, 2, 3} {
			if other == v&^starknet.Query {
				continue
			}
			of, to := v.Felt(), other.Felt()
			changed := strings.Replace(text, `"version":"`+of.Hex()+`"`, `"version":"`+to.Hex()+`"`, 1)
			_, _, err := gateway.ParseTransaction([]byte(changed))
			same := tx.Kind() == starknet.KindDeploy && other <= 1 || tx.Kind() == starknet.KindDeclare && other < 2 && v < 2
			if (err == nil) != same {
				t.Errorf("%v of version %d as version %d: %v", tx.Kind(), v, other, err)
			}
		}
	}
}

func TestStateUpdateRefuses(t *testing.T) {
	const text = `{"block_hash":"0x1","new_root":"0x2","old_root":"0x3","state_diff":{"storage_diffs":{"0x4":[{"key":"0x5","value":"0x6"}]},
		"nonces":{"0x7":"0x8"},"deployed_contracts":[{"address":"0x9","class_hash":"0xa"}],"old_declared_contracts":[]}}`
	u, err := gateway.ParseStateUpdate([]byte(text))
	if err != nil || u.Diff.Len() != 3 {
		t.Fatalf("ParseStateUpdate = %+v, %v", u, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"0x7":"0x8"`, `"0x7":"0x8","0x07":"0x9"`, "state_diff: starknet: state diff not in order: nonces"},
		{`"0x7":"0x8"`, `"7":"0x8"`, "state_diff.nonces.7: bad key"},
		{`{"key":"0x5","value":"0x6"}`, `{"key":"0x5"}`, "state_diff.storage_diffs.0x4[0].value: missing"},
		{`"address":"0x9"`, `"contract_address":"0x9"`, "state_diff.deployed_contracts[0].contract_address: unknown field"},
	} {
		_, err := gateway.ParseStateUpdate([]byte(strings.Replace(text, c.old, c.new, 1)))
		if !errors.Is(err, starknet.ErrJSON) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
}

func seed(f *testing.F, pattern string) {
	if _, ok := realdata.Dir(); !ok {
		f.Logf("no recorded blocks to start from")
		return
	}
	for _, name := range realdata.Glob(f, pattern) {
		if data := realdata.Read(f, name); len(data) < 20_000 {
			f.Add(data)
		}
	}
}

func FuzzParseBlock(f *testing.F) {
	f.Add([]byte(oldBlock))
	f.Add(gateway.AppendBlock(nil, sampleBlock()))
	seed(f, "chain/sepolia-blocks/*.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := gateway.ParseBlock(data)
		if err != nil {
			return
		}
		again, err := gateway.ParseBlock(gateway.AppendBlock(nil, b))
		if diff := cmp.Diff(b, again); err != nil || diff != "" {
			t.Errorf("ParseBlock(AppendBlock) = %v (-want +got):\n%s", err, diff)
		}
		decoded, err := starknet.DecodeBlock(starknet.AppendBlock(nil, &b.Block))
		if diff := cmp.Diff(&b.Block, decoded); err != nil || diff != "" {
			t.Errorf("DecodeBlock(AppendBlock) = %v (-want +got):\n%s", err, diff)
		}
	})
}

func FuzzParseTransaction(f *testing.F) {
	for _, tx := range sample.Transactions() {
		f.Add(gateway.AppendTransaction(nil, tx, sample.Num(1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tx, hash, err := gateway.ParseTransaction(data)
		if err != nil {
			return
		}
		again, hash2, err := gateway.ParseTransaction(gateway.AppendTransaction(nil, tx, hash))
		if diff := cmp.Diff(tx, again); err != nil || hash != hash2 || diff != "" {
			t.Errorf("ParseTransaction(AppendTransaction) = %v, %v (-want +got):\n%s", hash2, err, diff)
		}
	})
}

func FuzzParseStateUpdate(f *testing.F) {
	f.Add(gateway.AppendStateUpdate(nil, &gateway.StateUpdate{Diff: *sample.Diff()}))
	seed(f, "chain/sepolia-0-7/*.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := gateway.ParseStateUpdate(data)
		if err != nil {
			return
		}
		again, err := gateway.ParseStateUpdate(gateway.AppendStateUpdate(nil, u))
		if diff := cmp.Diff(u, again); err != nil || diff != "" {
			t.Errorf("ParseStateUpdate(AppendStateUpdate) = %v (-want +got):\n%s", err, diff)
		}
		u.Diff.Hash()
	})
}
