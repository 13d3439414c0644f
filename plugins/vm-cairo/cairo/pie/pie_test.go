package pie_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/pie"
)

// example is an execution with something in each of its parts.
func example() *pie.PIE {
	at := func(seg int, off uint64) machine.Address { return machine.Address{Segment: seg, Offset: off} }
	return &pie.PIE{
		Data: []felt.Felt{felt.One, felt.FromUint64(7)}, Builtins: []builtin.Name{builtin.Output, builtin.Ecdsa}, Main: 1,
		Program: pie.Segment{Index: 0, Size: 2}, Execution: pie.Segment{Index: 1, Size: 3},
		ReturnFP: pie.Segment{Index: 4}, ReturnPC: pie.Segment{Index: 5},
		BuiltinSegments: map[builtin.Name]pie.Segment{builtin.Output: {Index: 2, Size: 1}, builtin.Ecdsa: {Index: 3, Size: 2}},
		Extra:           []pie.Segment{{Index: 6, Size: 4}, {Index: 7, Size: 1}},
		Memory: []pie.Cell{
			{At: at(0, 0), Value: machine.UintCell(1)}, {At: at(1, 2), Value: at(7, 0).Cell()}, {At: at(7, 0), Value: machine.UintCell(5)},
		},
		Pages: map[uint64]pie.Page{1: {Start: 3, Size: 4}}, Attributes: map[string][]uint64{"gps_fact_topology": {1, 2}},
		Pedersen:   nil,
		Signatures: map[machine.Address]crypto.Signature{at(3, 0): {R: felt.One, S: felt.FromUint64(9)}},
		Steps:      12, Holes: 1,
		Instances: map[builtin.Name]uint64{builtin.Output: 1, builtin.Ecdsa: 1},
	}
}

func write(t testing.TB, p *pie.PIE, merge bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b, merge); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, b []byte) *pie.PIE {
	t.Helper()
	p, err := pie.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	p := example()
	q := read(t, write(t, p, false))
	if d := cmp.Diff(p, q, cmpopts.EquateComparable(machine.Cell{}), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("what was read differs from what was written (-want +got):\n%s", d)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if err := p.Compare(q); err != nil {
		t.Error(err)
	}
}

// TestMerge joins the extra segments: what was 7:0 becomes 6:4.
func TestMerge(t *testing.T) {
	t.Parallel()
	q := read(t, write(t, example(), true))
	to := machine.Address{Segment: 6, Offset: 4}
	if len(q.Extra) != 1 || q.Extra[0] != (pie.Segment{Index: 6, Size: 5}) || !q.Memory[1].Value.Equal(to.Cell()) || q.Memory[2].At != to {
		t.Errorf("merged: %+v, %v", q.Extra, q.Memory)
	}
}

// TestInvalid changes one thing at a time.
func TestInvalid(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(p *pie.PIE){
		"Invalid main() address.":                                 func(p *pie.PIE) { p.Main = 3 },
		"Program length does not match the program segment size.": func(p *pie.PIE) { p.Program.Size++ },
		"Builtin list mismatch in builtin_segments.":              func(p *pie.PIE) { delete(p.Instances, builtin.Output) },
		"Invalid segment size for ret_fp. Must be 0.":             func(p *pie.PIE) { p.ReturnFP.Size = 1 },
		"Invalid segment size for ret_pc. Must be 0.":             func(p *pie.PIE) { p.ReturnPC.Size = 1 },
		"Invalid segment index for program_segment.":              func(p *pie.PIE) { p.Program.Index = 1 },
		"Invalid segment index for execution_segment.":            func(p *pie.PIE) { p.Execution.Index = 0 },
		"Invalid segment index for ecdsa_builtin.":                func(p *pie.PIE) { p.BuiltinSegments[builtin.Ecdsa] = pie.Segment{Index: 2} },
		"Invalid segment index for ret_fp_segment.":               func(p *pie.PIE) { p.ReturnFP.Index = 3 },
		"Invalid segment index for ret_pc_segment.":               func(p *pie.PIE) { p.ReturnPC.Index = 4 },
		"Invalid segment indices for extra_segments.":             func(p *pie.PIE) { p.Extra[1].Index = 8 },
		"Invalid address":                                          func(p *pie.PIE) { p.Execution.Size = 2 },
		"Cairo PIE diff: metadata mismatch":                        func(p *pie.PIE) { p.Data = append(p.Data, felt.One); p.Program.Size++ },
		"Cairo PIE diff: memory mismatch":                          func(p *pie.PIE) { p.Memory[0].Value = machine.UintCell(2) },
		"Cairo PIE diff: execution_resources mismatch":             func(p *pie.PIE) { p.Steps++ },
		"Cairo PIE diff: additional_data[output_builtin] mismatch": func(p *pie.PIE) { clear(p.Pages) },
		"Cairo PIE diff: additional_data[ecdsa_builtin] mismatch":  func(p *pie.PIE) { clear(p.Signatures) },
	} {
		p := example()
		change(p)
		err, kind := p.Check(), pie.ErrInvalid
		if strings.HasPrefix(want, "Cairo PIE diff") {
			if err != nil {
				t.Errorf("%s: not valid: %v", want, err)
			}
			err, kind = p.Compare(example()), pie.ErrDifferent
		}
		if !errors.Is(err, kind) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// members are the files of an archive that can be read.
func members(t testing.TB) map[string]string {
	t.Helper()
	b := write(t, example(), false)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		all[f.Name] = text.String()
	}
	return all
}

func archive(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = fmt.Fprint(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	good := members(t)
	for _, tc := range []struct{ file, old, now, want string }{
		{"version.json", "1.1", "1.0", "version"},
		{"metadata.json", `"prime": 36`, `"prime": 37`, "prime"},
		{"metadata.json", "[1, 7]", "[1, -7]", "data[1]"},
		{"metadata.json", `["output"`, `["input"`, "builtins[0]"},
		{"memory.bin", "\x01", "", "unexpected EOF"},
		{"additional_data.json", "[3, 4]", "[3]", "pages"},
		{"additional_data.json", "[3, 0]", "[-3, 0]", "ecdsa_builtin[0]"},
		{"execution_resources.json", "12", "-12", "n_steps"},
	} {
		files := maps.Clone(good)
		files[tc.file] = strings.Replace(files[tc.file], tc.old, tc.now, 1)
		b := archive(t, files)
		_, err := pie.Read(bytes.NewReader(b), int64(len(b)))
		if !errors.Is(err, pie.ErrFormat) || !strings.Contains(err.Error(), tc.file) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s with %q: %v, want something about %s", tc.file, tc.now, err, tc.want)
		}
	}
	for name := range good {
		files := maps.Clone(good)
		delete(files, name)
		b := archive(t, files)
		if _, err := pie.Read(bytes.NewReader(b), int64(len(b))); (err == nil) != (name == "version.json") {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	good := members(f)
	for name, text := range good {
		f.Add(name, text)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		files := maps.Clone(good)
		files[name] = text
		b := archive(t, files)
		p, err := pie.Read(bytes.NewReader(b), int64(len(b)))
		if err != nil || p.Check() != nil {
			return
		}
		if err := read(t, write(t, p, false)).Compare(p); err != nil {
			t.Error(err)
		}
	})
}
