package rpc_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
)

// openIn makes an instance that works.
func openIn(t *testing.T, p *rpc.Process, kind plugin.Kind, id, name string, config map[string]any) *rpc.Instance {
	t.Helper()
	i, err := p.Open(t.Context(), kind, id, name, config)
	if err != nil {
		t.Fatalf("open %s %s as %s: %v", kind, id, name, err)
	}
	return i
}

// TestOpen makes several instances of several kinds in one process.
func TestOpen(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	x := openIn(t, p, plugin.VM, "", "x", nil) // the only VM
	openIn(t, p, plugin.VM, "v", "y", map[string]any{"gas": 5})
	openIn(t, p, plugin.Store, "a", "z", nil)
	if x.Info().String() != "vm.v" || x.API() != plugin.API(plugin.VM) || x.Name() != "x" || x.Process() != p {
		t.Errorf("the instance says that it is %v %v, named %s", x.Info(), x.API(), x.Name())
	}
	if _, err := p.Open(ctx, plugin.Store, "b", "z", nil); err == nil || !strings.Contains(err.Error(), `instance "z" is running`) {
		t.Errorf("a second instance of that name: %v", err)
	}
	for range 2 {
		if err := x.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if _, err := x.Health(ctx); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Health of a closed instance: %v, want ErrClosed", err)
	}
	openIn(t, p, plugin.Store, "b", "x", nil) // the name is free
}

func TestOpenRefuses(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	for _, c := range []struct {
		kind     plugin.Kind
		id, name string
		want     string
	}{
		{plugin.Scheduler, "v", "x", `test: no scheduler "v": this program has none`},
		{plugin.Scheduler, "", "x", `test: no scheduler "": this program has none`},
		{plugin.Store, "v", "x", `test: no store "v"`},
		{plugin.Store, "", "x", `test: which store? There is [a b]`},
		{"clock", "v", "x", `test: no clock "v": this program has none`},
		{plugin.VM, "v", "", `test: Configure: an instance needs a name`},
	} {
		if _, err := p.Open(ctx, c.kind, c.id, c.name, nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("Open(%s, %q, %q): %v, want %s", c.kind, c.id, c.name, err, c.want)
		}
	}
	if _, err := p.Open(ctx, plugin.VM, "v", "x", map[string]any{"gas": make(chan int)}); err == nil {
		t.Error("a configuration that JSON cannot hold was accepted")
	}
}

// TestOpenDiagnoses compares what is wrong with a configuration with what the same plugin says in this process.
func TestOpenDiagnoses(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	for _, c := range []struct {
		section map[string]any
		want    string // "" for nothing
	}{
		{map[string]any{"gass": 1}, `gass: unknown key, did you mean "gas"?`},
		{map[string]any{"gas": -1}, "gas: "},
		{map[string]any{"gas": 1.5}, "gas: 1.5 is no whole number"},
		{map[string]any{"gas": "9"}, "gas: want uint64, got 9"},
		{map[string]any{"gas": 1}, "gas: 1 is too little"},
		{map[string]any{"open": "x", "wait": 5}, "wait: 5 is no duration: write a unit, such as 250ms"},
		{map[string]any{"open": "x"}, `open: "x" is none of `},
		{map[string]any{"gas": uint64(1<<64 - 1), "wait": 3 * time.Second, "sizes": map[string]any{"a": 1 << 62}}, ""},
		{map[string]any{"wait": "3s", "blob": "\u2028<>"}, ""},
	} {
		i, err := p.Open(ctx, plugin.VM, "v", "x", c.section)
		if c.want == "" {
			if err != nil {
				t.Errorf("%v: %v", c.section, err)
			} else if err := i.Close(ctx); err != nil {
				t.Error(err)
			}
			continue
		}
		var diags plugin.Diagnostics
		if !errors.As(err, &diags) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %s", c.section, err, c.want)
		}
		if _, here := factories()[0].Configure(c.section); here == nil || err.Error() != here.Error() {
			t.Errorf("%v: %v, but in this process %v", c.section, err, here)
		}
	}
}

