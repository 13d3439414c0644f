package config_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/host/config"
)

func TestPrint(t *testing.T) {
	c := layered(t)
	golden(t, "print.yaml", c.Print(false))
	golden(t, "print-redacted.yaml", c.Print(true))
	checkPrint(t, t.TempDir(), c)
}

// checkPrint checks that what c prints loads to c again.
func checkPrint(t *testing.T, folder string, c *config.Config) {
	t.Helper()
	text := c.Print(false)
	file := filepath.Join(folder, "printed.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := config.Load(config.Sources{File: file})
	if err != nil {
		t.Fatalf("Load of what was printed: %v\n%s", err, text)
	}
	if diff := cmp.Diff(c, again); diff != "" {
		t.Errorf("loaded again (-want +got):\n%s\n%s", diff, text)
	}
}

// TestPrintKeepsValues has texts that YAML would take for something else, and numbers of all kinds.
func TestPrintKeepsValues(t *testing.T) {
	write(t, nil)
	base := config.Default()
	base.Workload = map[string]any{
		"texts": []any{
			"", " ", "a ", "1", "0x10", "010", "1.5", "true", "yes", "null", "~", "2026-01-02", "<<", "=", "*a", "&a", "!a", "- a", "a: b", "a #b",
			"{", "[", "'", "\"", "\n", "a\nb", "\ta", "a\n\n b\n", "\x00", "\u2028", "ünï", "%a", "@a", "`a", "|", ">", "?", "-", "---", "...",
			"123456789012345678901234567890", "1_000", "0o7", "0b1", ".inf", ".nan", "1e3", "\\", "\ufeff", "#", "a\r\nb",
		},
		"numbers": []any{0, -1, 1 << 62, uint64(1<<64 - 1), 0.5, 1.0, math.Copysign(0, -1), 1e300, 1e-300, 123456789.0, 1e21},
		"empty":   []any{map[string]any{}, []any{}, true, false},
		"1":       1, "true": 2, "<<": 3, " ": 4, "a b": 5, "~": 6, "\n": 7, "0x10": 8,
	}
	checkPrint(t, t.TempDir(), load(t, config.Sources{Base: &base}))
}

func TestInit(t *testing.T) {
	start := config.Default()
	start.VM.Use = "cairo"
	start.Store = config.Part{Exec: "./mine", Place: config.Process, Config: map[string]any{"path": "x"}}
	start.Workload = map[string]any{"accounts": 3}
	text := program().Init(start)
	golden(t, "init.yaml", text)

	disabled := regexp.MustCompile(`(?m)^( *)#([a-z0-9_]+:)`)
	all := disabled.ReplaceAllString(text, "$1$2")
	write(t, map[string]string{"as-is.yaml": text, "all.yaml": all, "plain.yaml": config.Program{}.Init(config.Default())})
	want := start
	want.VM.Config, want.Scheduler.Config = map[string]any{}, map[string]any{}
	if diff := cmp.Diff(want, *load(t, config.Sources{File: "as-is.yaml", Program: program()})); diff != "" {
		t.Errorf("file as it is (-want +got):\n%s", diff)
	}
	c := load(t, config.Sources{File: "all.yaml", Program: program()})
	if c.VM.Config["steps"] != 100 || c.VM.Config["cache"] != "64MiB" || c.Workload["kind"] != "p2p" {
		t.Errorf("with all settings enabled: %+v\n%s", c, all)
	}
	if diff := cmp.Diff(config.Default(), *load(t, config.Sources{File: "plain.yaml"})); diff != "" {
		t.Errorf("file of a program without plugins (-want +got):\n%s", diff)
	}
}

func TestSchema(t *testing.T) {
	for name, p := range map[string]config.Program{"schema.json": program(), "schema-plain.json": {}} {
		text, err := json.MarshalIndent(p.Schema(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, string(text)+"\n")
		if strings.Contains(string(text), "null") {
			t.Errorf("%s has a null:\n%s", name, text)
		}
	}
}
