package jsonrpc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/genesis"
)

// TestProtocol sends what is not quite JSON-RPC.
func TestProtocol(t *testing.T) {
	t.Parallel()
	n := start(t, 1, nil)
	for _, tt := range []struct {
		name, request string
		status        int
		want          string
	}{
		{"call", `{"jsonrpc":"2.0","id":"a","method":"starknet_specVersion"}`, 200, `{"jsonrpc":"2.0","id":"a","result":"0.10.2"}`},
		{"null id", `{"jsonrpc":"2.0","id":null,"method":"starknet_syncing","params":[]}`, 200, `{"jsonrpc":"2.0","id":null,"result":false}`},
		{"notification", `{"jsonrpc":"2.0","method":"starknet_syncing"}`, 200, ``},
		{"no JSON", `{"jsonrpc":`, 200, `"id":null,"error":{"code":-32700`},
		{"nothing", ``, 200, `"code":-32700`},
		{"no object", `7`, 200, `"code":-32600`},
		{"no version", `{"id":1,"method":"starknet_syncing"}`, 200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600`},
		{"no method", `{"jsonrpc":"2.0","id":1}`, 200, `method is missing`},
		{"wrong id", `{"jsonrpc":"2.0","id":{},"method":"starknet_syncing"}`, 200, `"id":null,"error":{"code":-32600`},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"starknet_x"}`, 200, `"code":-32601`},
		{"batch", `[{"jsonrpc":"2.0","id":1,"method":"starknet_syncing"},{"jsonrpc":"2.0","method":"starknet_syncing"},7]`, 200,
			`[{"jsonrpc":"2.0","id":1,"result":false},{"jsonrpc":"2.0","id":null,"error":{"code":-32600`},
		{"batch of notifications", `[{"jsonrpc":"2.0","method":"starknet_syncing"}]`, 200, ``},
		{"empty batch", `[]`, 200, `the batch is empty`},
		{"broken batch", `[{]`, 200, `"code":-32700`},
		{"large batch", `[` + strings.Repeat(`1,`, 5) + `1]`, 200, `the batch has 6 calls, the limit is 5`},
		{"large request", `"` + strings.Repeat("x", 1<<20) + `"`, 413, `the request is longer than 1048576 bytes`},
		{"deep request", strings.Repeat("[", 100_000), 200, `"code":-32700`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, body := n.post("/rpc", tt.request)
			if status != tt.status || !strings.Contains(string(body), tt.want) || tt.want == "" && len(body) > 0 {
				t.Errorf("%d %s, want %d %s", status, body, tt.status, tt.want)
			}
		})
	}
	r, err := http.Get(n.url + "/rpc") //nolint:noctx // the node answers
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET answers %d, want 405", r.StatusCode)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	n := start(t, 1, nil)
	account := n.accounts[0].Address.Hex()
	for _, tt := range []struct{ name, method, params, want string }{
		{"by name", "starknet_getNonce", `{"block_id":"latest","contract_address":"` + account + `"}`, ""},
		{"by position", "starknet_getNonce", `["latest","` + account + `"]`, ""},
		{"none", "starknet_chainId", `null`, ""},
		{"unknown", "starknet_getNonce", `{"block_id":"latest","contract_address":"0x1","x":1}`, `there is no parameter "x"`},
		{"too many", "starknet_chainId", `[1]`, "1 parameters, want at most 0"},
		{"missing", "starknet_getNonce", `["latest"]`, "contract_address is missing"},
		{"null", "starknet_getNonce", `["latest",null]`, "contract_address is missing"},
		{"neither", "starknet_getNonce", `"latest"`, "params must be an object or a list"},
		{"no felt", "starknet_getNonce", `["latest","x"]`, "contract_address: "},
		{"no text", "starknet_getNonce", `["latest",5]`, "contract_address: "},
		{"too large", "starknet_getNonce", `["latest","0x800000000000011000000000000000000000000000000000000000000000001"]`, "contract_address: "},
		{"unknown tag", "starknet_getNonce", `["pending","0x1"]`, `block_id: there is no tag "pending"`},
		{"no block", "starknet_getNonce", `[{},"0x1"]`, "block_id: want block_hash or block_number"},
		{"two blocks", "starknet_getNonce", `[{"block_number":1,"block_hash":"0x1"},"0x1"]`, "block_id: want block_hash or block_number"},
		{"negative block", "starknet_getNonce", `[{"block_number":-1},"0x1"]`, "block_id: "},
		{"unknown part of a block", "starknet_getNonce", `[{"block_number":1,"x":1},"0x1"]`, "block_id: "},
		{"unknown flag", "starknet_getBlockWithTxs", `["latest",["X"]]`, `response_flags: there is no flag "X"`},
		{"no index", "starknet_getTransactionByBlockIdAndIndex", `["latest",-1]`, "index: -1 is negative"},
		{"no request", "starknet_call", `[{"contract_address":"0x1"},"latest"]`, "request: want contract_address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := n.ask(tt.method, tt.params)
			switch {
			case tt.want == "" && a.Error != nil:
				t.Errorf("%v, want a result", a.Error)
			case tt.want != "" && (a.Error == nil || a.Error.Code != -32602 || !strings.Contains(fmt.Sprint(a.Error.Data), tt.want)):
				t.Errorf("%s %v, want -32602 with %q", a.Result, a.Error, tt.want)
			}
		})
	}
}

