package jsonrpc_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
	"github.com/switchyard-dev/switchyard/host/genesis"
)

// estimate is a fee as a node estimates it.
type estimate struct {
	L1       felt.Felt `json:"l1_gas_consumed"`
	L2       felt.Felt `json:"l2_gas_consumed"`
	Data     felt.Felt `json:"l1_data_gas_consumed"`
	L2Price  felt.Felt `json:"l2_gas_price"`
	Overall  felt.Felt `json:"overall_fee"`
	Contract string
}

// list returns transactions as the parameter of that name.
func list(txs ...starknet.Transaction) string {
	var all []string
	for _, tx := range txs {
		all = append(all, string(openrpc.AppendTransactionBody(nil, tx)))
	}
	return "[" + strings.Join(all, ",") + "]"
}

// TestEstimate asks what transactions will cost, as a wallet does: signed with the query version and without bounds. With what it is
// told as bounds the transaction is executed, for the fee that was estimated.
func TestEstimate(t *testing.T) {
	t.Parallel()
	n := start(t, 1, nil)
	query := n.transfer(0, 0, 5)
	query.Version |= starknet.Query
	none := starknet.ResourceBound{}
	query.V3.Bounds = starknet.ResourceBounds{L1DataGas: &none}
	n.sign(0, query)
	second := n.transfer(0, 1, 6)
	var got []estimate
	for _, block := range []string{`"latest"`, `"pre_confirmed"`, `{"block_number":0}`} {
		n.result("starknet_estimateFee", `[`+list(query, second)+`,[],`+block+`]`, &got)
		if len(got) != 2 || got[0].L2.IsZero() || got[0].Overall.IsZero() {
			t.Fatalf("estimates at %s: %+v", block, got)
		}
	}
	paid := n.transfer(0, 0, 5)
	bound := func(amount, price felt.Felt) starknet.ResourceBound {
		return starknet.ResourceBound{MaxAmount: amount[0], MaxPrice: starknet.Uint128{Lo: price[0]}}
	}
	data := bound(got[0].Data, felt.FromUint64(1<<40))
	paid.V3.Bounds = starknet.ResourceBounds{L1Gas: bound(got[0].L1, felt.FromUint64(1<<40)), L2Gas: bound(got[0].L2, got[0].L2Price), L1DataGas: &data}
	n.sign(0, paid)
	hash := n.send(paid)
	n.block()
	n.until(hash, "ACCEPTED_ON_L2")
	r, err := openrpc.ParseReceipt(n.ask("starknet_getTransactionReceipt", `["`+hash.Hex()+`"]`).Result)
	if err != nil || r.Reverted || r.ActualFee.Felt() != got[0].Overall {
		t.Errorf("%v: reverted %q, fee %v, %v was estimated", err, r.RevertReason, r.ActualFee, got[0].Overall)
	}

	poor := n.invoke(1, 0, starknet.PublicFeeTokens.STRK, "transfer", felt.One, felt.Felt{0, 1 << 63}, felt.Felt{})
	forged := n.transfer(1, 0, 1)
	forged.Signature = []felt.Felt{felt.One, felt.One}
	for _, c := range []struct {
		txs, want string
		index     float64
	}{
		{list(second, poor), "the balance is too small", 1},
		{list(forged), "Signature (1, 1), is invalid", 0},
	} {
		data, _ := n.refused(41, "starknet_estimateFee", `[`+c.txs+`,[],"latest"]`).(map[string]any)
		if data["transaction_index"] != c.index || !strings.Contains(fmt.Sprint(data["execution_error"]), c.want) {
			t.Errorf("%v, want %q of transaction %v", data, c.want, c.index)
		}
	}
	n.result("starknet_estimateFee", `[`+list(forged)+`,["SKIP_VALIDATE"],"latest"]`, &got)
	n.refused(24, "starknet_estimateFee", `[`+list(second)+`,[],{"block_number":99}]`)
	n.refused(-32602, "starknet_estimateFee", `[`+list(second)+`,["SKIP_FEE_CHARGE"],"latest"]`)
	n.refused(-32602, "starknet_estimateFee", `[{},[],"latest"]`)
}

// trace is the part of a trace that a test looks at.
type trace struct {
	Type    string
	Execute struct {
		Reason string `json:"revert_reason"`
		Calls  []struct {
			Contract felt.Felt `json:"contract_address"`
			Events   []any
		}
		Resources struct {
			L2 uint64 `json:"l2_gas"`
		} `json:"execution_resources"`
	} `json:"execute_invocation"`
	Validate, Fee json.RawMessage
}

// TestTraces simulates transactions, executes them, and has them traced.
func TestTraces(t *testing.T) {
	t.Parallel()
	n := start(t, 2, nil)
	good := n.transfer(0, 0, 5)
	poor := n.invoke(1, 0, starknet.PublicFeeTokens.STRK, "transfer", felt.One, felt.Felt{0, 1 << 63}, felt.Felt{})
	var simulated []struct {
		Trace trace    `json:"transaction_trace"`
		Fee   estimate `json:"fee_estimation"`
	}
	n.result("starknet_simulateTransactions", `["latest",`+list(good, poor)+`,[]]`, &simulated)
	if len(simulated) != 2 {
		t.Fatalf("%d transactions are simulated", len(simulated))
	}
	check := func(what string, traces ...trace) {
		t.Helper()
		if c := traces[0].Execute.Calls; len(c) != 1 || c[0].Contract != starknet.PublicFeeTokens.STRK || len(c[0].Events) != 1 {
			t.Errorf("%s: a transfer calls %+v", what, c)
		}
		if traces[0].Type != "INVOKE" || traces[0].Execute.Resources.L2 == 0 {
			t.Errorf("%s: %+v", what, traces[0])
		}
		if why := traces[1].Execute.Reason; !strings.Contains(why, "the balance is too small") {
			t.Errorf("%s: the second one was reverted for %q", what, why)
		}
	}
	check("simulated", simulated[0].Trace, simulated[1].Trace)

	hashes := []felt.Felt{n.send(good), n.send(poor)}
	n.block()
	n.until(hashes[1], "ACCEPTED_ON_L2")
	var of [2]trace
	for i, h := range hashes {
		n.result("starknet_traceTransaction", `["`+h.Hex()+`"]`, &of[i])
	}
	check("traced", of[:]...)
	var all []struct {
		Hash felt.Felt `json:"transaction_hash"`
		Root trace     `json:"trace_root"`
	}
	n.result("starknet_traceBlockTransactions", `[{"block_number":1}]`, &all)
	if len(all) != 2 || all[0].Hash != hashes[0] || all[1].Hash != hashes[1] {
		t.Fatalf("%d traces", len(all))
	}
	check("traced with its block", all[0].Root, all[1].Root)
	n.result("starknet_traceBlockTransactions", `[{"block_number":0}]`, &all)

	waits := n.transfer(2, 1, 1) // 0 is missing
	hash := waits.Hash(genesis.Chain)
	n.refused(29, "starknet_traceTransaction", `["`+hash.Hex()+`"]`)
	n.send(waits)
	n.refused(10, "starknet_traceTransaction", `["`+hash.Hex()+`"]`)
	n.refused(24, "starknet_traceBlockTransactions", `[{"block_number":9}]`)
	n.refused(-32602, "starknet_traceBlockTransactions", `["pre_confirmed"]`)
	n.refused(-32602, "starknet_simulateTransactions", `["latest",`+list(good)+`,["X"]]`)
	n.refused(41, "starknet_simulateTransactions", `["latest",`+list(good)+`,[]]`) // its nonce is used
}
