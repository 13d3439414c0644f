package execution_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// taken returns what a transaction takes of the capacity of a block that is empty before it.
func taken(o *framework.Outcome) map[string]uint64 {
	sum := map[string]uint64{}
	for i, n := range o.Usage.Counters {
		sum[starknet.Counter(i).String()] += n //nolint:gosec // a handful of counters
	}
	for _, c := range o.Usage.Once {
		sum[starknet.Counter(c.Counter).String()] += c.Amount
	}
	return sum
}

// TestInnerEvents counts events where inner ones are free, and where they are not.
func TestInnerEvents(t *testing.T) {
	t.Parallel()
	n := felt.FromUint64
	for protocol, want := range map[string]uint64{"0.13.1": 0, "0.13.1.1": 3} {
		f := newFeature(t, protocol)
		f.deploy(n(0x1003), "test_contract_compiled", felt.Felt{})
		f.deploy(n(0x1004), "test_contract_compiled", felt.Felt{})
		out, r := f.run(&starknet.Invoke{Sender: n(0x1003), Selector: starknet.Selector("test_call_contract"), Calldata: []felt.Felt{
			n(0x1004), starknet.Selector("test_emit_events"), n(5), n(3), n(1), n(7), n(1), n(8),
		}})
		if out.Status != framework.Succeeded || len(r.Events) != 3 {
			t.Fatalf("%v with %d events: %s", out.Status, len(r.Events), r.RevertReason)
		}
		if got := taken(out)["n_events"]; got != want {
			t.Errorf("%s: %d events count, want %d", protocol, got, want)
		}
	}
}

// TestBlakeGas runs a Blake instruction in a frame that counts gas. The prover pays for it; for the rest it is in the gas of the
// frame. The numbers are blockifier's.
func TestBlakeGas(t *testing.T) {
	t.Parallel()
	f := newFeature(t, "0.14.3")
	f.cells[starknet.CompiledClassKey(f.hash)] = framework.Word{1} // the class migrates
	out, r := f.call("test_blake")
	if out.Status != framework.Succeeded {
		t.Fatal(r.RevertReason)
	}
	got := taken(out)
	if got["sierra_gas"] != 182_346_174 || got["proving_gas"] != 302_428_067 {
		t.Errorf("%d sierra gas and %d proving gas, want 182346174 and 302428067", got["sierra_gas"], got["proving_gas"])
	}
}
