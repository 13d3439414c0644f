package execution_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/internal/realdata"
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
