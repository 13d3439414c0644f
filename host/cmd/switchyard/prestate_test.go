package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// featureClass returns the hash of a class of Cairo 0, and the class as nodes write it.
func featureClass(t *testing.T, name string) (felt.Felt, json.RawMessage) {
	t.Helper()
	c, err := class.ParseCairo0(realdata.Read(t, "classes/feature/cairo0/"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := openrpc.AppendClass(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return c.Hash(), text
}

// recordedBlock returns a block with its state, in the names that its parts had at first: an old invocation and a message from L1,
// which write, and a declaration.
func recordedBlock(t *testing.T) string {
	t.Helper()
	deployed, code := featureClass(t, "test_contract2_compiled")
	declared, other := featureClass(t, "empty_contract_compiled")
	type object = map[string]any
	prices := object{"l1_gas_price": "0x1", "l1_data_gas_price": "0x1", "l2_gas_price": "0x1"}
	text, err := json.Marshal(object{
		"serializable_data_prev_block": object{
			"state_maps":             object{"class_hashes": object{"0x1001": deployed}},
			"contract_class_mapping": object{deployed.Hex(): code},
		},
		"serializable_data_next_block": object{
			"block_info_next_block": object{
				"block_number": 20, "block_timestamp": 1000, "starknet_version": "0.13.0", "sequencer_address": "0x5e",
				"gas_prices": object{"eth_gas_prices": prices, "strk_gas_prices": prices}, "use_kzg_da": false,
			},
			"transactions_next_block": []any{
				[]any{object{"Invoke": object{"V0": object{
					"max_fee": "0x0", "signature": []string{}, "contract_address": "0x1001",
					"entry_point_selector": starknet.Selector("test_storage_write"), "calldata": []string{"0x5", "0x6"},
				}}}, "0x0"},
				[]any{object{"Declare": object{"V0": object{
					"max_fee": "0x0", "signature": []string{}, "nonce": "0x0", "class_hash": declared, "sender_address": "0x1",
				}}}, "0x0"},
				[]any{object{"L1Handler": object{
					"version": "0x0", "nonce": "0x0", "contract_address": "0x1001",
					"entry_point_selector": starknet.Selector("test_l1_handler_storage_write"), "calldata": []string{"0xe7", "0x7", "0x8"},
				}}, "0x0"},
			},
			"state_diff_next_block": object{
				"storage_updates": object{"0x1": object{"0xa": "0xb10c"}, "0x1001": object{"0x5": "0x6", "0x7": "0x8"}},
			},
			"declared_classes": object{declared.Hex(): other},
		},
		"chain_id": "SN_SEPOLIA", "old_block_hash": "0xb10c",
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReplayDeclares executes a recorded block with a class that it declares, in both namings of its parts, and in two that must
// not pass.
func TestReplayDeclares(t *testing.T) {
	block := recordedBlock(t)
	renamed := strings.NewReplacer(
		"serializable_data_prev_block", "serializable_data_base_block",
		"serializable_data_next_block", "serializable_data_reexecuted_block",
		"block_info_next_block", "reexecuted_block_info", "transactions_next_block", "reexecuted_block_transactions",
		"state_diff_next_block", "reexecuted_block_state_diff",
	).Replace(block)
	for _, c := range []struct{ name, block, want string }{
		{"first names", block, "as recorded: what 3 transactions change"},
		{"later names", renamed, "as recorded: what 3 transactions change"},
		{"other value", strings.Replace(block, `"0x7":"0x8"`, `"0x7":"0x9"`, 1), "last written by transaction 2"},
		{"class left out", strings.Replace(block, `"declared_classes":`, `"others":`, 1), "is not among the declared ones"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "block.json")
			write(t, path, c.block)
			cmd := exec.CommandContext(t.Context(), "switchyard", "replay", "--prestate", path)
			cmd.Dir = t.TempDir()
			out, err := cmd.CombinedOutput()
			if ok := strings.HasPrefix(c.want, "as recorded"); (err == nil) != ok || !bytes.Contains(out, []byte(c.want)) {
				t.Errorf("%v: want %q in\n%s", err, c.want, out)
			}
		})
	}
}