// TestOpenFails looks at the errors of plugins that cannot be opened, and opens another one under the same name.
func TestOpenFails(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	_, err := p.Open(ctx, plugin.VM, "v", "x", map[string]any{"open": "panic"})
	var fault *framework.Fault
	if !errors.As(err, &fault) || fault.Plugin != "vm.v" || fault.Block != framework.AtEmpty || fault.Version.Tx != framework.NoTx ||
		!strings.HasPrefix(fault.Err.Error(), "panic: boiler\n") {
		t.Errorf("a panic: %v, want a fault of vm.v", err)
	}
	_, err = p.Open(ctx, plugin.Store, "a", "x", map[string]any{"open": "sentinel"})
	if !errors.Is(err, framework.ErrNoBlock) || !strings.Contains(err.Error(), "test: Start: open store.a: look for coal: no such block") {
		t.Errorf("a documented error: %v, want ErrNoBlock", err)
	}
	_, err = p.Open(ctx, plugin.Store, "a", "x", map[string]any{"open": "fail"})
	if err == nil || err.Error() != "test: Start: open store.a: there is no coal" {
		t.Errorf("an error: %v", err)
	}
	openIn(t, p, plugin.VM, "v", "x", nil)
	_, err = p.Open(ctx, plugin.VM, "v", "y", map[string]any{"open": "exit"})
	if !errors.Is(err, framework.ErrPluginGone) || !strings.Contains(err.Error(), "(exit status 4); it said last:") || !strings.Contains(err.Error(), "out of coal") {
		t.Errorf("the process ends: %v, want ErrPluginGone with what it said", err)
	}
}

// TestOpenCancelled gives up while a plugin opens: the plugin notices, and the name is free.
func TestOpenCancelled(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, logged := trick(t, "")
	p := launch(t, c)
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if _, err := p.Open(short, plugin.VM, "v", "x", map[string]any{"open": "wait"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Open: %v, want DeadlineExceeded", err)
	}
	logged.find(t, "given up")
	openIn(t, p, plugin.VM, "v", "x", nil)
}

// TestOpenLarge sends a configuration that is longer than gRPC takes by default: trap 13.
func TestOpenLarge(t *testing.T) {
	limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	openIn(t, p, plugin.VM, "v", "x", map[string]any{"blob": strings.Repeat("x", 5<<20)})
}

// TestHealth asks plugins that are not well: traps 14 and 15.
func TestHealth(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	check := func(what string, want plugin.Health, got plugin.Health, err error) {
		t.Helper()
		if err != nil || got.Status != want.Status || !strings.HasPrefix(got.Reason, want.Reason) {
			t.Errorf("health of %s = %+v, %v, want %+v", what, got, err, want)
		}
	}
	all := func(what string, want plugin.Health) {
		t.Helper()
		got, err := p.Health(ctx)
		check(what, want, got, err)
	}
	all("a process without instances", plugin.Health{})
	well := openIn(t, p, plugin.Store, "a", "well", nil)
	all("one that is well", plugin.Health{})
	openIn(t, p, plugin.VM, "v", "poor", map[string]any{"health": "degraded"})
	all("one that is degraded", plugin.Health{Status: plugin.Degraded, Reason: "poor: low on coal"})
	openIn(t, p, plugin.VM, "v", "bad", map[string]any{"health": "failing"})
	all("one that fails", plugin.Health{Status: plugin.Failing, Reason: "bad: no coal"})
	worst := openIn(t, p, plugin.VM, "v", "a", map[string]any{"health": "panic"})
	got, err := worst.Health(ctx)
	check("one that panics", plugin.Health{Status: plugin.Failing, Reason: "a: vm.v: block -1: panic: boiler"}, got, err)
	got, err = well.Health(ctx)
	check("one among others", plugin.Health{}, got, err)
}

func TestGather(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	openIn(t, p, plugin.VM, "v", "x", map[string]any{"gas": 3})
	openIn(t, p, plugin.Store, "a", "y", map[string]any{"gas": 4})
	families, err := p.Gather(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range families {
		var all []string
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			all = append(all, strings.Join(labels, ","))
		}
		got[f.GetName()] = strings.Join(all, " ")
		if f.GetName() == "test_gas" && (f.GetType() != dto.MetricType_GAUGE || f.GetMetric()[1].GetGauge().GetValue() != 4) {
			t.Errorf("test_gas = %v", f)
		}
	}
	for name, want := range map[string]string{
		"test_gas":                      "fuel=coal,part=x,plugin=test fuel=coal,part=y,plugin=test",
		"go_goroutines":                 "plugin=test",
		"process_resident_memory_bytes": "plugin=test",
	} {
		if got[name] != want {
			t.Errorf("metric %s has labels %q, want %q", name, got[name], want)
		}
	}
}

func TestSchemaCall(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	schema, defaults, err := p.Schema(ctx, plugin.VM, "")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(schema), `"title":"vm.v"`) || !strings.Contains(string(schema), "2020-12") {
		t.Errorf("schema %s", schema)
	}
	want := `{"blob":"","close":"","crash":"","gas":9,"health":"","open":"","sizes":{},"wait":"1s"}`
	if string(defaults) != want {
		t.Errorf("defaults %s, want %s", defaults, want)
	}
	if _, _, err := p.Schema(ctx, plugin.Store, "c"); err == nil || !strings.Contains(err.Error(), "there is a, b") {
		t.Errorf("the schema of what there is not: %v", err)
	}
}

