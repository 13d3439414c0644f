package conform_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/conform"
)

func TestMatch(t *testing.T) {
	for pattern, want := range map[string][]string{
		"":            {"s/a/x", "s/a/x_y", "s/a", "s/b/x", "s/b", "s"},
		"a":           {"s/a/x", "s/a/x_y", "s/a", "s"},
		"a/y":         {"s/a/x_y", "s/a", "s"},
		"/x$":         {"s/a/x", "s/a", "s/b/x", "s/b", "s"},
		"^.$/^x_y/no": {"s/a/x_y", "s/a", "s/b", "s"},
		"c":           {"s"},
	} {
		var ran []string
		suite := func(t conform.T) {
			m, err := conform.Match(t, pattern)
			if err != nil {
				t.Fatalf("%v", err)
			}
			m.Run("a", func(t conform.T) {
				t.Run("x", func(conform.T) {})
				t.Run("x y", func(conform.T) {})
			})
			if !m.Run("b", func(t conform.T) { t.Run("x", func(conform.T) {}) }) {
				t.Errorf("a test that is left out has failed")
			}
		}
		rep := conform.Check(t.Context(), "s", suite, func(r conform.Result) { ran = append(ran, r.Name) })
		if diff := cmp.Diff(want, ran); diff != "" || len(rep.Failed()) > 0 {
			t.Errorf("pattern %q (-want +got):\n%sfailed: %v", pattern, diff, rep.Failed())
		}
	}
}

func TestMatchRefuses(t *testing.T) {
	if _, err := conform.Match(conform.Testing(t), "a/("); err == nil {
		t.Error("a pattern that is none was taken")
	}
}
