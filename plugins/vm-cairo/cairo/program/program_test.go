package program_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

const small = `{
	"prime": "0x800000000000011000000000000000000000000000000000000000000000001",
	"builtins": ["output"],
	"data": ["0x40780017fff7fff", "0x1", "0x208b7fff7fff7ffe"],
	"hints": {"0": [{"code": "x = 1", "accessible_scopes": ["__main__"],
		"flow_tracking_data": {"ap_tracking": {"group": 0, "offset": 2}, "reference_ids": {"__main__.main.x": 0}}}]},
	"reference_manager": {"references": [{"ap_tracking_data": {"group": 0, "offset": 1}, "pc": 0, "value": "[cast(ap + (-1), felt*)]"}]},
	"identifiers": {"__main__.main": {"type": "function", "pc": 1}, "__main__.c": {"type": "const", "value": 1.5e+2},
		"__main__.neg": {"type": "const", "value": -1}, "__main__.m": {"type": "alias", "destination": "__main__.main"},
		"__main__.gone": {"type": "function", "pc": null}},
	"attributes": [{"name": "error_message", "value": "oh", "start_pc": 0, "end_pc": 2}],
	"main_scope": "__main__", "compiler_version": "0.14.0.1", "debug_info": null
}`

func TestParse(t *testing.T) {
	t.Parallel()
	p, err := program.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if pc, ok := p.Label("__main__.m"); !ok || pc != 1 {
		t.Errorf("Label of an alias = %d, %v, want 1", pc, ok)
	}
	if got := p.Identifiers["__main__.c"].Value.Decimal(); got != "150" {
		t.Errorf("a constant in scientific notation is %s, want 150", got)
	}
	if _, ok := p.Label("__main__.gone"); ok {
		t.Error("a function without pc has one")
	}
	neg := p.Identifiers["__main__.neg"].Value
	if v, ok := neg.Int64(); !ok || v != -1 {
		t.Errorf("constant -1 is %v", neg)
	}
	if len(p.Hints) != 1 || p.Hints[0].Hints[0].Code != "x = 1" || p.Hints[0].Hints[0].Flow.AP.Offset != 2 {
		t.Errorf("hints %+v", p.Hints)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		old, now string
		want     error
		where    string
	}{
		{small, "", program.ErrSyntax, "program"},
		{small, "[]", program.ErrSyntax, "program"},
		{"11000000", "12000000", program.ErrPrime, "prime"},
		{`"0x1"`, `"0x800000000000011000000000000000000000000000000000000000000000001"`, program.ErrNumber, "data[1]"},
		{`"0x1"`, `"1"`, program.ErrNumber, "data[1]"},
		{`"0x1"`, `1`, program.ErrSyntax, "data"},
		{`"data"`, `"words"`, program.ErrSyntax, "data"},
		{`["output"]`, `["outputs"]`, program.ErrBuiltin, "builtins[0]"},
		{`{"0": [`, `{"3": [`, program.ErrRange, `hints["3"]`},
		{`{"0": [`, `{"-1": [`, program.ErrRange, `hints["-1"]`},
		{`{"0": [`, `{"00": [], "0": [{}, `, program.ErrSyntax, `hints["0"][0]`},
		{`"__main__.main.x": 0`, `"__main__.main.x": 1`, program.ErrRange, `hints["0"][0]`},
		{`1.5e+2`, `1.5`, program.ErrNumber, "__main__.c"},
		{`1.5e+2`, `1e999999999`, program.ErrNumber, "__main__.c"},
		{`1.5e+2`, `"7"`, program.ErrNumber, "__main__.c"},
		{`"debug_info": null`, `"debug_info": {"instruction_locations": {"x": {}}}`, program.ErrRange, "debug_info"},
	} {
		_, err := program.Parse([]byte(strings.Replace(small, tc.old, tc.now, 1)))
		if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.where) {
			t.Errorf("with %.40s: %v, want %v at %s", tc.now, err, tc.want, tc.where)
		}
	}
	if _, err := program.Parse([]byte(small + "{}")); !errors.Is(err, program.ErrSyntax) {
		t.Errorf("two objects: %v, want %v", err, program.ErrSyntax)
	}
}

// cells is a memory whose cell 1:n holds an address or a number.
type cells map[uint64]machine.Cell

