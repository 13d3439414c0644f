package class_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

const prime = `"0x800000000000011000000000000000000000000000000000000000000000001"`

// cairo0Text is a small class with everything that hashing treats in a special way.
const cairo0Text = `{
 "program": {
  "prime": ` + prime + `, "main_scope": "__main__", "builtins": ["pedersen", "range_check"],
  "data": ["0x1", "0xab"], "debug_info": {"x": 1},
  "hints": {"10": [{"code": "b", "accessible_scopes": []}], "9": [{"code": "a < b & \"é\""}]},
  "identifiers": {"b": {"type": "const", "value": 12345678901234567890123456789012345678901234567890, "cairo_type": "(a: felt, b : felt)"}, "a": {}},
  "reference_manager": {"references": [{"value": "[cast(fp: felt*)]", "pc": -0}]},
  "attributes": [
   {"value": "v: w", "name": "n", "accessible_scopes": [], "flow_tracking_data": null},
   {"accessible_scopes": ["s"], "flow_tracking_data": {"b": 1, "a": 2}}
  ]
 },
 "abi": [{"name": "f\u007f\ud83d\ude00\u00e9\/", "inputs": []}],
 "entry_points_by_type": {
  "EXTERNAL": [{"selector": "0x1", "offset": "0x10"}, {"offset": "16", "selector": "0x2"}],
  "L1_HANDLER": [{"selector": "0x3", "offset": 5}], "CONSTRUCTOR": []
 }
}`

