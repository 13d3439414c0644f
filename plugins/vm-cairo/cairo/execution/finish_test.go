package execution_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// TestMigration executes a class whose hash in the state is the older one of its code. Where the protocol replaces it at the end
// of the block, the block pays for that, as much as in blockifier; the numbers are those on which both agreed.
func TestMigration(t *testing.T) {
	t.Parallel()
	casm, err := class.ParseCasm(realdata.Read(t, "classes/feature/cairo1/test_contract.casm.json"))
	if err != nil {
		t.Fatal(err)
	}
	older, newer := framework.Word(casm.HashV1()), framework.Word(casm.HashV2())
	for _, c := range []struct {
		protocol string
		more     map[string]uint64
	}{
		{"0.14.0", nil},
		{"0.14.1", map[string]uint64{"state_diff_size": 2, "sierra_gas": 88_016_736, "proving_gas": 226_910_521}},
		{"0.14.2", nil},
		{"0.14.3", map[string]uint64{"state_diff_size": 2, "sierra_gas": 104_350_002, "proving_gas": 226_910_521}},
	} {
		t.Run(c.protocol, func(t *testing.T) {
			t.Parallel()
			f := newFeature(t, c.protocol)
			key := starknet.CompiledClassKey(f.hash)
			run := func(hash framework.Word) (map[string]uint64, []framework.Write) {
				f.cells[key] = hash
				out, r := f.call("return_result", felt.One)
				if out.Status != framework.Succeeded {
					t.Fatal(r.RevertReason)
				}
				last, err := f.e.Finish(t.Context(), f.state, []framework.Final{{Outcome: out, Writes: out.Writes}})
				if err != nil {
					t.Fatal(err)
				}
				return taken(out), last
			}
			without, _ := run(newer)
			with, last := run(older)
			more := map[string]uint64{}
			for name, n := range with {
				if n != without[name] {
					more[name] = n - without[name]
				}
			}
			if d := cmp.Diff(c.more, more); d != "" && len(c.more)+len(more) > 0 {
				t.Errorf("what the migration takes (-want +got):\n%s", d)
			}
			migrated := false
			for _, w := range last {
				migrated = migrated || w == framework.Write{Key: key, Value: newer}
			}
			if want := len(c.more) > 0; migrated != want {
				t.Errorf("the hash was replaced: %v, want %v", migrated, want)
			}
		})
	}
}

// aliases is the contract that keeps aliases.
var aliases = felt.FromUint64(2)

// TestAliases ends block 63881 of the integration network, the first one there with aliases: what it changed besides is given, in the
// transactions that may have done so, and what it wrote into the contract of aliases must come out.
func TestAliases(t *testing.T) {
	t.Parallel()
	b, err := gateway.ParseBlock(realdata.Read(t, "chain/blocks/sepolia_integration_63881__0.13.4.json"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := gateway.ParseStateUpdate(realdata.Read(t, "chain/state-updates/sepolia_integration_63881__0.13.4.json"))
	if err != nil {
		t.Fatal(err)
	}
	diff, err := u.Diff.Diff()
	if err != nil {
		t.Fatal(err)
	}
	var want, rest []framework.Write
	block := framework.Block{Number: b.Header.Number, Protocol: b.Header.Protocol, Header: starknet.AppendEnvironment(nil,
		&starknet.Environment{Chain: starknet.SepoliaIntegration, FeeTokens: starknet.PublicFeeTokens, Header: b.Header})}
	for _, w := range diff.Writes {
		switch felt.Felt(w.Key.Owner) {
		case aliases:
			want = append(want, w)
		case felt.One:
			block.Start = append(block.Start, w)
		default:
			rest = append(rest, w)
		}
	}
	if len(want) != 8 || len(block.Start) != 1 {
		t.Fatalf("%d writes of aliases and %d of block hashes, want 8 and 1", len(want), len(block.Start))
	}
	e, err := execution.New(execution.Config{}).Open(t.Context(), &block)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	final := make([]framework.Final, len(b.Transactions))
	for i, w := range rest { // the order of the transactions says nothing
		f := &final[len(final)-1-i%len(final)]
		f.Outcome = new(framework.Outcome)
		f.Writes = append(f.Writes, w)
	}
	// The third time three of the seven have aliases, and so have many others: the rest gets the next ones in the same order.
	given := []framework.Write{{Key: starknet.StorageKey(aliases, felt.Felt{}), Value: framework.Word{0x200}}}
	var later []framework.Write
	for _, w := range want {
		if w.Value[0] < 0x83 {
			given = append(given, w)
			continue
		}
		w.Value[0] += 0x200 - 0x83
		later = append(later, w)
	}
	for _, c := range []struct {
		name        string
		given, want []framework.Write // in the contract of aliases
	}{{"first", nil, want}, {"again", want, nil}, {"later", given, later}} {
		st := newState()
		for _, w := range append(c.given, block.Start...) {
			st.cells[w.Key] = w.Value
		}
		got, err := e.Finish(t.Context(), st, final)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}
