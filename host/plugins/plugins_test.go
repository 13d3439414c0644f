package plugins_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/plugins"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// TestMain is the main of a plugin if a host has started this program.
func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		serve.Main(catalog()...)
	}
	goleak.VerifyTestMain(m)
}

func catalog() plugin.Catalog {
	return plugin.Catalog{serial.Factory(), synthetic.Factory(), memory.Factory()}
}

func TestFind(t *testing.T) {
	twice := append(catalog(), plugin.Factory{Info: plugin.Info{Kind: plugin.Store, ID: "serial"}})
	for name, want := range map[string]string{
		"memory":           "store.memory",
		"scheduler.serial": "scheduler.serial",
		"serial":           "which serial? There is scheduler.serial and store.serial",
		"memroy":           `no plugin "memroy", did you mean "memory"?`,
		"store.memroy":     `no plugin "store.memroy", did you mean "store.memory"?`,
		"x":                `no plugin "x", there is scheduler.serial, store.memory, store.serial, vm.synthetic`,
	} {
		f, err := plugins.Find(twice, name)
		got := f.Info.String()
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Find(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, mode := range map[string]os.FileMode{"program": 0o755, "text": 0o644, "memory": 0o755} {
		if err := os.WriteFile(name, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"memory":      "plugin store.memory",
		"./memory":    "program ./memory",
		"program":     "program ./program",
		"./program":   "program ./program",
		"unix:./text": "./text is not executable: chmod +x ./text",
		"text":        "./text is not executable: chmod +x ./text",
		"./folder":    "./folder is a folder: name the program in it",
		"./missing":   "no file ./missing",
		"folder":      `no plugin "folder", there is scheduler.serial, store.memory, vm.synthetic (a program or a socket is named by a path, such as ./folder)`,
	} {
		target, err := plugins.Resolve(catalog(), name)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case target.Factory != nil:
			got = "plugin " + target.Factory.Info.String()
		default:
			got = "program " + target.Path
		}
		if got != want {
			t.Errorf("Resolve(%s): %s, want %s", name, got, want)
		}
	}
}

// TestDescribe compares what a plugin says in this program and in a process.
func TestDescribe(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	quiet := slog.New(slog.DiscardHandler)
	program, err := plugins.Resolve(nil, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	far, err := program.Describe(ctx, 30*time.Second, quiet)
	if err != nil || len(far) != 3 {
		t.Fatalf("the program describes %d plugins: %v", len(far), err)
	}
	for _, d := range far {
		builtin, err := plugins.Resolve(catalog(), d.Info.String())
		if err != nil {
			t.Fatal(err)
		}
		near, err := builtin.Describe(ctx, 0, quiet)
		if err != nil || len(near) != 1 {
			t.Fatalf("%v describes itself as %v, %v", d.Info, near, err)
		}
		if diff := cmp.Diff(near[0], d, cmpopts.IgnoreFields(plugins.Description{}, "Carriers"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v (-here +in a process):\n%s", d.Info, diff)
		}
		if len(d.Carriers) == 0 {
			t.Errorf("%v has no carriers in a process", d.Info)
		}
	}
}

// TestStartFails starts a program that ends at once: the error has its last words.
func TestStartFails(t *testing.T) {
	script := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho no coal >&2\nexit 4\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	target, err := plugins.Resolve(nil, script)
	if err != nil {
		t.Fatal(err)
	}
	_, err = target.Start(t.Context(), 30*time.Second, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "exit status 4") || !strings.Contains(err.Error(), "no coal") {
		t.Errorf("Start: %v, want the status and the last words", err)
	}
}

func TestSection(t *testing.T) {
	keys := []plugins.Key{{Key: "path", Type: "string"}, {Key: "wait", Type: "duration"}, {Key: "n", Type: "integer"}}
	got, err := plugins.Section(keys, []string{"path=7", "wait=3s", "n=7", "on=true", "limits.gas=5", "limits.list=[1, 2]"})
	want := map[string]any{
		"path": "7", "wait": "3s", "n": 7, "on": true, "limits": map[string]any{"gas": 5, "list": []any{1, 2}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Section: %v (-want +got):\n%s", err, diff)
	}
	for _, bad := range [][]string{{"path"}, {"=7"}, {"n=["}, {"a=1", "a.b=2"}} {
		if _, err := plugins.Section(keys, bad); err == nil {
			t.Errorf("Section(%v) is no error", bad)
		}
	}
}
