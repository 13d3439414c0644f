package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/switchyard-dev/switchyard/host/config"
)

// FuzzLoad loads any file: it never panics, says where a problem is, and prints what it loads again.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"", "vm:\n  use: cairo\n  config: { steps: 7, wait: 3s, limits: { gas: 1 } }\n", "[vm]\nuse = 'cairo'\nconfig.steps = 7",
		"block: { capacity: [1, 2], interval: 1m, count: 0x10 }", "[[workload.a]]\nb = 1979-05-27\n[[workload.a]]\nb.c = 1.5",
		"workload: { a: &x [1], b: *x, <<: ~, ? {a: b} : c, d: !!binary aGk=, e: 1e3, f: .inf, g: \"\\x00\\uFEFF\" }", "--- |\n a\n--- >\n b",
		"workload: [[[{a: 1.0, b: 0b1, c: 1_000}]]]\nstore: { exec: ./x }", "workload:\n  '1': 2\n  ~: 3\n  a: |+\n    b\n\n",
	} {
		f.Add([]byte(text), "vm.config.steps=7", false)
		f.Add([]byte(text), "workload.a=[1, {b: c}]", true)
	}
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte, set string, isTOML bool) {
		name := "x.yaml"
		if isTOML {
			name = "x.toml"
		}
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(config.Sources{File: file, Set: []string{set}, Env: []string{"SWITCHYARD_" + set}})
		if err != nil {
			var problems config.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("Load: %v, want Problems", err)
			}
			return
		}
		checkExplain(t, c)
		checkPrint(t, folder, c)
		_ = c.Validate(program()) // it may say anything, but not panic
	})
}

// checkExplain checks that every key that c has can be explained.
func checkExplain(t *testing.T, c *config.Config) {
	t.Helper()
	for _, key := range c.Keys("") {
		if e, err := c.Explain(key); err != nil || e.Origin.Layer == "" || e.String() == "" {
			t.Errorf("Explain(%q) = %+v, %v", key, e, err)
		}
	}
}