// TestLinkedWithin links two instances of one process: there is nothing to dial.
func TestLinkedWithin(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, _ := trick(t, "")
	p := launch(t, c)
	x := openIn(t, p, plugin.VM, "v", "x", nil)
	y := openIn(t, p, plugin.Store, "a", "y", nil)
	if !x.Peer(p).SameProcess {
		t.Error("two instances of one process are told that they are not")
	}
	if err := x.Attach(ctx, "l", y.Peer(p), rpc.Offer{}); err == nil {
		t.Error("Attach to what does not listen: no error")
	}
	offer, err := y.Listen(ctx, "l", x.Peer(p))
	if err != nil || offer.Address != "" {
		t.Fatalf("Listen = %q, %v, want no address", offer.Address, err)
	}
	if err := x.Attach(ctx, "l", y.Peer(p), offer); err != nil {
		t.Errorf("Attach: %v", err)
	}
	for _, i := range []*rpc.Instance{x, y, x} {
		if err := i.Detach(ctx, "l"); err != nil {
			t.Errorf("Detach: %v", err)
		}
	}
}

// TestLog looks at what plugins print and log: traps 5, 6 and 7.
func TestLog(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, logged := trick(t, "log")
	p := launch(t, c)
	for _, garbage := range []string{`{"@message":5}`, `{"msg":"half`, `{"msg":"two"} {"msg":"objects"}`, `[1]`, "\x00\xff\xfe"} {
		if got := logged.find(t, garbage); got.level != slog.LevelInfo {
			t.Errorf("%q is logged as %v", garbage, got)
		}
	}
	if got := logged.find(t, "by hclog"); got.level != slog.LevelWarn || got.attrs["n"] != "7" || got.attrs["plugin"] != "test" {
		t.Errorf("a line of hclog is logged as %v", got)
	}
	openIn(t, p, plugin.VM, "v", "x", map[string]any{"open": "print"})
	if got := logged.find(t, "logged"); got.level != slog.LevelError || got.attrs["at"] != "7" || got.attrs["in"] != "[block=5]" {
		t.Errorf("a line of slog is logged as %v", got)
	}
	logged.find(t, "printed to stdout")
	logged.find(t, "printed to stderr")
	if strings.Contains(logged.String(), "quietly") {
		t.Error("it logs below Info before it was told to")
	}
	if err := p.SetLogLevel(ctx, slog.LevelDebug); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Health(ctx); err != nil {
		t.Fatal(err)
	}
	if got := logged.find(t, "asked quietly"); got.level != slog.LevelDebug {
		t.Errorf("a debug line is logged as %v", got)
	}
}

// TestLogLong writes 200 kB without a newline.
func TestLogLong(t *testing.T) {
	ctx := limit(t, 60*time.Second)
	c, logged := trick(t, "long")
	p := launch(t, c)
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
	total := 0
	for _, r := range logged.all {
		if len(r.text) > 64<<10 {
			t.Errorf("a line of %d bytes", len(r.text))
		}
		total += strings.Count(r.text, "y")
	}
	if total < 200<<10 {
		t.Errorf("%d bytes of 200 kB arrived", total)
	}
	if said := len(p.Err().Error()); said > 5<<10 {
		t.Errorf("the error text has %d bytes", said)
	}
}