func (c cells) Read(a machine.Address) machine.Cell {
	if a.Segment != machine.StackSegment {
		return machine.Cell{}
	}
	return c[a.Offset]
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	m := cells{
		15: machine.UintCell(7), 18: machine.Address{Segment: 1, Offset: 14}.Cell(), 14: machine.UintCell(9), 16: machine.UintCell(100),
		29: machine.UintCell(5),
	}
	for _, tc := range []struct{ value, want, typ string }{
		{"[cast(fp + (-5), felt*)]", "7", "felt"},
		{"[cast(fp, felt*)]", "<empty>", "felt"},
		{"cast(fp + (-5), felt*)", "1:15", "felt*"},
		{"cast([ap + (-1)] + 3, felt)", "8", "felt"},
		{"cast([fp + (-5)] + [ap + (-1)], felt)", "12", "felt"},
		{"cast([fp + (-5)] - [ap + (-1)], felt)", "2", "felt"},
		{"cast([fp + (-5)] * [ap + (-1)], felt)", "35", "felt"},
		{"cast(12, felt)", "12", "felt"},
		{"cast(-12 + 13, felt)", "1", "felt"},
		{"[cast([fp + (-2)], felt*)]", "9", "felt"},
		{"[cast([fp + (-2)] + 2, a.b.C*)]", "100", "a.b.C"},
		{"cast([[fp + (-2)] + 1], (x: felt, y: felt*))", "7", "(x: felt, y: felt*)"},
		{"[cast(ap + (-1), felt**)]", "5", "felt*"},
		{"cast([fp + (-4)] + 3, felt)", "103", "felt"},
		{"cast([fp + (-7)] + 3, felt)", "<empty>", "felt"},
	} {
		text := strings.Replace(small, "[cast(ap + (-1), felt*)]", tc.value, 1)
		p, err := program.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		e := p.References[0].Value
		if got := e.Value(m, 30, 20).String(); !e.Valid() || got != tc.want || e.Type != tc.typ {
			t.Errorf("%s = %s of type %s, want %s of type %s", tc.value, got, e.Type, tc.want, tc.typ)
		}
	}
	for _, bad := range []string{
		"", "cast", "cast(fp)", "[cast(fp, felt)", "cast(fp + , felt)", "cast([fp, felt)", "cast(xp, felt)", "cast(fp / 2, felt)",
		"cast(" + strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000) + ", felt)",
	} {
		p, err := program.Parse([]byte(strings.Replace(small, "[cast(ap + (-1), felt*)]", bad, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if e := p.References[0].Value; e.Valid() || e.Value(m, 30, 20).Known() {
			t.Errorf("%.50s is understood", bad)
		}
	}
}

// TestClasses reads all classes of Cairo 0 among the shared data, and decodes and encodes their instructions.
func TestClasses(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SWITCHYARD_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "..", "shared", "data")
	}
	var files []string
	for _, pattern := range []string{"classes/cairo0/*.json", "classes/chain/*.json", "classes/feature/cairo0/*.json"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("SKIP: no classes below " + dir)
	}
	classes, hints, unknown := 0, map[string]bool{}, 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var class struct {
			Program json.RawMessage `json:"program"`
		}
		if err := json.Unmarshal(text, &class); err != nil || len(class.Program) == 0 || class.Program[0] != '{' {
			continue // a class of Cairo 1, or one with a packed program
		}
		p, err := program.Parse(class.Program)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		classes++
		code := machine.NewCode(p.Data, nil)
		for i := range code.Len() {
			in, ok := code.Instruction(i)
			if !ok {
				unknown++
			} else if in.Encode() != p.Data[i] {
				t.Errorf("%s: word %d: %v encodes to %v", filepath.Base(name), i, p.Data[i], in.Encode())
			}
		}
		for _, at := range p.Hints {
			for _, h := range at.Hints {
				hints[h.Code] = true
				for full, i := range h.Flow.References {
					if !p.References[i].Value.Valid() {
						t.Errorf("%s: reference %s at %d is not understood", filepath.Base(name), full, at.PC)
					}
				}
			}
		}
	}
	t.Logf("%d classes, %d different hints, %d words that are no instruction", classes, len(hints), unknown)
	if classes < 10 {
		t.Errorf("only %d classes could be read", classes)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"prime": "0x1", "data": []}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := program.Parse(text)
		if err != nil {
			return
		}
		machine.NewCode(p.Data, nil)
		for _, r := range p.References {
			r.Value.Value(cells{}, 1, 1)
		}
	})
}
