package config_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
)

// layered returns a configuration that uses every kind of layer.
func layered(t *testing.T) *config.Config {
	t.Helper()
	write(t, map[string]string{
		"base.toml": "[vm]\nuse = 'synthetic'\n[vm.config]\ncost = '3ms'\n[block]\ncount = 1\n[workload]\naccounts = 1\n",
		"switchyard.yaml": `vm:
  use: cairo
  place: process
  config:
    steps: 7
    token: hunter2
    limits: { gas: 5 }
block: { count: 2 }
store: { exec: ./mine, config: { password: hunter3, urls: [{ token: hunter4, host: x }], plain: 1 } }
`,
	})
	return load(t, config.Sources{
		File: "base.toml", Files: []string{"switchyard.yaml"}, Program: program(),
		Env: []string{"SWITCHYARD_VM__CONFIG__STEPS=8", "SWITCHYARD_BLOCK__CAPACITY=1,2"},
		Set: []string{"block.count=3", "scheduler.use=blockstm"},
	})
}

func TestExplain(t *testing.T) {
	c := layered(t)
	var b strings.Builder
	for _, key := range append(c.Keys(""), "vm.config.cost") {
		e, err := c.Explain(key)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.String() + "\n")
	}
	golden(t, "explain.txt", b.String())

	e, err := c.Explain("vm.config.steps")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "explain.json", string(text)+"\n")
}

func TestExplainRefuses(t *testing.T) {
	c := layered(t)
	for key, want := range map[string]string{
		"vm.config.stpes": `vm.config.stpes: unknown key, did you mean "vm.config.steps"?`,
		"":                "name a key to explain",
		"block":           "block is a section with block.capacity, block.count, block.interval, block.limits.classes, block.limits.events, block.limits.gas, block.limits.l1_gas, block.limits.state_diff, block.limits.steps, block.transactions",
		"store.config.x":  "store.config.x: unknown key",
	} {
		if _, err := c.Explain(key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Explain(%q): %v, want %s", key, err, want)
		}
	}
}

func TestExplainDefaults(t *testing.T) {
	write(t, nil)
	base := config.Default()
	base.Block.Count = 9
	c := load(t, config.Sources{Base: &base, Set: []string{"vm.exec=./x", "block.count=8"}})
	got, err := c.Explain("vm.place")
	if err != nil || got.Value != "process" || got.Origin.Layer != config.FromDefault {
		t.Errorf("place of a program: %+v, %v", got, err)
	}
	got, err = c.Explain("block.count")
	want := config.Explanation{
		Key: "block.count", Value: int64(8), Default: int64(9), Unit: "blocks", Doc: got.Doc,
		Origin: config.Origin{Layer: config.FromFlag, Name: "--set"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("count over another base (-want +got):\n%s%v", diff, err)
	}
}

func TestDiscarded(t *testing.T) {
	want := []config.Discard{{
		Key:     "vm.config.cost",
		Setting: config.Setting{Origin: config.Origin{Layer: config.FromFile, Name: "base.toml", Line: 4, Column: 1}, Value: "3ms"},
		By:      config.Origin{Layer: config.FromFile, Name: "switchyard.yaml", Line: 2, Column: 3},
		Why:     "vm changes from synthetic to cairo",
	}}
	if diff := cmp.Diff(want, layered(t).Discarded()); diff != "" {
		t.Errorf("Discarded (-want +got):\n%s", diff)
	}
}

// TestSecrets looks for values of secrets in all that is printed.
func TestSecrets(t *testing.T) {
	write(t, map[string]string{
		"a.yaml": "vm: { use: cairo, config: { token: hunter1 } }",
		"b.yaml": "vm: { use: cairo, config: { token: hunter2 } }\nstore: { exec: x, config: { api_key: hunter3, deep: { private_key: hunter4, fee_token: '0x1' } } }",
	})
	src := config.Sources{File: "a.yaml", Files: []string{"b.yaml"}, Set: []string{"vm.config.token=hunter5"}, Program: program()}
	for _, set := range []string{"vm.place=process", "vm.use=synthetic", "vm.config.steps=hunter6", "vm.config.token=[hunter7]"} {
		src.Set = append(src.Set, set)
		c, err := config.Load(src)
		if err != nil {
			if strings.Contains(err.Error(), "hunter5") || strings.Contains(err.Error(), "hunter7") {
				t.Errorf("error tells a secret: %v", err)
			}
			continue
		}
		all := c.Print(true)
		for _, key := range c.Keys("") {
			e, err := c.Explain(key)
			if err != nil {
				t.Fatal(err)
			}
			all += e.String()
		}
		for _, d := range c.Discarded() {
			all += plugin.Plain(d.Value).(string)
		}
		if strings.Contains(all, "hunter") {
			t.Errorf("a secret is printed with %s:\n%s", set, all)
		}
		if !strings.Contains(all, "0x1") {
			t.Errorf("what is no secret is not printed with %s:\n%s", set, all)
		}
	}
}

// fussy tells its value in what it refuses.
type fussy struct {
	Token int    `koanf:"token" secret:"true"`
	Word  string `koanf:"word" secret:"true"`
}

func (f *fussy) Validate() error {
	return plugin.Diagnostics{{Key: "word", Problem: f.Word + " is no word"}}
}

func TestSecretsInProblems(t *testing.T) {
	write(t, nil)
	for set, want := range map[string]string{
		"workload.token=hunter2": "--set: workload.token: want int, got <redacted>",
		"workload.word=hunter2":  "--set: workload.word: <redacted> is no word",
	} {
		src := config.Sources{Set: []string{set}, Program: config.Program{Workload: &fussy{}}}
		if got := refused(t, src); got != want {
			t.Errorf("Load says %s, want %s", got, want)
		}
	}
}
