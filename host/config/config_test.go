package config_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// home is the folder of the package: tests change theirs.
var home, _ = os.Getwd()

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join(home, "testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", filepath.Base(name), diff)
	}
}

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

// refused returns the text of the problems of sources.
func refused(t *testing.T, src config.Sources) string {
	t.Helper()
	_, err := config.Load(src)
	var problems config.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("Load = %v, want Problems", err)
	}
	return err.Error()
}

// The configs of the plugins in these tests.
type (
	cairo struct {
		Steps int           `koanf:"steps" unit:"steps" doc:"How far a transaction may run. 0 means as far as the protocol allows."`
		Wait  time.Duration `koanf:"wait" doc:"How long to wait for a class."`
		Cache plugin.Size   `koanf:"cache" doc:"Memory for decoded classes."`
		Hash  text          `koanf:"hash" doc:"A number of any length."`
		Token string        `koanf:"token" secret:"true" doc:"What the prover asks for."`
		Deep  struct {
			Depth int `koanf:"depth" doc:"How deep."`
		} `koanf:"deep" doc:"A section within."`
		Layouts []string          `koanf:"layouts" doc:"Layouts to allow."`
		Limits  map[string]uint64 `koanf:"limits" doc:"Limits by name."`
	}
	synthetic struct {
		Cost time.Duration `koanf:"cost" doc:"What a transaction burns."`
	}
	blockstm struct {
		Workers int `koanf:"workers" unit:"goroutines" doc:"How many transactions run at a time. 0 means as many as there are cores."`
	}
	trie struct {
		Path string `koanf:"path" doc:"Folder of the database."`
	}
	spec struct {
		Accounts int    `koanf:"accounts" unit:"accounts" doc:"How many accounts take part."`
		Kind     string `koanf:"kind" doc:"What the transactions do."`
	}
)

// text is a type that reads itself from text, as numbers of more than 64 bits do.
type text string

func (x *text) UnmarshalText(b []byte) error { *x = text(b); return nil }

func (c *cairo) Validate() error {
	if c.Steps < 0 {
		return plugin.Diagnostics{{Key: "steps", Problem: "is below 0"}}
	}
	return nil
}

// program returns a program with plugins of all kinds.
func program() config.Program {
	noVM := func() (framework.VM, error) { return nil, nil }
	noStore := func() (framework.Store, error) { return nil, nil }
	noScheduler := func() (framework.Scheduler, error) { return nil, nil }
	standard := cairo{Steps: 100, Wait: time.Second, Cache: 64 << 20, Layouts: []string{"all_cairo"}}
	return config.Program{
		Plugins: plugin.Catalog{
			plugin.ForScheduler(plugin.Info{ID: "serial", Summary: "One transaction after the other."}, struct{}{},
				func(context.Context, struct{}) (framework.Scheduler, error) { return noScheduler() }),
			plugin.ForScheduler(plugin.Info{ID: "blockstm", Summary: "Many transactions at a time."}, blockstm{},
				func(context.Context, blockstm) (framework.Scheduler, error) { return noScheduler() }),
			plugin.ForVM(plugin.Info{ID: "synthetic", Summary: "Burns time."}, synthetic{Cost: time.Millisecond},
				func(context.Context, synthetic) (framework.VM, error) { return noVM() }),
			plugin.ForVM(plugin.Info{ID: "cairo", Summary: "Runs Cairo."}, standard,
				func(context.Context, cairo) (framework.VM, error) { return noVM() }),
			plugin.ForStore(plugin.Info{ID: "memory", Summary: "Forgets."}, struct{}{},
				func(context.Context, struct{}) (framework.Store, error) { return noStore() }),
			plugin.ForStore(plugin.Info{ID: "trie", Summary: "Remembers."}, trie{Path: "./data"},
				func(context.Context, trie) (framework.Store, error) { return noStore() }),
		},
		Workload: &spec{Accounts: 10, Kind: "p2p"},
	}
}

// TestDefaultHasNoNilMap checks what would panic once a layer sets a key in it.
func TestDefaultHasNoNilMap(t *testing.T) {
	var visit func(v reflect.Value, path string)
	visit = func(v reflect.Value, path string) {
		if v.Kind() == reflect.Map && v.IsNil() {
			t.Errorf("%s is nil", path)
		}
		if v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				visit(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	}
	visit(reflect.ValueOf(config.Default()), "Config")
	write(t, nil)
	visit(reflect.ValueOf(load(t, config.Sources{Base: &config.Config{}, Set: []string{
		"scheduler.use=a", "vm.use=b", "store.use=c", "vm.place=builtin", "scheduler.place=builtin", "store.place=builtin", "vm.config.x=1",
	}}).VM), "VM")
}

func TestEveryKeyIsDocumented(t *testing.T) {
	for _, f := range plugin.Fields(config.Default()) {
		if f.Doc == "" {
			t.Errorf("%s has no doc", f.Key)
		}
	}
}
