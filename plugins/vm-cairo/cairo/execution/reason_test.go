package execution_test

import (
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// deploy deploys a class of Cairo 0 under a hash, or its own if that is 0.
func (f *feature) deploy(at felt.Felt, name string, hash felt.Felt) {
	f.t.Helper()
	c, err := class.ParseCairo0(realdata.Read(f.t, "classes/feature/cairo0/"+name+".json"))
	if err != nil {
		f.t.Fatal(err)
	}
	if hash.IsZero() {
		hash = c.Hash()
	}
	f.classes[framework.Word(hash)] = &framework.Class{Hash: framework.Word(hash), Body: class.Append(nil, c)}
	f.cells[starknet.DeclaredKey(hash)] = framework.Word{1}
	f.cells[starknet.ClassHashKey(at)] = framework.Word(hash)
}

// lastLine returns where a reason ends.
func lastLine(reason string) string {
	reason = strings.TrimRight(reason, "\n")
	return reason[strings.LastIndexByte(reason, '\n')+1:]
}

// TestReasons compares the ends of reasons of failures, which block hashes contain, with what blockifier says.
func TestReasons(t *testing.T) {
	t.Parallel()
	n := felt.FromUint64
	contract := n(0x1003)
	for _, c := range []struct {
		class, function string
		calldata        []felt.Felt
		want            string
	}{
		{"security_tests_contract_compiled", "test_relocatable_storage_address", []felt.Felt{{}}, "Expected integer at address 6:1"},
		{"security_tests_contract_compiled", "test_bad_syscall_request_arg_type", nil, "Expected relocatable at address 6:4"},
		{"security_tests_contract_compiled", "test_nonrelocatable_syscall_ptr", nil, "Expected relocatable at address 1:11"},
		{"security_tests_contract_compiled", "test_bad_syscall_stop_ptr", nil, "Validation failed: Syscall segment end."},
		{"security_tests_contract_compiled", "test_access_after_syscall_stop_ptr", nil, "Validation failed: Syscall segment size."},
		{"test_contract_compiled", "test_call_contract", []felt.Felt{n(0x99), n(1), {}}, "Requested contract address 0x" + strings.Repeat("0", 62) + "99 is not deployed."},
		{"security_tests_contract_compiled", "test_bad_builtin_stop_ptr", nil, "Validation failed: Invalid stop pointer for range_check_builtin. Expected: 3:0, found: 3:2."},
		{"test_contract_compiled", "send_message", []felt.Felt{{0, 0, 1 << 40}}, "Out of range 374144419156711147060143317175368453031918731001856."},
		{"test_contract_compiled", "test_storage_read_write", []felt.Felt{{0, 0, 0, 1 << 59}, n(1)}, "Out of range [0x0, 0x800000000000000000000000000000000000000000000000000000000000000)."},
	} {
		t.Run(c.function, func(t *testing.T) {
			t.Parallel()
			f := newFeature(t, "0.14.2")
			f.deploy(contract, c.class, felt.Felt{})
			out, r := f.run(&starknet.Invoke{Sender: contract, Selector: starknet.Selector(c.function), Calldata: c.calldata})
			if got := lastLine(r.RevertReason); out.Status != framework.Rejected || got != c.want {
				t.Errorf("%v: %q, want it rejected: %q", out.Status, got, c.want)
			}
		})
	}
}

// TestFraud calls a class that the protocol blocks for what has version 0: old invocations and messages from L1.
func TestFraud(t *testing.T) {
	t.Parallel()
	n := felt.FromUint64
	contract := n(0x1003)
	f := newFeature(t, "0.14.2")
	f.deploy(contract, "test_contract_compiled", felt.MustParse("0x1a7820094feaf82d53f53f214b81292d717e7bb9a92bb2488092cd306f3993f"))
	for _, c := range []struct {
		tx   starknet.Transaction
		ends framework.Status
	}{
		{&starknet.Invoke{Sender: contract, Selector: starknet.Selector("return_result"), Calldata: []felt.Felt{n(1)}}, framework.Rejected},
		{&starknet.L1Handler{Contract: contract, Selector: starknet.Selector("deposit"), Calldata: []felt.Felt{n(1), n(2)}}, framework.Reverted},
	} {
		out, r := f.run(c.tx)
		if got := lastLine(r.RevertReason); out.Status != c.ends || got != "Fraud attempt blocked." {
			t.Errorf("%T: %v: %q, want %v", c.tx, out.Status, got, c.ends)
		}
	}
}
