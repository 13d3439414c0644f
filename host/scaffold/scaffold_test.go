package scaffold_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/conformance"
	"github.com/switchyard-dev/switchyard/host/plugins"
	"github.com/switchyard-dev/switchyard/host/scaffold"
)

const checkout = "../.."

// TestScaffoldsWork does with each scaffold what its README says, against this checkout: it is tidied, vetted, tested,
// built, and tested once more as a program over links.
func TestScaffoldsWork(t *testing.T) {
	if testing.Short() {
		t.Skip("builds modules of their own")
	}
	for _, c := range []struct {
		kind    plugin.Kind
		tests   string // of the suite
		program string // of the program
	}{
		{plugin.Scheduler, "TestConformance/(end|fault|random)", "end|report"}, // the README's test runs all
		{plugin.VM, "", ""},
		{plugin.Store, "", ""},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "my-"+string(c.kind))
			spec := scaffold.Spec{Kind: c.kind, Name: "my-" + string(c.kind), Switchyard: checkout}
			made, err := scaffold.Write(dir, spec)
			if err != nil {
				t.Fatal(err)
			}
			if len(made) != 6 {
				t.Errorf("made %v", made)
			}
			command(t, dir, "go", "mod", "tidy")
			command(t, dir, "go", "vet", "./...")
			if out := command(t, dir, "gofmt", "-l", "."); out != "" {
				t.Errorf("not formatted: %s", out)
			}
			command(t, dir, "go", "test", "-run", c.tests, "./...")
			command(t, dir, "go", "build", "-o", spec.Name, "./cmd/"+spec.Name)
			overLinks(t, dir, spec, c.program)
		})
	}
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// overLinks runs the conformance suite on the program.
func overLinks(t *testing.T, dir string, spec scaffold.Spec, tests string) {
	t.Helper()
	target, err := plugins.Resolve(nil, filepath.Join(dir, spec.Name))
	if err != nil {
		t.Fatal(err)
	}
	start := func(ctx context.Context) (*plugins.Running, error) {
		return target.Start(ctx, time.Minute, slog.New(slog.DiscardHandler))
	}
	o := conformance.Options{Run: tests}
	if f, err := os.Open(filepath.Join(dir, "cases.json")); err == nil {
		defer f.Close()
		if o.VM, err = conformance.ReadCases(f); err != nil {
			t.Fatal(err)
		}
	}
	rep, err := conformance.Run(t.Context(), start, plugin.Info{Kind: spec.Kind, ID: spec.Name}, "frames/1", o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rep.Results {
		if r.Failed {
			t.Errorf("%s: %s", r.Name, strings.Join(r.Log, "\n"))
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := scaffold.Spec{Kind: plugin.Store, Name: "mine", Switchyard: checkout}
	for _, c := range []struct {
		change func(*scaffold.Spec)
		dir    string
		want   string
	}{
		{func(s *scaffold.Spec) { s.Kind = "clock" }, "", `no kind "clock", there is scheduler, vm and store`},
		{func(s *scaffold.Spec) { s.Name = "My Store" }, "", `"My Store" is no name for a plugin`},
		{func(s *scaffold.Spec) { s.Name = "sequencer" }, "", "choose another name"},
		{func(s *scaffold.Spec) { s.Module = "a b" }, "", `"a b" is no path of a module`},
		{func(s *scaffold.Spec) { s.Switchyard = "nowhere" }, "", "no checkout of Switchyard in nowhere"},
		{func(*scaffold.Spec) {}, full, "is not empty: name another folder"},
	} {
		spec, dir := good, c.dir
		c.change(&spec)
		if dir == "" {
			dir = filepath.Join(t.TempDir(), "new")
		}
		if _, err := scaffold.Write(dir, spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", spec, err, c.want)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	made, err := scaffold.Write(dir, scaffold.Spec{Kind: plugin.Scheduler, Name: "two-words", Module: "a.b/c", Switchyard: checkout})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"go.mod", "README.md", "twowords.go", "twowords_test.go", "cmd/two-words/main.go", "cmd/sequencer/main.go"}
	for i := range want {
		want[i] = filepath.Join(dir, want[i])
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join(dir, "cmd/sequencer/main.go"))
	if err != nil || !strings.Contains(string(text), "\"a.b/c\"\n") {
		t.Errorf("the sequencer does not import the module: %v\n%s", err, text)
	}
}