// TestReads makes some blocks and reads them in every way.
func TestReads(t *testing.T) {
	t.Parallel()
	n := start(t, 2, nil)
	var hashes []felt.Felt
	for i := range uint64(4) {
		hashes = append(hashes, n.send(n.transfer(0, i, 10+i)))
	}
	n.block()
	n.block()
	n.until(hashes[3], "ACCEPTED_ON_L2")
	var chainID felt.Felt
	if n.result("starknet_chainId", `[]`, &chainID); starknet.ChainID(chainID) != genesis.Chain {
		t.Errorf("chainId %v, want %v", chainID, genesis.Chain)
	}
	var number int
	if n.result("starknet_blockNumber", `[]`, &number); number != 2 {
		t.Errorf("blockNumber %d, want 2", number)
	}
	var head struct {
		Hash   string `json:"block_hash"`
		Number int    `json:"block_number"`
	}
	if n.result("starknet_blockHashAndNumber", `[]`, &head); head.Number != 2 {
		t.Errorf("blockHashAndNumber %d, want 2", head.Number)
	}
	ids := []string{`"latest"`, `{"block_number":2}`, `{"block_hash":"` + head.Hash + `"}`}
	var first json.RawMessage
	for _, id := range ids {
		text := n.ask("starknet_getBlockWithReceipts", `[`+id+`]`).Result
		if first == nil {
			first = text
		}
		if d := cmp.Diff(string(first), string(text)); d != "" {
			t.Errorf("block %s (-latest +that):\n%s", id, d)
		}
	}
	b, err := openrpc.ParseBlockWithReceipts(first)
	if err != nil {
		t.Fatal(err)
	}
	var update json.RawMessage
	n.result("starknet_getStateUpdate", `["latest"]`, &update)
	u, err := openrpc.ParseStateUpdate(update)
	if err != nil {
		t.Fatal(err)
	}
	if err := starknet.Verify(&b.Block, &u.Diff, genesis.Chain); err != nil {
		t.Error(err)
	}
	n.checkBlock(t, b, hashes[2:])
	n.checkState(t)
	n.checkErrors(t)
}

// checkBlock reads the last block piece by piece.
func (n *node) checkBlock(t *testing.T, b *openrpc.Block, hashes []felt.Felt) {
	t.Helper()
	var count int
	if n.result("starknet_getBlockTransactionCount", `["latest"]`, &count); count != len(hashes) {
		t.Errorf("getBlockTransactionCount = %d, want %d", count, len(hashes))
	}
	var txs struct {
		Transactions []felt.Felt `json:"transactions"`
	}
	n.result("starknet_getBlockWithTxHashes", `["latest"]`, &txs)
	if d := cmp.Diff(hashes, txs.Transactions); d != "" {
		t.Errorf("hashes of the last block (-want +got):\n%s", d)
	}
	n.ask("starknet_getBlockWithTxs", `["latest",["INCLUDE_PROOF_FACTS"]]`)
	for i, hash := range hashes {
		one := n.ask("starknet_getTransactionByHash", `["`+hash.Hex()+`"]`)
		same := n.ask("starknet_getTransactionByBlockIdAndIndex", fmt.Sprintf(`["latest",%d]`, i))
		tx, got, err := openrpc.ParseTransaction(one.Result)
		if err != nil || got != hash || tx.Hash(genesis.Chain) != hash {
			t.Errorf("getTransactionByHash(%v) = %s, %v", hash, one.Result, err)
		}
		if d := cmp.Diff(string(one.Result), string(same.Result)); d != "" {
			t.Errorf("by hash and by index (-hash +index):\n%s", d)
		}
		r, err := openrpc.ParseReceipt(n.ask("starknet_getTransactionReceipt", `["`+hash.Hex()+`"]`).Result)
		want := openrpc.NewReceipt(tx, &b.Receipts[i], openrpc.AcceptedOnL2, &openrpc.BlockRef{Number: 2, Hash: b.Header.Hash})
		if d := cmp.Diff(want, r); err != nil || d != "" {
			t.Errorf("receipt %d: %v (-want +got):\n%s", i, err, d)
		}
	}
	if s := n.until(hashes[0], "ACCEPTED_ON_L2"); s.Execution != "SUCCEEDED" {
		t.Errorf("status %+v, want SUCCEEDED", s)
	}
}

