package programs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/casm"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/programs"
)

// run makes a program and runs it on a machine that has run others, and some of them on a new one: what comes of it must be the
// same.
func run(t *testing.T, r *programs.Runner, kind programs.Kind, seed uint64) ([]byte, programs.Result) {
	t.Helper()
	text, err := programs.Make(kind, seed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Run(kind, "p", text)
	if err != nil {
		t.Fatalf("%s %d: %v", kind, seed, err)
	}
	if seed%16 != 0 {
		return text, got
	}
	if again, err := programs.Make(kind, seed); err != nil || !bytes.Equal(text, again) {
		t.Errorf("%s %d is not the same twice: %v", kind, seed, err)
	}
	var fresh programs.Runner
	if want, err := fresh.Run(kind, "p", text); err != nil || got != want {
		t.Errorf("%s %d: %+v on a used machine, %+v (%v) on a new one", kind, seed, got, want, err)
	}
	return text, got
}

// TestPrograms checks that enough of each kind end well and enough do not, and that all hints occur.
func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, kind := range []programs.Kind{programs.Hints, programs.Casm, programs.Code} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			const n = 400
			var r programs.Runner
			var all []string
			ended, errs := 0, map[string]int{}
			for seed := range uint64(n) {
				text, got := run(t, &r, kind, seed)
				all = append(all, string(text))
				if got.Error == "" {
					ended++
				}
				last := got.Error[strings.LastIndexByte(got.Error, '\n')+1:]
				errs[last]++
			}
			if ended < n/10 || ended > n*9/10 || len(errs) < 20 {
				t.Errorf("%d of %d end well, %d different errors", ended, n, len(errs))
			}
			if t.Logf("%d of %d end well, %d different errors", ended, n, len(errs)); kind != programs.Code {
				missing(t, kind, strings.Join(all, ""))
			}
		})
	}
	if _, err := programs.Make("x", 1); err == nil {
		t.Error("an unknown kind is no error")
	}
}

// missing complains about hints that do not occur in a text.
func missing(t *testing.T, kind programs.Kind, text string) {
	t.Helper()
	want := casm.Names()
	if kind == programs.Hints {
		want = slices.Concat(hint.Families()...)
	}
	for _, h := range want {
		quoted, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		alone := []string{"Cheatcode", "AddMarker", "AddTrace", "SystemCall", "RandomEcPoint"} // what only some machines do, or each its own way
		if !strings.Contains(text, string(quoted)) && !slices.Contains(alone, h) {
			t.Errorf("no program has %s", quoted)
		}
	}
}

// TestReference runs programs that the reference has run, see testdata/README.md.
func TestReference(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join("testdata", "reference.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r programs.Runner
	ended := 0
	for d := json.NewDecoder(f); d.More(); {
		var want programs.Result
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		kind, number, _ := strings.Cut(strings.TrimSuffix(want.Program, ".json"), "-")
		seed, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if want.Error == "" {
			ended++
		}
		if _, got := run(t, &r, programs.Kind(kind), seed); got.Error != want.Error || got.Steps != want.Steps || got.Trace != want.Trace || got.Memory != want.Memory {
			t.Errorf("%s:\n  got  %+v\n  want %+v", want.Program, got, want)
		}
	}
	if ended < 100 {
		t.Errorf("%d programs end well", ended)
	}
}

// TestCompare writes results, and compares them with themselves and with others.
func TestCompare(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := programs.Write(t.Context(), dir, programs.Casm, 7, 3); err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "results.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "casm-9.json")); err != nil {
		t.Error(err)
	}
	others := bytes.Replace(lines, []byte(`"steps":`), []byte(`"steps":1`), 1)
	for _, x := range []struct {
		theirs         string
		agreed, differ int
		fails          bool
	}{
		{string(lines), 3, 0, false},
		{string(others), 2, 1, false},
		{string(lines[:50]), 0, 0, true},
		{strings.Replace(string(lines), "casm-8", "casm-7", 1), 0, 0, true},
	} {
		agreed, differ, err := programs.Compare(bytes.NewReader(lines), strings.NewReader(x.theirs))
		if agreed != x.agreed || len(differ) != x.differ || (err != nil) != x.fails {
			t.Errorf("with\n%s: %d agree, %d do not, %v", x.theirs, agreed, len(differ), err)
		}
	}
}

// FuzzPrograms runs programs that nobody has thought of.
func FuzzPrograms(f *testing.F) {
	f.Add(byte(0), uint64(1))
	f.Add(byte(1), uint64(1))
	f.Add(byte(2), uint64(1))
	var r programs.Runner
	f.Fuzz(func(t *testing.T, kind byte, seed uint64) {
		run(t, &r, []programs.Kind{programs.Hints, programs.Casm, programs.Code}[kind%3], seed)
	})
}
