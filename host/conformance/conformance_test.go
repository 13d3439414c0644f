package conformance_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/conformance"
	"github.com/switchyard-dev/switchyard/host/plugins"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// The test program is a plugin if a host has started it: right ones, and some that are wrong.
func TestMain(m *testing.M) {
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		serve.Main(serial.Factory(), synthetic.Factory(), memory.Factory(), forgetful(), fragile(), stuck())
	}
	goleak.VerifyTestMain(m)
}

// forgetful is a scheduler that leaves the last outcome out.
func forgetful() plugin.Factory {
	info := plugin.Info{ID: "forgetful", Version: "0.1.0"}
	return plugin.ForScheduler(info, struct{}{}, func(context.Context, struct{}) (framework.Scheduler, error) {
		return forgets{}, nil
	})
}

type forgets struct{ serial.Scheduler }

// Run implements [framework.Scheduler].
func (f forgets) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	final := j.Final
	j.Final = func(finals []framework.Final) error {
		if finals[0].Tx > 0 && finals[0].Outcome.Status == framework.Succeeded {
			return nil
		}
		return final(finals)
	}
	return f.Scheduler.Run(ctx, j)
}

// fragile is a store that ends its process when it is to revert.
func fragile() plugin.Factory {
	info := plugin.Info{ID: "fragile", Version: "0.1.0"}
	return plugin.ForStore(info, memory.Config{}, func(_ context.Context, c memory.Config) (framework.Store, error) {
		s, err := memory.New(c)
		return ends{s}, err
	})
}

type ends struct{ framework.Store }

// Revert implements [framework.Store].
func (ends) Revert(context.Context, framework.BlockNumber) error {
	os.Exit(3)
	return nil
}

// stuck is a store whose Revert never returns.
func stuck() plugin.Factory {
	info := plugin.Info{ID: "stuck", Version: "0.1.0"}
	return plugin.ForStore(info, memory.Config{}, func(_ context.Context, c memory.Config) (framework.Store, error) {
		s, err := memory.New(c)
		return hangs{s}, err
	})
}

type hangs struct{ framework.Store }

// Revert implements [framework.Store].
func (hangs) Revert(context.Context, framework.BlockNumber) error { select {} }

func start(ctx context.Context) (*plugins.Running, error) {
	t, err := plugins.Resolve(nil, os.Args[0])
	if err != nil {
		return nil, err
	}
	return t.Start(ctx, 30*time.Second, slog.New(slog.DiscardHandler))
}

// check runs the suite on a plugin of this program.
func check(t *testing.T, kind plugin.Kind, id, carrier string, o conformance.Options) (*conform.Report, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	return conformance.Run(ctx, start, plugin.Info{Kind: kind, ID: id}, carrier, o, nil)
}

func TestPasses(t *testing.T) {
	cases, err := conformance.WorkloadCases("random", 3)
	if err != nil {
		t.Fatal(err)
	}
	able := map[string]any{"rewind": true, "predict": true}
	for _, c := range []struct {
		name    string
		kind    plugin.Kind
		id      string
		carrier string
		options conformance.Options
	}{
		{"scheduler", plugin.Scheduler, "serial", "frames/1", conformance.Options{Run: "end|fault|random", Blocks: 20}},
		{"scheduler over gRPC", plugin.Scheduler, "serial", "grpc-stream/1", conformance.Options{Run: "cancel|ability"}},
		{"store", plugin.Store, "memory", "frames/1", conformance.Options{
			Config: map[string]any{"retain": 8}, Store: conformance.StoreOptions{Retain: 8},
		}},
		{"store of Starknet's cells", plugin.Store, "memory", "grpc-stream/1", conformance.Options{
			Run: "read|class|revert", Store: conformance.StoreOptions{Starknet: true},
		}},
		{"vm", plugin.VM, "synthetic", "frames/1", conformance.Options{VM: cases, Config: able}},
		{"vm over gRPC", plugin.VM, "synthetic", "grpc-stream/1", conformance.Options{VM: cases, Run: "serial|execute|abort"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep, err := check(t, c.kind, c.id, c.carrier, c.options)
			if err != nil {
				t.Fatal(err)
			}
			if len(rep.Results) < 10 {
				t.Errorf("%d results, want a suite's", len(rep.Results))
			}
			for _, r := range rep.Results {
				if r.Failed {
					t.Errorf("%s: %s", r.Name, strings.Join(r.Log, "\n"))
				}
			}
		})
	}
}

