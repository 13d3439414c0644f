package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/fx"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/lifecycle"
	"github.com/switchyard-dev/switchyard/host/monitor"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// TestMain is the main of a plugin if a host has started this program, of a node if a test has, and that of the tests otherwise.
func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		serve.Main(catalog()...)
	}
	if text := os.Getenv(soakEnv); text != "" {
		var n soakNode
		if err := errors.Join(json.Unmarshal([]byte(text), &n), n.run()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func catalog() plugin.Catalog {
	return plugin.Catalog{
		serial.Factory(), blockstm.Factory(), synthetic.Factory(), execution.Factory(), memory.Factory(), trie.Factory(), killing(),
	}
}

// load returns the configuration of settings as of --set, above a file if there is one.
func load(t *testing.T, file string, set ...string) *config.Config {
	t.Helper()
	cfg, err := config.Load(config.Sources{File: file, Set: set, Program: config.Program{Plugins: catalog(), Workload: &workload.Spec{}}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// source returns blocks of five transactions for the VM of a configuration.
func source(t *testing.T, cfg *config.Config) sequencer.Source {
	t.Helper()
	if cfg.VM.Use == "cairo" {
		x, err := genesis.New(genesis.Spec{Transactions: 5, Accounts: 3})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	w, err := workload.New(workload.Spec{Transactions: 5})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// node returns a node that makes so many blocks of five transactions.
func node(t *testing.T, cfg *config.Config, blocks int, more ...fx.Option) fx.Option {
	t.Helper()
	return host.Node(catalog(), cfg, sequencer.Arrivals(source(t, cfg), cfg.Block.Interval), sequencer.Pace{Transactions: 5, Count: blocks}, more...)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func examples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	return files
}

// TestExamplesFitTogether has fx look whether everything that a node needs is there, for every example.
func TestExamplesFitTogether(t *testing.T) {
	for _, file := range examples(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if err := lifecycle.Check(fx.Supply(quiet()), node(t, load(t, file), 1)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestExamplesRun runs every example for a few blocks, as it stands.
func TestExamplesRun(t *testing.T) {
	roots := map[string]map[framework.Root][]string{}
	for _, file := range examples(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			file, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			cfg := load(t, file)
			var last *sequencer.Sealed
			watch := fx.Invoke(func(p *sequencer.Producer) { p.Each(func(b *sequencer.Sealed) { last = b }) })
			if err := host.Run(t.Context(), quiet(), node(t, cfg, 3, watch)); err != nil {
				t.Fatal(err)
			}
			if last == nil || last.Number != 3 {
				t.Fatalf("the last block is %v, want 3", last)
			}
			of := cfg.VM.Use + " on " + cfg.Store.Use
			if roots[of] == nil {
				roots[of] = map[framework.Root][]string{}
			}
			roots[of][last.Root] = append(roots[of][last.Root], filepath.Base(file))
		})
	}
	for of, all := range roots {
		if len(all) != 1 {
			t.Errorf("the same blocks have different roots, %s: %v", of, all)
		}
	}
}

// TestConstructorsOnlyBuild (fx 6): what a constructor started would never be stopped if a later one fails. The leak test
// of this package finds goroutines; processes and folders would be in the folder for temporary files.
func TestConstructorsOnlyBuild(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	broken := errors.New("broken")
	cfg := load(t, "", "store.place=process")
	err := host.Run(t.Context(), quiet(), node(t, cfg, 1, fx.Invoke(func(a *host.Assembly, m *monitor.Monitor) error {
		if a.Store != nil || m.Address() != "" {
			t.Error("a constructor has started something")
		}
		return broken
	})))
	if !errors.Is(err, broken) {
		t.Errorf("Run() = %v, want %v", err, broken)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestEverythingIsNeeded (fx 10): a constructor that nobody needs never runs. All parts of a node are used, by an Invoke.
func TestEverythingIsNeeded(t *testing.T) {
	ran := map[string]bool{}
	note := func(name string) func() { return func() { ran[name] = true } }
	err := host.Run(t.Context(), quiet(), node(t, load(t, ""), 1,
		fx.Decorate(func(a *host.Assembly) *host.Assembly { note("assembly")(); return a }),
		fx.Decorate(func(m *monitor.Monitor) *monitor.Monitor { note("monitor")(); return m }),
		fx.Decorate(func(p *sequencer.Producer) *sequencer.Producer { note("producer")(); return p }),
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"assembly", "monitor", "producer"} {
		if !ran[name] {
			t.Errorf("the constructor of the %s never ran", name)
		}
	}
}

// TestGraphOfConstructors (fx 12): fx shows plain constructors under their names, annotated ones as makeFuncStub, and what
// a configuration has chosen not at all: that is what the command graph is for.
func TestGraphOfConstructors(t *testing.T) {
	var dot fx.DotGraph
	if err := host.Run(t.Context(), quiet(), node(t, load(t, ""), 1, fx.Populate(&dot))); err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{`"New"`, `"NewProducer"`} {
		if !strings.Contains(string(dot), "label="+label) {
			t.Errorf("fx does not show the constructor %s:\n%s", label, dot)
		}
	}
}

// TestOpenFails checks that a part that cannot be made is an error that names it, and that the others are gone.
func TestOpenFails(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	script := filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(script, []byte("not a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	sleeper := filepath.Join(t.TempDir(), "sleeper")
	if err := os.WriteFile(sleeper, []byte("#!/bin/sh\necho still busy\nexec sleep 1000\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		set  []string
		says string
	}{
		{"never ready", []string{"store.exec=" + sleeper, "restart.start=2s"}, "sleeper): not ready in time: 2s; it said last:\nstill busy"},
		{"missing", []string{"store.exec=./missing"}, "store: start plugin store: exec: \"./missing\": stat ./missing: no such file"},
		{"not executable", []string{"store.exec=" + script}, "permission denied"},
		{"not a plugin", []string{"store.exec=/bin/true"}, "store: start plugin store (/bin/true): it ended before it was ready"},
		{"wrong checksum", []string{"store.exec=/bin/true", "store.sha256=" + strings.Repeat("00", 32)}, "/bin/true has the checksum "},
		{"wrong kind", []string{"vm.place=process", "store.exec=" + os.Args[0], "store.use=synthetic"}, `no store "synthetic"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := host.Run(t.Context(), quiet(), node(t, load(t, "", append(tt.set, "vm.place=process")...), 1))
			open := new(host.OpenError)
			if !errors.As(err, &open) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Run() = %v, want an OpenError with %q", err, tt.says)
			}
			if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestPortInUse checks that the parts are closed when the monitor cannot start.
func TestPortInUse(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var taken string
	err := host.Run(t.Context(), quiet(), node(t, load(t, ""), 1, fx.Invoke(func(lc *lifecycle.Lifecycle, m *monitor.Monitor) {
		lc.Append(lifecycle.Hook{Name: "second", Start: func(context.Context) error {
			taken = m.Address()
			return host.Run(t.Context(), quiet(), node(t, load(t, "", "store.place=process", "monitor.listen="+taken), 1))
		}})
	})))
	if err == nil || !strings.Contains(err.Error(), "monitor.listen: listen tcp "+taken) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("Run() = %v", err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
