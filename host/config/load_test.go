package config_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/host/config"
)

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

func TestLoadBase(t *testing.T) {
	write(t, map[string]string{"switchyard.yaml": "block: { count: 3 }"})
	base := config.Default()
	base.VM.Config = map[string]any{"cost": "1ms"}
	base.Block.Interval = 0
	base.Workload = nil
	got := load(t, config.Sources{Base: &base, Set: []string{"vm.config.every=2"}})
	want := config.Default()
	want.VM.Config = map[string]any{"cost": "1ms", "every": 2}
	want.Block.Interval = 0
	want.Block.Count = 3
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if len(base.VM.Config) != 1 {
		t.Errorf("Load changed its base: %v", base.VM.Config)
	}
}

func TestLoadFiles(t *testing.T) {
	write(t, map[string]string{"x.json": "{}", "empty.yaml": "", "comment.yml": "# nothing\n---\n", "empty.toml": "", "conf.d/x.md": ""})
	for file, want := range map[string]string{
		"gone.yaml": "gone.yaml: no such file or directory",
		"x.json":    "x.json: is no configuration: its name must end in .yaml, .yml or .toml",
	} {
		if got := refused(t, config.Sources{File: file}); got != want {
			t.Errorf("Load of %s: %s, want %s", file, got, want)
		}
	}
	got := load(t, config.Sources{File: "empty.yaml", Files: []string{"comment.yml", "empty.toml", "conf.d"}})
	if diff := cmp.Diff(config.Default(), *got); diff != "" {
		t.Errorf("files that say nothing (-want +got):\n%s", diff)
	}
}

func TestLoadParts(t *testing.T) {
	tests := []struct {
		name, file string
		set        []string
		want       config.Part
		discarded  int
	}{
		{"a new plugin starts from nothing", "vm: { use: a, config: { x: 1, y: { z: 2 } } }", []string{"vm.use=b"},
			config.Part{Use: "b", Place: "builtin"}, 2},
		{"and from what its own layer says", "vm: { use: a, config: { x: 1 } }", []string{"vm.config.y=2", "vm.use=b"},
			config.Part{Use: "b", Place: "builtin", Config: map[string]any{"y": 2}}, 1},
		{"the same plugin keeps its config", "vm: { use: a, config: { x: 1 } }", []string{"vm.use=a"},
			config.Part{Use: "a", Place: "builtin", Config: map[string]any{"x": 1}}, 0},
		{"a program is not builtin", "vm: { exec: ./mine }", nil,
			config.Part{Exec: "./mine", Place: "process"}, 0},
		{"a program may have several plugins", "vm: { exec: ./mine, use: a, place: 'shared:x' }", nil,
			config.Part{Exec: "./mine", Use: "a", Place: "shared:x"}, 0},
		{"use replaces exec", "vm: { exec: ./mine, sha256: " + sum + ", config: { x: 1 } }", []string{"vm.use=a"},
			config.Part{Use: "a", Place: "builtin"}, 2},
		{"exec replaces use", "vm: { use: a, config: { x: 1 } }", []string{"vm.exec=./mine"},
			config.Part{Exec: "./mine", Place: "process"}, 1},
		{"a checksum in a higher layer", "vm: { exec: ./mine }", []string{"vm.sha256=" + sum},
			config.Part{Exec: "./mine", Place: "process", Checksum: sum}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"switchyard.yaml": tt.file})
			c := load(t, config.Sources{Set: tt.set})
			if tt.want.Config == nil {
				tt.want.Config = map[string]any{}
			}
			if diff := cmp.Diff(tt.want, c.VM); diff != "" {
				t.Errorf("vm (-want +got):\n%s", diff)
			}
			if got := c.Discarded(); len(got) != tt.discarded {
				t.Errorf("discarded %v, want %d", got, tt.discarded)
			}
		})
	}
}

const sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// TestLoadTypesTexts checks that texts become what their key wants, and what they look like where nobody knows.
func TestLoadTypesTexts(t *testing.T) {
	write(t, nil)
	set := []string{
		"vm.use=cairo", "vm.config.steps=7", "vm.config.token=7", "vm.config.hash=0x10", "vm.config.cache=1GiB", "vm.config.wait=3s",
		"vm.config.layouts=a,b", "vm.config.limits={gas: 7}", "vm.config.deep.depth=2", "workload.kind=true", "workload.accounts=5",
	}
	env := []string{"SWITCHYARD_STORE__EXEC=./x", "SWITCHYARD_STORE__CONFIG__A=7", "SWITCHYARD_STORE__CONFIG__B=007",
		"SWITCHYARD_STORE__CONFIG__C=-0.5", "SWITCHYARD_STORE__CONFIG__D=true", "SWITCHYARD_STORE__CONFIG__E=[1, x]",
		"SWITCHYARD_STORE__CONFIG__F=123456789012345678901234567890", "SWITCHYARD_STORE__CONFIG__G=a=b", "SWITCHYARD_STORE__CONFIG__H="}
	c := load(t, config.Sources{Env: env, Set: set, Program: program()})
	want := map[string]any{
		"steps": 7, "token": "7", "hash": "0x10", "cache": "1GiB", "wait": "3s", "layouts": []any{"a", "b"},
		"limits": map[string]any{"gas": 7}, "deep": map[string]any{"depth": 2},
	}
	if diff := cmp.Diff(want, c.VM.Config); diff != "" {
		t.Errorf("by type (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"kind": "true", "accounts": 5}, c.Workload); diff != "" {
		t.Errorf("of the workload (-want +got):\n%s", diff)
	}
	want = map[string]any{
		"a": 7, "b": "007", "c": -0.5, "d": true, "e": []any{1, "x"}, "f": "123456789012345678901234567890", "g": "a=b", "h": "",
	}
	if diff := cmp.Diff(want, c.Store.Config); diff != "" {
		t.Errorf("by look (-want +got):\n%s", diff)
	}
}

// TestLoadIgnoresServiceVariables checks that a service called switchyard does not break its containers.
func TestLoadIgnoresServiceVariables(t *testing.T) {
	write(t, nil)
	c := load(t, config.Sources{Env: []string{"SWITCHYARD_PORT=tcp://10.0.0.1:80", "SWITCHYARD_SERVICE_HOST=10.0.0.1", "SWITCHYARD_PORT_80_TCP_ADDR=10.0.0.1"}})
	if diff := cmp.Diff(config.Default(), *c); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

// TestLoadHammer loads and asks from many goroutines: loads share nothing, and asking changes nothing.
func TestLoadHammer(t *testing.T) {
	write(t, map[string]string{"switchyard.yaml": "vm: { use: cairo, config: { limits: { gas: 1 }, layouts: [a] } }"})
	src := config.Sources{Program: program()}
	c := load(t, src)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				other, err := config.Load(src)
				if err != nil || !other.Equal(*c) {
					t.Errorf("Load = %+v, %v", other, err)
				}
				for _, key := range c.Keys("") {
					if _, err := c.Explain(key); err != nil {
						t.Error(err)
					}
				}
				_ = c.Print(true)
			}
		})
	}
	group.Wait()
}