// checkState reads the state of several blocks.
func (n *node) checkState(t *testing.T) {
	t.Helper()
	account := n.accounts[0].Address.Hex()
	token := starknet.PublicFeeTokens.STRK.Hex()
	slot := starknet.StorageVar("ERC20_balances", felt.FromUint64(0x99))
	for block, want := range []struct{ nonce, balance uint64 }{{0, 0}, {2, 10 + 11}, {4, 10 + 11 + 12 + 13}} {
		id := fmt.Sprintf(`{"block_number":%d}`, block)
		var nonce, balance felt.Felt
		n.result("starknet_getNonce", `[`+id+`,"`+account+`"]`, &nonce)
		n.result("starknet_getStorageAt", `["`+token+`","`+slot.Hex()+`",`+id+`]`, &balance)
		if nonce != felt.FromUint64(want.nonce) || balance != felt.FromUint64(want.balance) {
			t.Errorf("after block %d: nonce %v and balance %v, want %+v", block, nonce, balance, want)
		}
		var called []felt.Felt
		n.result("starknet_call", fmt.Sprintf(`[{"contract_address":"%s","entry_point_selector":"%v","calldata":["0x99"]},%s]`,
			token, starknet.Selector("balanceOf"), id), &called)
		if d := cmp.Diff([]felt.Felt{felt.FromUint64(want.balance), {}}, called); d != "" {
			t.Errorf("balanceOf after block %d (-want +got):\n%s", block, d)
		}
	}
	var hash felt.Felt
	n.result("starknet_getClassHashAt", `["latest","`+account+`"]`, &hash)
	at := n.ask("starknet_getClassAt", `["latest","`+account+`"]`)
	by := n.ask("starknet_getClass", `["latest","`+hash.Hex()+`"]`)
	if string(at.Result) != string(by.Result) {
		t.Error("getClassAt and getClass answer differently")
	}
	k, err := openrpc.ParseClass(by.Result)
	if hashed, ok := k.(interface{ Hash() felt.Felt }); err != nil || !ok || hashed.Hash() != hash {
		t.Errorf("getClass answers another class: %v", err)
	}
	var part struct {
		Diff json.RawMessage `json:"state_diff"`
	}
	n.result("starknet_getStateUpdate", `["latest",["`+account+`"]]`, &part)
	d, err := openrpc.ParseStateDiff(part.Diff)
	if err != nil || len(d.Storage) != 0 || len(d.Nonces) != 1 {
		t.Errorf("update of one contract: %s, %v, want its nonce alone", part.Diff, err)
	}
}

// checkErrors asks for what is not there.
func (n *node) checkErrors(t *testing.T) {
	t.Helper()
	token := starknet.PublicFeeTokens.STRK.Hex()
	for _, method := range []string{
		"starknet_getBlockWithTxHashes", "starknet_getBlockWithTxs", "starknet_getBlockWithReceipts",
		"starknet_getBlockTransactionCount", "starknet_getStateUpdate",
	} {
		n.refused(24, method, `[{"block_number":3}]`)
		n.refused(24, method, `[{"block_number":18446744073709551615}]`)
		n.refused(24, method, `[{"block_hash":"0x5"}]`)
		n.refused(24, method, `["l1_accepted"]`)
	}
	for _, method := range []string{"starknet_getTransactionStatus", "starknet_getTransactionByHash", "starknet_getTransactionReceipt"} {
		n.refused(29, method, `["0x5"]`)
	}
	for _, method := range []string{"starknet_getNonce", "starknet_getClassHashAt", "starknet_getClassAt"} {
		n.refused(20, method, `["latest","0x5"]`)
		n.refused(24, method, `[{"block_number":3},"`+token+`"]`)
	}
	n.refused(20, "starknet_getStorageAt", `["0x5","0x0","latest"]`)
	n.refused(-32602, "starknet_getStorageAt", `["`+token+`","0x0","latest",["INCLUDE_LAST_UPDATE_BLOCK"]]`)
	n.refused(28, "starknet_getClass", `["latest","0x5"]`)
	n.refused(27, "starknet_getTransactionByBlockIdAndIndex", `["latest",2]`)
	call := func(to, entry, calldata string) string {
		return `[{"contract_address":"` + to + `","entry_point_selector":"` + entry + `","calldata":[` + calldata + `]},"latest"]`
	}
	balanceOf := starknet.Selector("balanceOf")
	n.refused(20, "starknet_call", call("0x5", "0x1", ""))
	n.refused(21, "starknet_call", call(token, "0x1", ""))
	said := n.refused(40, "starknet_call", call(token, balanceOf.Hex(), ""))
	if data, ok := said.(map[string]any); !ok || data["revert_error"] == "" {
		t.Errorf("error 40 has the data %v, want revert_error", said)
	}
	endless := starknet.Selector("endless")
	n.refused(40, "starknet_call", call(trap.Hex(), endless.Hex(), ""))
}

