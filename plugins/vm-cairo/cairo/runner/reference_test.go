package runner_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// reference is what the Python VM, or the Rust one, made of a program in a layout.
type reference struct {
	Layout string `json:"layout"`
	Proof  bool   `json:"proof"`
	result
}

type result struct {
	Steps  uint64   `json:"steps"`
	Trace  string   `json:"trace"`
	Cells  int      `json:"cells"`
	Memory string   `json:"memory"`
	Output []string `json:"output"`
	// PIE is the hash of the files of the execution: metadata, additional data, and the cells in order.
	PIE string `json:"pie"`
	// Holes and Instances are only in references of the Rust VM.
	Holes     *uint64           `json:"holes"`
	Instances map[string]uint64 `json:"instances"`
	// Public is the public input, with the hash of its memory; Private the hash of the private one.
	Public  any    `json:"public"`
	Private string `json:"private"`
}

// references returns the names of the programs with a reference.
func references(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.rust.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no references: %v", err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), ".rust.json")
	}
	return files
}

// rustOnly is the program that the Python VM cannot run.
const rustOnly = "modules"

// readReferences returns what the Python VM made of a program, and then the Rust one.
func readReferences(t *testing.T, name string) (refs []reference) {
	t.Helper()
	for _, by := range []string{"reference", "rust"} {
		var list []reference
		text, err := os.ReadFile("testdata/" + name + "." + by + ".json")
		if name == rustOnly && by == "reference" && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(text, &list)
		}
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, list...)
	}
	return refs
}

// load reads a compiled program of testdata.
func load(t testing.TB, name string) *runner.Loaded {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return runner.Load(p, hint.Standard())
}

func layout(t testing.TB, name string) *builtin.Layout {
	t.Helper()
	l, err := builtin.LayoutByName(name)
	if name == "dynamic" {
		var text []byte
		if text, err = os.ReadFile("testdata/dynamic.json"); err != nil {
			t.Fatal(err)
		}
		l, err = builtin.DynamicLayout(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func sha(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// TestReference runs each program in each layout of its reference, and compares trace, memory and output.
func TestReference(t *testing.T) {
	t.Parallel()
	for _, name := range references(t) {
		for _, want := range readReferences(t, name) {
			mode := "execution"
			if want.Proof {
				mode = "proof"
			}
			t.Run(name+"/"+want.Layout+"/"+mode, func(t *testing.T) {
				t.Parallel()
				file := name
				if want.Proof {
					file += ".proof"
				}
				c := runner.Config{Layout: layout(t, want.Layout), Proof: want.Proof, AllowMissing: want.Proof}
				var m machine.Machine
				s := finish(t, &m, load(t, file), c)
				got := resultOf(t, s, &m, want.Proof)
				if want.Holes == nil { // the Python VM counts them in another way
					got.Holes, got.Instances = nil, nil
				}
				if want.PIE == "" {
					got.PIE = ""
				}
				if d := cmp.Diff(want.result, got); d != "" {
					t.Errorf("differs from the reference (-want +got):\n%s", d)
				}
			})
		}
	}
}

// finish runs main to its end and makes all checks.
func finish(t testing.TB, m *machine.Machine, l *runner.Loaded, c runner.Config) *runner.Session {
	t.Helper()
	s, err := runner.Main(m, l, c, machine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	steps := []func() error{
		s.Run, s.End, s.ReadReturnValues,
		func() error { return s.Secure(true, uint64(len(l.Program.Data))) },
	}
	if c.Proof {
		steps = append(steps, s.Finalize)
	}
	for i, f := range steps {
		if err := f(); err != nil {
			t.Fatalf("step %d, pc %v: %v", i, m.Registers().PC, err)
		}
	}
	return s
}

func resultOf(t *testing.T, s *runner.Session, m *machine.Machine, proof bool) result {
	t.Helper()
	var trace, memory bytes.Buffer
	if err := s.WriteTrace(&trace); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteMemory(&memory); err != nil {
		t.Fatal(err)
	}
	r := result{
		Steps: m.Steps(), Trace: sha(trace.Bytes()), Cells: memory.Len() / 40, Memory: sha(memory.Bytes()), Output: []string{},
	}
	if lines := strings.TrimSpace(s.Output()); lines != "" {
		r.Output = strings.Split(lines, "\n")
	}
	used := s.Resources()
	r.Holes, r.Instances = &used.Holes, make(map[string]uint64)
	for n, k := range used.Instances {
		r.Instances[n.String()] = k
	}
	if !proof {
		r.PIE = pieHash(t, s)
	} else {
		r.Output = nil
		r.Public, r.Private = proofInputs(t, s)
	}
	return r
}

// pieHash writes the run as an execution, runs that again, and returns the hash of its files.
func pieHash(t *testing.T, s *runner.Session) string {
	t.Helper()
	made, err := s.PIE()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := made.Write(&b, false); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, name := range []string{"metadata.json", "additional_data.json", "memory.bin"} {
		f, err := z.Open(name)
		if err == nil {
			_, err = io.Copy(h, f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// TestPIE runs executions again: they come out the same, and one that was changed does not.
func TestPIE(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hashes", "curves", "modulo", "dicts", "secp"} {
		l := layout(t, "all_cairo")
		var m machine.Machine
		made, err := finish(t, &m, load(t, name), runner.Config{Layout: l}).PIE()
		if err != nil {
			t.Fatal(err)
		}
		again, err := runner.FromPIE(&m, runner.LoadPIE(made), made, runner.Config{Layout: l}, machine.Config{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range []func() error{again.Run, again.End, again.ReadReturnValues, func() error {
			return again.Secure(true, uint64(len(made.Data)))
		}} {
			if err := f(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		other, err := again.PIE()
		if err == nil {
			err = other.Compare(made)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		made.Steps--
		short, err := runner.FromPIE(&m, runner.LoadPIE(made), made, runner.Config{Layout: l}, machine.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := short.Run(); !errors.Is(err, machine.ErrSteps) {
			t.Errorf("%s: with a step less: %v", name, err)
		}
	}
}

// proofInputs returns both inputs of the prover in the form of the reference.
func proofInputs(t *testing.T, s *runner.Session) (public any, private string) {
	t.Helper()
	in, err := s.PublicInput()
	if err != nil {
		t.Fatal(err)
	}
	cells := encode(t, in.Memory)
	in.Memory = nil
	if err := json.Unmarshal(encode(t, in), &public); err != nil {
		t.Fatal(err)
	}
	m := public.(map[string]any)
	delete(m, "dynamic_params")
	m["public_memory"] = sha(cells)
	all, err := s.PrivateInput()
	if err != nil {
		t.Fatal(err)
	}
	return public, sha(encode(t, all))
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