func TestCairo0Text(t *testing.T) {
	c, err := class.ParseCairo0([]byte(cairo0Text))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"abi": [{"inputs": [], "name": "f\u007f\ud83d\ude00\u00e9/"}], "program": {` +
		`"attributes": [{"name": "n", "value": "v: w"}, {"accessible_scopes": ["s"], "flow_tracking_data": {"a": 2, "b": 1}}], ` +
		`"builtins": ["pedersen", "range_check"], "data": ["0x1", "0xab"], "debug_info": null, ` +
		`"hints": {"9": [{"code": "a < b & \"\u00e9\""}], "10": [{"accessible_scopes": [], "code": "b"}]}, ` +
		`"identifiers": {"a": {}, "b": {"cairo_type": "(a : felt, b : felt)", "type": "const", "value": 12345678901234567890123456789012345678901234567890}}, ` +
		`"main_scope": "__main__", "prime": ` + prime + `, ` +
		`"reference_manager": {"references": [{"pc": 0, "value": "[cast(fp : felt*)]"}]}}}`
	if diff := cmp.Diff(want, string(c.HintedText())); diff != "" {
		t.Errorf("HintedText (-want +got):\n%s", diff)
	}
	entryPoints := class.EntryPoints[class.EntryPoint]{
		External:  []class.EntryPoint{{Selector: felt.FromUint64(1), Offset: 16}, {Selector: felt.FromUint64(2), Offset: 16}},
		L1Handler: []class.EntryPoint{{Selector: felt.FromUint64(3), Offset: 5}},
	}
	if diff := cmp.Diff(entryPoints, c.EntryPoints); diff != "" {
		t.Errorf("EntryPoints (-want +got):\n%s", diff)
	}
}

// With a compiler version nothing is written the old way; without attributes there is no list of them.
func TestCairo0TextOfNewerCompilers(t *testing.T) {
	text := strings.Replace(cairo0Text, `"main_scope"`, `"compiler_version": "0.10.1", "main_scope"`, 1)
	from, to := strings.Index(text, `"attributes"`), strings.Index(text, ` },`+"\n"+` "abi"`)
	text = strings.TrimRight(text[:from], ", \n") + text[to:]
	c, err := class.ParseCairo0([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	hinted := string(c.HintedText())
	for _, want := range []string{
		`"program": {"builtins"`, `"compiler_version": "0.10.1", "data"`, `"(a: felt, b : felt)"`, `"[cast(fp: felt*)]"`,
	} {
		if !strings.Contains(hinted, want) {
			t.Errorf("HintedText = %s, want %s in it", hinted, want)
		}
	}
}

func TestNullIsLikeAbsent(t *testing.T) {
	a, err := class.ParseCairo0([]byte(cairo0Text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := class.ParseCairo0([]byte(strings.Replace(cairo0Text, `"main_scope"`, `"compiler_version": null, "main_scope"`, 1)))
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("compiler_version null: %v, and another class than without", err)
	}
}

func TestOrderOfKeysDoesNotMatter(t *testing.T) {
	a, err := class.ParseCairo0([]byte(cairo0Text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := class.ParseCairo0(a.Text()) // sorted
	if err != nil || a.Hash() != b.Hash() {
		t.Errorf("Hash of the sorted class = %v, %v, want %v", b.Hash(), err, a.Hash())
	}
}

func TestCairo0Refuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{prime, `"0x11"`, "program.prime: not the prime"},
		{`"10": [`, `"9": [`, "program.hints: 9 appears twice"},
		{`"10": [`, `"0x10": [`, "program.hints.0x10: not a program counter"},
		{`"10": [`, `"010": [`, "program.hints.010: not a program counter"},
		{`"a": {}`, `"b": {}`, "program.identifiers.b: field appears twice"},
		{`"pc": -0`, `"pc": 1.5`, "program.reference_manager.references[0].pc: want an integer"},
		{`"offset": 5`, `"offset": "x"`, `entry_points_by_type.L1_HANDLER[0].offset: "x" is no offset`},
		{`"offset": 5`, `"offset": 5, "pc": 1`, `entry_points_by_type.L1_HANDLER[0].pc: unknown field`},
		{`"pedersen"`, `"Pedersen"`, `program.builtins[0]: "Pedersen" is no name`},
		{`"0xab"`, `"0xAG"`, `program.data[1]: "0xAG" is not hexadecimal`},
		{`"main_scope": "__main__", `, ``, "program.main_scope: missing"},
		{`"abi": [`, `"api": [`, "api: unknown field"},
	} {
		text := strings.Replace(cairo0Text, c.old, c.new, 1)
		_, err := class.ParseCairo0([]byte(text))
		if !errors.Is(err, starknet.ErrJSON) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %s", c.new, c.old, err, c.want)
		}
	}
}

const sierraText = `{
 "sierra_program": ["0x1", "0x7", "0x0", "0x2", "0xb", "0x0", "0x10"],
 "sierra_program_debug_info": {"type_names": []},
 "contract_class_version": "0.1.0",
 "entry_points_by_type": {"EXTERNAL": [{"selector": "0x5", "function_idx": 3}], "L1_HANDLER": [], "CONSTRUCTOR": []},
 "abi": [{"type": "impl", "name": "é", "inputs": [], "n": {}}]
}`

func TestSierraABI(t *testing.T) {
	c, err := class.ParseSierra([]byte(sierraText))
	if err != nil {
		t.Fatal(err)
	}
	const array = `[{"type": "impl", "name": "\u00e9", "inputs": [], "n": {}}]`
	if c.ABI != array {
		t.Errorf("ABI = %s, want %s", c.ABI, array)
	}
	if v, ok := c.Version(); !ok || v != (class.SierraVersion{Major: 1, Minor: 7}) {
		t.Errorf("Version = %v, %t, want 1.7.0", v, ok)
	}
	// A string stays as it is, byte for byte.
	from := strings.Index(sierraText, `[{"type"`)
	text := sierraText[:from] + `" [ {\"name\" :\"é\"}]\n"}`
	if c, err = class.ParseSierra([]byte(text)); err != nil || c.ABI != " [ {\"name\" :\"é\"}]\n" {
		t.Errorf("ABI = %q, %v", c.ABI, err)
	}
}

const casmText = `{
 "prime": ` + prime + `, "compiler_version": "2.16.0",
 "bytecode": ["0x1", "0x2", "0x3", "0x4", "0x5"], "bytecode_segment_lengths": [1, [2, 1], 1],
 "hints": [[0, [{"TestLessThan": {"lhs": {"Deref": {"register": "FP", "offset": -3}}}}]], [3, []]],
 "pythonic_hints": null,
 "entry_points_by_type": {"EXTERNAL": [{"selector": "0x5", "offset": 3, "builtins": ["range_check", "poseidon"]}], "L1_HANDLER": [], "CONSTRUCTOR": []}
}`

// The hash of nested segments, from its definition.
func TestCasmSegments(t *testing.T) {
	c, err := class.ParseCasm([]byte(casmText))
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]func(...felt.Felt) felt.Felt{"V1": crypto.PoseidonMany, "V2": crypto.Blake2s} {
		n := felt.FromUint64
		node := func(list ...felt.Felt) felt.Felt {
			h := x(list...)
			return *h.Add(&h, &felt.One)
		}
		inner := node(n(2), x(n(2), n(3)), n(1), x(n(4)))
		code := node(n(1), x(n(1)), n(3), inner, n(1), x(n(5)))
		builtins := x(felt.MustShortString("range_check"), felt.MustShortString("poseidon"))
		want := x(felt.MustShortString("COMPILED_CLASS_V1"), x(n(5), n(3), builtins), x(), x(), code)
		got := c.HashV1()
		if name == "V2" {
			got = c.HashV2()
		}
		if got != want {
			t.Errorf("Hash%s = %v, want %v", name, got, want)
		}
	}
	// One segment is no list of one segment.
	single, list := *c, *c
	single.Segments, list.Segments = &class.Segment{Length: 5}, &class.Segment{Length: 5, Children: []class.Segment{{Length: 5}}}
	none := *c
	none.Segments = nil
	if a, b, c := single.HashV1(), none.HashV1(), list.HashV1(); a != b || a == c {
		t.Errorf("HashV1 of one segment = %v, of none %v, of a list of one %v", a, b, c)
	}
}

func TestCasmRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`[1, [2, 1], 1]`, `[1, [2, 1], 2]`, "bytecode_segment_lengths: sum is 6, want 5"},
		{`[1, [2, 1], 1]`, `4`, "bytecode_segment_lengths: sum is 4, want 5"},
		{`[1, [2, 1], 1]`, `[1, [], 4]`, "bytecode_segment_lengths[1]: no segments"},
		{`[1, [2, 1], 1]`, strings.Repeat("[", 100) + "5" + strings.Repeat("]", 100), "nested deeper"},
		{`[1, [2, 1], 1]`, `[18446744073709551615, 6]`, "is too long"},
		{`[3, []]`, `[3]`, "hints[1]: want a program counter and a list"},
		{`[3, []]`, `[3, {}]`, "hints[1][1]: want an array"},
		{`"offset": 3,`, ``, "entry_points_by_type.EXTERNAL[0].offset: missing"},
	} {
		_, err := class.ParseCasm([]byte(strings.Replace(casmText, c.old, c.new, 1)))
		if !errors.Is(err, starknet.ErrJSON) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40s for %s: %v, want %s", c.new, c.old, err, c.want)
		}
	}
}

func TestNamesRefuse(t *testing.T) {
	c, err := class.ParseCairo0([]byte(cairo0Text))
	if err != nil {
		t.Fatal(err)
	}
	const want = "hints.9[0].accessible_scopes: missing"
	if _, err = c.Names(); !errors.Is(err, starknet.ErrJSON) || !strings.Contains(err.Error(), want) {
		t.Errorf("Names = %v, want %s", err, want)
	}
}

func samples(t testing.TB) map[string]class.Class {
	t.Helper()
	out := map[string]class.Class{}
	for name, text := range map[string]string{"cairo0": cairo0Text, "x.sierra.json": sierraText, "x.casm.json": casmText} {
		c, err := parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = c
	}
	out["compiled"] = &class.Compiled{
		Sierra: out["x.sierra.json"].(*class.Sierra), Casm: out["x.casm.json"].(*class.Casm),
	}
	return out
}

func TestEncodings(t *testing.T) {
	for name, c := range samples(t) {
		data := class.Append(nil, c)
		got, err := class.Decode(data)
		if diff := cmp.Diff(c, got); err != nil || diff != "" {
			t.Errorf("%s: Decode(Append) = %v (-want +got):\n%s", name, err, diff)
		}
		for i := range data {
			if _, err := class.Decode(data[:i]); !errors.Is(err, starknet.ErrEncoding) {
				t.Fatalf("%s: Decode of %d of %d bytes = %v, want ErrEncoding", name, i, len(data), err)
			}
		}
		if _, err := class.Decode(append(data, 0)); !errors.Is(err, starknet.ErrEncoding) {
			t.Errorf("%s: Decode with a byte more = %v, want ErrEncoding", name, err)
		}
	}
}
