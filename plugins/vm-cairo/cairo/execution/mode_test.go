package execution_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// execute executes a transaction in a mode, and decodes its receipt.
func execute(t *testing.T, e framework.Executor, st *state, tx framework.Tx, mode framework.Mode) (*framework.Outcome, *starknet.Receipt) {
	t.Helper()
	tx.Mode = mode
	out := new(framework.Outcome)
	if err := e.Execute(t.Context(), &tx, framework.Version{}, st, out); err != nil {
		t.Fatal(err)
	}
	r, err := starknet.DecodeReceipt(out.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	return out, r
}

// TestReadOnlyCall asks contracts for something, outside of any transaction.
func TestReadOnlyCall(t *testing.T) {
	t.Parallel()
	n := felt.FromUint64
	for _, c := range []struct {
		name     string
		contract felt.Felt
		calldata []felt.Felt
		ends     framework.Status
		failed   bool
		result   []felt.Felt
	}{
		{"return_result", first, []felt.Felt{n(42)}, framework.Succeeded, false, []felt.Felt{n(42)}},
		{"test_storage_read_write", first, []felt.Felt{n(5), n(6)}, framework.Succeeded, false, []felt.Felt{n(6)}},
		{"fail", first, nil, framework.Reverted, true, []felt.Felt{felt.MustShortString("fail")}},
		{"no such function", first, nil, framework.Reverted, true, []felt.Felt{felt.MustShortString("ENTRYPOINT_NOT_FOUND")}},
		{"return_result", n(0x999), nil, framework.Reverted, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFeature(t, "0.14.2")
			in := &starknet.Input{Transaction: &starknet.Invoke{
				Sender: c.contract, Selector: starknet.Selector(c.name), Calldata: c.calldata,
			}}
			out, r := execute(t, f.e, f.state, in.ToTx(felt.Felt{}), framework.Call)
			if out.Status != c.ends || r.Reverted != (c.ends == framework.Reverted) {
				t.Fatalf("%v: %s", out.Status, r.RevertReason)
			}
			call := r.Trace.Execute
			if call == nil {
				if c.result != nil || c.failed {
					t.Fatalf("no call in the trace: %s", r.RevertReason)
				}
				return
			}
			if call.Failed != c.failed || !slices.Equal(call.Result, c.result) {
				t.Errorf("failed %v with %v, want %v with %v", call.Failed, call.Result, c.failed, c.result)
			}
		})
	}
}

// TestModes runs a signed transfer in each mode, as it is and with a signature that is wrong.
func TestModes(t *testing.T) {
	t.Parallel()
	chain, err := genesis.New(genesis.Spec{Transactions: 1, Accounts: 2})
	if err != nil {
		t.Fatal(err)
	}
	block, txs := chain.Block(1)
	e, err := execution.New(execution.Config{}).Open(t.Context(), block)
	if err != nil {
		t.Fatal(err)
	}
	good, err := starknet.DecodeInput(txs[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	bad := *good.Transaction.(*starknet.Invoke) //nolint:forcetypeassert // transfers are invocations
	bad.Signature = slices.Clone(bad.Signature)
	bad.Signature[0].Add(&bad.Signature[0], &felt.One)
	forged := (&starknet.Input{Transaction: &bad}).ToTx(felt.Felt(txs[0].ID))
	for _, c := range []struct {
		name           string
		tx             framework.Tx
		mode           framework.Mode
		ends           framework.Status
		events, writes bool
		fee            bool
	}{
		{"execute", txs[0], framework.Execute, framework.Succeeded, true, true, true},
		{"execute, forged", forged, framework.Execute, framework.Rejected, false, false, false},
		{"validate", txs[0], framework.Validate, framework.Succeeded, false, false, false},
		{"validate, forged", forged, framework.Validate, framework.Rejected, false, false, false},
		{"skip validate, forged", forged, framework.SkipValidate, framework.Succeeded, true, true, true},
		{"skip fee", txs[0], framework.SkipFee, framework.Succeeded, true, true, false},
		{"query", txs[0], framework.Query | framework.SkipValidate, framework.Succeeded, true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := chainState(chain.Genesis())
			out, r := execute(t, e, st, c.tx, c.mode)
			if out.Status != c.ends {
				t.Fatalf("%v: %s", out.Status, r.RevertReason)
			}
			if got := len(r.Events) > 0; got != c.events {
				t.Errorf("%d events", len(r.Events))
			}
			if got := len(out.Writes) > 1; got != c.writes {
				t.Errorf("%d writes", len(out.Writes))
			}
			if got := len(out.Adds) > 0; got != c.fee {
				t.Errorf("%d additions of a fee", len(out.Adds))
			}
		})
	}
}

// TestTrace compares the calls of a transaction that calls a contract, which writes and emits, and one that fails.
func TestTrace(t *testing.T) {
	t.Parallel()
	n := felt.FromUint64
	f := newFeature(t, "0.14.2")
	f.block.Trace = true
	f.open()
	_, r := f.call("test_call_contract", second, starknet.Selector("test_emit_events"), n(6), n(2), n(1), n(5), n(2), n(6), n(7))
	event := starknet.OrderedEvent{Keys: []felt.Felt{n(5)}, Data: []felt.Felt{n(6), n(7)}}
	again := event
	again.Order = 1
	want := &starknet.Trace{Execute: &starknet.Invocation{
		Contract: first, Class: f.hash, Selector: starknet.Selector("test_call_contract"),
		Calldata: []felt.Felt{second, starknet.Selector("test_emit_events"), n(6), n(2), n(1), n(5), n(2), n(6), n(7)},
		Calls: []*starknet.Invocation{{
			Contract: second, Caller: first, Class: f.hash, Selector: starknet.Selector("test_emit_events"),
			Calldata: []felt.Felt{n(2), n(1), n(5), n(2), n(6), n(7)},
			Events:   []starknet.OrderedEvent{event, again},
		}},
	}}
	if r.Trace == nil || r.Trace.Execute == nil || len(r.Trace.Execute.Calls) != 1 {
		t.Fatalf("trace %+v: %s", r.Trace, r.RevertReason)
	}
	got := r.Trace.Execute
	if got.Gas <= got.Calls[0].Gas || got.Calls[0].Gas == 0 {
		t.Errorf("gas %d, of which %d in the call", got.Gas, got.Calls[0].Gas)
	}
	for _, c := range []*starknet.Invocation{got, got.Calls[0]} {
		if g := c.Resources.Gas; g == nil || g.L2 != c.Gas {
			t.Errorf("a call that pays no steps takes %+v, want its gas, %d", g, c.Gas)
		}
		c.Gas, c.Resources.Gas = 0, nil
	}
	if d := cmp.Diff(want, r.Trace); d != "" {
		t.Errorf("trace (-want +got):\n%s", d)
	}

	_, r = f.call("catch_write_revert_panic", second, n(0x77))
	failed := r.Trace.Execute.Calls
	if len(failed) == 0 || !failed[0].Failed || len(failed[0].Result) == 0 {
		t.Errorf("calls %+v, want the first to have failed", failed)
	}
}
