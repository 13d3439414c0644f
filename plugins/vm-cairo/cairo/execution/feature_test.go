package execution_test

import (
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// feature is a state with blockifier's own test contract, twice.
type feature struct {
	*state

	t     *testing.T
	vm    framework.VM
	block framework.Block
	e     framework.Executor
	hash  felt.Felt
}

// The two contracts, of the same class.
var (
	first  = felt.FromUint64(0x1001)
	second = felt.FromUint64(0x1002)
)

// The class of the test contract, and a VM that has it ready: both are made once.
var (
	featureOnce  sync.Once
	featureClass framework.Class
	featureVM    = execution.New(execution.Config{})
)

func loadFeature(t *testing.T) {
	t.Helper()
	featureOnce.Do(func() {
		sierra, err := class.ParseSierra(realdata.Read(t, "classes/feature/cairo1/test_contract.sierra.json"))
		if err != nil {
			t.Fatal(err)
		}
		casm, err := class.ParseCasm(realdata.Read(t, "classes/feature/cairo1/test_contract.casm.json"))
		if err != nil {
			t.Fatal(err)
		}
		featureClass = framework.Class{
			Hash: framework.Word(sierra.Hash()), Body: class.Append(nil, &class.Compiled{Sierra: sierra, Casm: casm}),
		}
	})
	if featureClass.Body == nil {
		t.Skip("SKIP: no test contract")
	}
}

// newFeature deploys the contract in a block of a protocol.
func newFeature(t *testing.T, protocol string) *feature {
	t.Helper()
	f := &feature{state: newState(), t: t, vm: featureVM}
	loadFeature(t)
	f.hash = felt.Felt(featureClass.Hash)
	f.classes[featureClass.Hash] = &featureClass
	f.cells[starknet.DeclaredKey(f.hash)] = framework.Word{1}
	for _, c := range []felt.Felt{first, second} {
		f.cells[starknet.ClassHashKey(c)] = framework.Word(f.hash)
	}
	env := &starknet.Environment{Chain: starknet.Sepolia, FeeTokens: starknet.PublicFeeTokens, Header: starknet.Header{
		Number: 2001, Protocol: protocol, Timestamp: 1_072_023, Sequencer: felt.FromUint64(0x1000),
		L1Gas: starknet.GasPrice{Wei: starknet.Uint128{Lo: 1}, Fri: starknet.Uint128{Lo: 1}},
	}}
	f.block = framework.Block{Number: 2001, Protocol: protocol, Header: starknet.AppendEnvironment(nil, env)}
	f.open()
	return f
}

// open opens the block.
func (f *feature) open() {
	f.t.Helper()
	var err error
	if f.e, err = f.vm.Open(f.t.Context(), &f.block); err != nil {
		f.t.Fatal(err)
	}
}

// run executes a transaction.
func (f *feature) run(tx starknet.Transaction) (*framework.Outcome, *starknet.Receipt) {
	f.t.Helper()
	in := &starknet.Input{Transaction: tx, PaidFee: starknet.Uint128{Lo: 1}}
	ftx := in.ToTx(tx.Hash(starknet.Sepolia))
	ftx.Mode |= framework.SkipFee
	out := new(framework.Outcome)
	if err := f.e.Execute(f.t.Context(), &ftx, framework.Version{}, f.state, out); err != nil {
		f.t.Fatal(err)
	}
	r, err := starknet.DecodeReceipt(out.Receipt)
	if err != nil {
		f.t.Fatal(err)
	}
	return out, r
}

// call calls a function of the first contract, in a transaction of version 0, which has no account.
func (f *feature) call(name string, calldata ...felt.Felt) (*framework.Outcome, *starknet.Receipt) {
	f.t.Helper()
	return f.run(&starknet.Invoke{Sender: first, Selector: starknet.Selector(name), Calldata: calldata})
}

// TestFeatures calls functions of the test contract that check themselves what system calls and builtins answer, and rolls each
// call back at each of its reads.
func TestFeatures(t *testing.T) {
	t.Parallel()
	n := felt.FromUint64
	key := n(0x1234)
	for _, c := range []struct {
		name     string
		calldata []felt.Felt
		ends     framework.Status
	}{
		{"test_keccak", nil, framework.Succeeded},
		{"test_sha256", nil, framework.Succeeded},
		{"test_sha256_with_alternating_inner_calls", nil, framework.Succeeded},
		{"test_secp256k1", nil, framework.Succeeded},
		{"test_secp256k1_point_from_x", nil, framework.Succeeded},
		{"test_signature_verification_secp256k1", nil, framework.Succeeded},
		{"test_secp256r1", nil, framework.Succeeded},
		{"test_signature_verification_secp256r1", nil, framework.Succeeded},
		{"test_poseidon_hades_permutation", nil, framework.Succeeded},
		{"segment_arena_builtin", nil, framework.Succeeded},
		{"test_segment_arena", nil, framework.Succeeded},
		{"test_ec_op", nil, framework.Succeeded},
		{"test_circuit", nil, framework.Succeeded},
		{"test_rc96_holes", nil, framework.Succeeded},
		{"test_blake", nil, framework.Succeeded},
		{"test_range_check", nil, framework.Succeeded},
		{"test_bitwise", nil, framework.Succeeded},
		{"test_pedersen", nil, framework.Succeeded},
		{"test_poseidon", nil, framework.Succeeded},
		{"test_ecop", nil, framework.Succeeded},
		{"test_count_actual_storage_changes", nil, framework.Succeeded},
		{"test_get_block_hash_current_block_number", nil, framework.Succeeded}, // it catches the failure
		{"recurse", []felt.Felt{n(100)}, framework.Succeeded},
		{"recursive_fail", []felt.Felt{n(3)}, framework.Rejected},
		{"fail", nil, framework.Rejected},
		{"assert_eq", []felt.Felt{n(1), n(2)}, framework.Rejected},
		{"assert_eq", []felt.Felt{n(2), n(2)}, framework.Succeeded},
		{"test_storage_read_write", []felt.Felt{key, n(7)}, framework.Succeeded},
		{"write_and_revert", []felt.Felt{key, n(7)}, framework.Rejected},
		{"test_call_contract", []felt.Felt{second, starknet.Selector("return_result"), n(1), n(3)}, framework.Succeeded},
		{"recursive_syscall", []felt.Felt{first, starknet.Selector("recursive_syscall"), n(49)}, framework.Succeeded},
		{"recursive_syscall", []felt.Felt{first, starknet.Selector("recursive_syscall"), n(50)}, framework.Rejected},
		{"test_send_message_to_l1", []felt.Felt{n(99), n(2), n(1), n(2)}, framework.Succeeded},
		{"test_emit_events", []felt.Felt{n(3), n(1), n(5), n(2), n(6), n(7)}, framework.Succeeded},
		{"test_emit_events", []felt.Felt{n(1001), n(0), n(0)}, framework.Rejected},
		{"test_get_class_hash_at", []felt.Felt{second, {}, n(0x999)}, framework.Rejected},
		{"no such function", nil, framework.Rejected},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFeature(t, "0.14.2")
			f.vm = &vmtest.Rewound{VM: featureVM}
			f.open()
			if out, r := f.call(c.name, c.calldata...); out.Status != c.ends {
				t.Errorf("%v, want %v: %s", out.Status, c.ends, r.RevertReason)
			}
		})
	}
}