// TestPreConfirmed reads a block while it is made.
func TestPreConfirmed(t *testing.T) {
	t.Parallel()
	n := start(t, 2, nil)
	n.ask("starknet_getBlockWithReceipts", `["pre_confirmed"]`) // of which there is nothing yet
	n.ask("starknet_getStateUpdate", `["pre_confirmed"]`)
	hash := n.send(n.transfer(1, 0, 5))
	if s := n.until(hash, "PRE_CONFIRMED"); s.Execution != "SUCCEEDED" {
		t.Errorf("status %+v, want SUCCEEDED", s)
	}
	account := n.accounts[1].Address.Hex()
	for id, want := range map[string]felt.Felt{`"latest"`: {}, `"pre_confirmed"`: felt.One} {
		var nonce felt.Felt
		if n.result("starknet_getNonce", `[`+id+`,"`+account+`"]`, &nonce); nonce != want {
			t.Errorf("nonce at %s is %v, want %v", id, nonce, want)
		}
		var balance []felt.Felt
		n.result("starknet_call", fmt.Sprintf(`[{"contract_address":"%v","entry_point_selector":"%v","calldata":["0x99"]},%s]`,
			starknet.PublicFeeTokens.STRK, starknet.Selector("balanceOf"), id), &balance)
		if five := felt.FromUint64(5); balance[0] != *new(felt.Felt).Mul(&want, &five) {
			t.Errorf("balance at %s is %v", id, balance)
		}
	}
	var block struct {
		Number       int         `json:"block_number"`
		Hash         *string     `json:"block_hash"`
		Transactions []felt.Felt `json:"transactions"`
	}
	n.result("starknet_getBlockWithTxHashes", `["pre_confirmed"]`, &block)
	if block.Number != 1 || block.Hash != nil || len(block.Transactions) != 1 || block.Transactions[0] != hash {
		t.Errorf("pre-confirmed block %+v, want block 1 with %v", block, hash)
	}
	n.ask("starknet_getBlockWithTxs", `["pre_confirmed"]`)
	n.ask("starknet_getBlockWithReceipts", `["pre_confirmed"]`)
	var receipt struct {
		Number   int     `json:"block_number"`
		Hash     *string `json:"block_hash"`
		Finality string  `json:"finality_status"`
	}
	n.result("starknet_getTransactionReceipt", `["`+hash.Hex()+`"]`, &receipt)
	if receipt.Number != 1 || receipt.Hash != nil || receipt.Finality != "PRE_CONFIRMED" {
		t.Errorf("receipt %+v of a pre-confirmed transaction", receipt)
	}
	var update struct {
		Diff json.RawMessage `json:"state_diff"`
	}
	n.result("starknet_getStateUpdate", `["pre_confirmed"]`, &update)
	d, err := openrpc.ParseStateDiff(update.Diff)
	if err != nil || len(d.Nonces) != 1 || d.Nonces[0] != (starknet.ContractNonce{Contract: n.accounts[1].Address, Nonce: felt.One}) {
		t.Errorf("state diff of the pre-confirmed block: %s, %v", update.Diff, err)
	}
	n.send(n.transfer(1, 1, 5))
	if b := n.block(); b.Number != framework.BlockNumber(1) || b.Included() != 2 {
		t.Errorf("block %d with %d transactions, want block 1 with 2", b.Number, b.Included())
	}
	n.until(hash, "ACCEPTED_ON_L2")
}
