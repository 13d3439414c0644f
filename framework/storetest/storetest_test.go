package storetest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/storetest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRight runs the suite against a store that has every ability.
func TestRight(t *testing.T) { storetest.Run(conform.Testing(t), full(nil)) }

// TestWrong runs the suite against stores with one fault each, and wants those subtests to fail that concern it.
func TestWrong(t *testing.T) {
	for _, w := range wrongs {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := full(w.wrap)
			if w.change != nil {
				w.change(&s)
			}
			rep := conform.Check(t.Context(), "", func(t conform.T) { storetest.Run(t, s) }, nil)
			if d := cmp.Diff(w.fails, failures(rep, w.fails)); d != "" {
				t.Errorf("failed subtests (-want +got):\n%s\nall of them: %q", d, failures(rep, w.fails))
			}
		})
	}
}

// failures returns the innermost subtests that failed. Whether a concurrent test finds a fault is a matter of luck, so
// these count only if they are expected.
func failures(rep *conform.Report, want []string) []string {
	var names []string
	for _, name := range rep.Failed() {
		name = strings.TrimPrefix(name, "/")
		name, _, _ = strings.Cut(strings.ReplaceAll(name, "_", " "), "/seed ")
		inner := slices.ContainsFunc(names, func(n string) bool { return n == name || strings.HasPrefix(n, name+"/") })
		lucky := strings.HasPrefix(name, "concurrent") && !slices.Contains(want, name)
		if name != "" && !inner && !lucky {
			names = append(names, name)
		}
	}
	return names
}

// newMemory returns a memory store.
func newMemory(t conform.T, retain int) framework.Store {
	s, err := memory.New(memory.Config{Retain: retain})
	if err != nil {
		t.Fatalf("memory.New: %v", err)
	}
	return s
}