func TestWrongPluginFails(t *testing.T) {
	rep, err := check(t, plugin.Scheduler, "forgetful", "frames/1", conformance.Options{Run: "^equal$", Blocks: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Failed()) == 0 {
		t.Error("a scheduler that leaves outcomes out passes")
	}
}

// TestDeadPluginStartsAgain looks whether a test that ends the process fails by itself.
func TestDeadPluginStartsAgain(t *testing.T) {
	rep, err := check(t, plugin.Store, "fragile", "frames/1", conformance.Options{Run: "revert|prove|close"})
	if err != nil {
		t.Fatal(err)
	}
	said := false
	for _, r := range rep.Results {
		if strings.HasPrefix(r.Name, "store/prove") && r.Failed {
			t.Errorf("%s fails, but its process is a new one: %v", r.Name, r.Log)
		}
		said = said || strings.Contains(strings.Join(r.Log, "\n"), "plugin gone")
	}
	if failed := rep.Failed(); len(failed) < 3 || !said {
		t.Errorf("failed: %v, want the tests that revert, which say that the plugin is gone", failed)
	}
}

// TestStuckPluginIsKilled looks whether a test that never ends ends, and the next gets a new process.
func TestStuckPluginIsKilled(t *testing.T) {
	o := conformance.Options{Run: "revert/to_the_head", Deadline: 2 * time.Second}
	rep, err := check(t, plugin.Store, "stuck", "frames/1", o)
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, r := range rep.Results {
		if strings.Contains(strings.Join(r.Log, "\n"), "the process was killed") {
			killed++
		}
	}
	if failed := rep.Failed(); killed == 0 || len(failed) < killed {
		t.Errorf("%d tests were killed, failed: %v", killed, failed)
	}
}

func TestCannotBeTested(t *testing.T) {
	for _, c := range []struct {
		kind    plugin.Kind
		options conformance.Options
		want    string
	}{
		{"clock", conformance.Options{}, "no suite for a clock"},
		{plugin.Store, conformance.Options{Config: map[string]any{"retian": 1}}, `did you mean "retain"?`},
		{plugin.Store, conformance.Options{Run: "("}, "missing closing )"},
	} {
		if _, err := check(t, c.kind, "memory", "frames/1", c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: %v, want %s", c.kind, c.options, err, c.want)
		}
	}
}

func TestCarriers(t *testing.T) {
	for _, c := range []struct {
		has, asked []string
		want       string
	}{
		{[]string{"grpc-stream/1", "frames/1"}, nil, "frames/1 grpc-stream/1"},
		{[]string{"pigeon/1", "grpc-stream/1"}, nil, "grpc-stream/1"},
		{[]string{"frames/1"}, []string{"frames/1"}, "frames/1"},
		{[]string{"frames/1"}, []string{"grpc-stream/1"}, "it has no carrier"},
		{[]string{"frames/1"}, []string{"pigeon/1"}, "no carrier"},
		{[]string{"pigeon/1"}, nil, "its carriers are pigeon/1"},
		{nil, nil, "it makes no links"},
	} {
		got, err := conformance.Carriers(rpc.Info{Carriers: c.has}, c.asked)
		text := strings.Join(got, " ")
		if err != nil {
			text = err.Error()
		}
		if !strings.HasPrefix(text, c.want) {
			t.Errorf("carriers of %v, asked for %v: %s, want %s", c.has, c.asked, text, c.want)
		}
	}
}
