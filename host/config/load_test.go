package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/host/config"
)

// write makes files in a new folder, which it makes the current one.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func load(t *testing.T, src config.Sources) *config.Config {
	t.Helper()
	c, err := config.Load(src)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func TestLoadDefaults(t *testing.T) {
	write(t, nil)
	if diff := cmp.Diff(config.Default(), *load(t, config.Sources{})); diff != "" {
		t.Errorf("without sources (-want +got):\n%s", diff)
	}
}

func TestLoadLayers(t *testing.T) {
	write(t, map[string]string{
		"switchyard.yaml": `
scheduler: { use: blockstm, place: process, config: { workers: 4 } }
vm:
  config: { steps: 7, deep: { b: 2 } }
block: { interval: 250ms, capacity: [1, 2] }
workload: { kind: p2p }
`,
		"more.toml":      "[vm.config]\nsteps = 8\n[block]\ntransactions = 5\n",
		"conf.d/2.yaml":  "block: { count: 2 }",
		"conf.d/1.yml":   "block: { count: 1, transactions: 6 }",
		"conf.d/skip.md": "block: 3",
	})
	got := load(t, config.Sources{
		Files: []string{"more.toml", "conf.d"},
		Env:   []string{"PATH=/bin", "SWITCHYARD_STORE__PLACE=process", "SWITCHYARD_VM__PLACE=process", "SWITCHYARD_VM__CONFIG__DEEP__A=x"},
		Set:   []string{"vm.place=shared:x", "block.interval=2s", "workload.accounts=100", "block.capacity=3,4"},
	})
	want := config.Default()
	want.Scheduler = config.Part{Use: "blockstm", Place: "process", Config: map[string]any{"workers": 4}}
	want.VM.Place = config.Shared("x")
	want.VM.Config = map[string]any{"steps": 8, "deep": map[string]any{"a": "x", "b": 2}}
	want.Store.Place = config.Process
	want.Workload = map[string]any{"kind": "p2p", "accounts": 100}
	want.Block = config.Block{Interval: 2 * time.Second, Transactions: 6, Capacity: []uint64{3, 4}, Count: 2}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestLoadNamedFileMustExist(t *testing.T) {
	write(t, nil)
	_, err := config.Load(config.Sources{File: "gone.yaml"})
	var problems config.Problems
	if !errors.As(err, &problems) || err.Error() != "gone.yaml: no such file or directory" {
		t.Errorf("Load: %v", err)
	}
}
