package builtin_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
)

func TestLayouts(t *testing.T) {
	t.Parallel()
	if n := len(builtin.Layouts()); n != 14 {
		t.Errorf("%d layouts besides dynamic, want 14", n)
	}
	for _, name := range builtin.Layouts() {
		l, err := builtin.LayoutByName(name)
		if err != nil || l.Name != name || l.HasOutput == (name == "plain") || l.Has(builtin.SegmentArena) {
			t.Errorf("LayoutByName(%q) = %+v, %v", name, l, err)
		}
	}
	l, err := builtin.LayoutByName("starknet")
	if err != nil {
		t.Fatal(err)
	}
	want := map[builtin.Name]builtin.Ratio{
		builtin.Pedersen: {32, 1}, builtin.RangeCheck: {16, 1}, builtin.Ecdsa: {2048, 1}, builtin.Bitwise: {64, 1},
		builtin.EcOp: {1024, 1}, builtin.Poseidon: {32, 1},
	}
	if d := cmp.Diff(want, l.Ratios); d != "" {
		t.Errorf("starknet (-want +got):\n%s", d)
	}
	if _, err := builtin.LayoutByName("starknet "); !errors.Is(err, builtin.ErrLayout) {
		t.Errorf("unknown layout: %v, want %v", err, builtin.ErrLayout)
	}
}

const dynamic = `{
	"rc_units": 4, "log_diluted_units_per_step": -2, "cpu_component_step": 8, "memory_units_per_step": 8,
	"uses_pedersen_builtin": true, "pedersen_ratio": 256, "uses_range_check_builtin": 1, "range_check_ratio": 8,
	"uses_ecdsa_builtin": true, "ecdsa_ratio": 2048, "uses_bitwise_builtin": true, "bitwise_ratio": 16,
	"uses_ec_op_builtin": true, "ec_op_ratio": 1024, "uses_keccak_builtin": true, "keccak_ratio": 2048,
	"uses_poseidon_builtin": true, "poseidon_ratio": 256,
	"uses_range_check96_builtin": true, "range_check96_ratio": 8, "range_check96_ratio_den": 1,
	"uses_add_mod_builtin": true, "add_mod_ratio": 128, "add_mod_ratio_den": 3,
	"uses_mul_mod_builtin": false, "mul_mod_ratio": 0, "mul_mod_ratio_den": 1
}`

func TestDynamicLayout(t *testing.T) {
	t.Parallel()
	l, err := builtin.DynamicLayout([]byte(dynamic))
	if err != nil {
		t.Fatal(err)
	}
	if l.Diluted != (builtin.Ratio{Num: 1, Den: 4}) || l.Ratios[builtin.AddMod] != (builtin.Ratio{Num: 128, Den: 3}) || l.CPUStep != 8 {
		t.Errorf("DynamicLayout = %+v", l)
	}
	for _, tc := range []struct{ old, now, want string }{
		{`"rc_units": 4`, `"rc_units": 2`, "rc_units"},
		{`"rc_units": 4`, `"rc_units": "4"`, "rc_units"},
		{`-2`, `-32`, "log_diluted"},
		{`"uses_pedersen_builtin": true`, `"uses_pedersen_builtin": false`, "pedersen_builtin ratio should be 0"},
		{`"uses_pedersen_builtin": true`, `"uses_pedersen_builtin": null`, "uses_pedersen"},
		{`"add_mod_ratio_den": 3`, `"add_mod_ratio_den": 0`, "add_mod_ratio_den"},
		{`"bitwise_ratio": 16`, `"bitwise_ratio": 1.5`, "bitwise_ratio"},
		{`{`, `[`, "invalid character"},
	} {
		_, err := builtin.DynamicLayout([]byte(strings.Replace(dynamic, tc.old, tc.now, 1)))
		if !errors.Is(err, builtin.ErrParameter) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("with %s: %v, want something about %s", tc.now, err, tc.want)
		}
	}
}

func TestOrdered(t *testing.T) {
	t.Parallel()
	all := slices.Collect(builtin.All())
	if !builtin.Ordered(all) || !builtin.Ordered(nil) || !builtin.Ordered([]builtin.Name{builtin.Pedersen, builtin.MulMod}) {
		t.Error("builtins in order are not Ordered")
	}
	for _, bad := range [][]builtin.Name{
		{builtin.Pedersen, builtin.Output}, {builtin.Output, builtin.Output}, {builtin.SegmentArena}, {"x"},
	} {
		if builtin.Ordered(bad) {
			t.Errorf("Ordered(%v) = true", bad)
		}
	}
	measured := map[builtin.Name][2]uint64{}
	for _, n := range all {
		measured[n] = [2]uint64{n.Cells(), n.Inputs()}
	}
	if got := slices.Collect(maps.Values(measured)); len(got) != 11 || measured[builtin.Keccak] != [2]uint64{16, 8} {
		t.Errorf("measures %v", measured)
	}
}