// TestRewrittenCell is what went wrong on mainnet on 2026-01-05: a call writes a cell that a call inside of it had written, and
// fails; who catches that must find the cell as it was before both.
func TestRewrittenCell(t *testing.T) {
	t.Parallel()
	for _, old := range []uint64{0, 5} {
		f := newFeature(t, "0.14.2")
		key := felt.FromUint64(0x77)
		cell := starknet.StorageKey(second, key)
		f.cells[cell] = framework.Word{old}
		out, r := f.call("catch_write_revert_panic", second, key)
		if out.Status != framework.Succeeded {
			t.Fatalf("%v: %s", out.Status, r.RevertReason)
		}
		for _, w := range out.Writes {
			if w.Key == cell {
				t.Errorf("the cell that held %d holds %v after calls that failed", old, w.Value)
			}
		}
	}
}

// TestRevertedL1Handler is what went wrong on mainnet on 2025-09-02: an L1 handler that fails must leave nothing behind.
func TestRevertedL1Handler(t *testing.T) {
	t.Parallel()
	message := func(name string) *starknet.L1Handler {
		return &starknet.L1Handler{
			Contract: first, Selector: starknet.Selector(name),
			Calldata: []felt.Felt{felt.FromUint64(0xe7), felt.FromUint64(0x55), felt.FromUint64(0x44)},
		}
	}
	f := newFeature(t, "0.14.2")
	out, r := f.run(message("l1_handler_set_value_and_revert"))
	if out.Status != framework.Reverted || len(out.Writes) != 0 || len(r.Events) != 0 || !r.ActualFee.IsZero() {
		t.Errorf("%v with %d writes, %d events and a fee of %v, want it reverted without any", out.Status, len(out.Writes), len(r.Events), r.ActualFee)
	}
	out, r = f.run(message("l1_handler_set_value"))
	if out.Status != framework.Succeeded || len(out.Writes) != 1 {
		t.Errorf("%v with %d writes, want it to succeed with one: %s", out.Status, len(out.Writes), r.RevertReason)
	}
	if out, _ := newFeature(t, "0.13.4").run(message("l1_handler_set_value_and_revert")); out.Status != framework.Rejected {
		t.Errorf("%v before 0.14.0, want it rejected", out.Status)
	}
}
