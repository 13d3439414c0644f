package conform_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

func TestCheck(t *testing.T) {
	var order []string
	var dir string
	suite := func(t conform.T) {
		t.Run("passes", func(t conform.T) {
			dir = t.TempDir()
			t.Cleanup(func() { order = append(order, "first") })
			t.Cleanup(func() {
				order = append(order, "second")
				if t.Context().Err() == nil {
					t.Errorf("context is alive in cleanup")
				}
			})
		})
		t.Run("fails and goes on", func(t conform.T) { t.Errorf("a"); t.Logf("b") })
		t.Run("stops", func(t conform.T) { t.Fatalf("c"); t.Errorf("not reached") })
		t.Run("skips", func(t conform.T) { t.Skipf("d"); t.Errorf("not reached") })
		t.Run("panics", func(conform.T) { panic("e") })
		if t.Run("inner", func(t conform.T) { t.Run("deep", func(t conform.T) { t.Errorf("f") }) }) {
			t.Errorf("Run of a failing test reports success")
		}
	}
	ended := 0
	rep := conform.Check(t.Context(), "suite", suite, func(conform.Result) { ended++ })

	want := []string{"suite/fails_and_goes_on", "suite/stops", "suite/panics", "suite/inner/deep", "suite/inner", "suite"}
	if diff := cmp.Diff(want, rep.Failed()); diff != "" {
		t.Errorf("Failed() differs (-want +got):\n%s", diff)
	}
	if ended != len(rep.Results) || ended != 8 {
		t.Errorf("done was called %d times for %d results, want 8", ended, len(rep.Results))
	}
	if diff := cmp.Diff([]string{"second", "first"}, order); diff != "" {
		t.Errorf("order of cleanups (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("temporary folder is still there: %v", err)
	}
	for _, r := range rep.Results {
		if strings.Contains(strings.Join(r.Log, "\n"), "not reached") {
			t.Errorf("%s went on after its end", r.Name)
		}
		if r.Skipped != (r.Name == "suite/skips") {
			t.Errorf("%s: Skipped = %v", r.Name, r.Skipped)
		}
	}
}

func TestCheckCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rep := conform.Check(ctx, "suite", func(t conform.T) {
		if t.Context().Err() == nil {
			t.Errorf("context is alive")
		}
	}, nil)
	if f := rep.Failed(); len(f) != 0 {
		t.Errorf("Failed() = %v, want none", f)
	}
}

func TestTesting(t *testing.T) {
	ct := conform.Testing(t)
	ran := ""
	ct.Run("sub", func(t conform.T) { ran = t.Name() })
	if ran != "TestTesting/sub" {
		t.Errorf("subtest ran as %q", ran)
	}
}
