package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

type config struct {
	Workers int           `koanf:"workers"`
	Small   int8          `koanf:"small"`
	Names   []string      `koanf:"names"`
	Rate    float64       `koanf:"rate"`
	Wait    time.Duration `koanf:"wait"`
	Zero    time.Duration `koanf:"zero"`
	Level   level         `koanf:"level"`
	Limits  struct {
		Gas uint64 `koanf:"gas"`
	} `koanf:"limits"`
}

func (c *config) Validate() error {
	if c.Workers < 0 {
		return plugin.Diagnostics{{Key: "workers", Problem: fmt.Sprintf("%d is below 0", c.Workers)}}
	}
	return nil
}

// level reads itself from text.
type level int

func (l *level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = 1
	case "high":
		*l = 2
	default:
		return fmt.Errorf("level is low or high, not %q", text)
	}
	return nil
}

func TestDecode(t *testing.T) {
	got := config{Workers: 3, Rate: 0.5, Zero: time.Second}
	section := map[string]any{
		"rate": 2, "wait": "250ms", "zero": 0, "level": "high", "limits": map[string]any{"gas": 7},
	}
	if err := plugin.Decode(section, &got); err != nil {
		t.Fatal(err)
	}
	want := config{Workers: 3, Rate: 2, Wait: 250 * time.Millisecond, Level: 2}
	want.Limits.Gas = 7
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config differs (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name    string
		section map[string]any
		want    string // of the error
	}{
		{"misspelt key", map[string]any{"worker": 1}, `worker: unknown key, did you mean "workers"?`},
		{"key in another case", map[string]any{"Workers": 1}, `Workers: unknown key, did you mean "workers"?`},
		{"strange key", map[string]any{"xyzzyxyzzy": 1}, "xyzzyxyzzy: unknown key"},
		{"nested key", map[string]any{"limits": map[string]any{"gaz": 1}}, `limits.gaz: unknown key, did you mean "limits.gas"?`},
		{"key of another section", map[string]any{"gas": 1}, `gas: unknown key, did you mean "limits.gas"?`},
		{"key like no other in its section", map[string]any{"limits": map[string]any{"rate": 1}}, "limits.rate: unknown key"},
		{"two at once", map[string]any{"a": 1, "rate": "x"}, "rate: want float64, got x; a: unknown key"},
		{"text for a number", map[string]any{"workers": "3"}, "workers: want int, got 3"},
		{"fraction for a whole number", map[string]any{"workers": 5.9}, "workers: 5.9 is no whole number"},
		{"negative for unsigned", map[string]any{"limits": map[string]any{"gas": -1}}, "limits.gas: want uint64, got -1"},
		{"too large for signed", map[string]any{"workers": uint64(1 << 63)}, "workers: want int, got 9223372036854775808"},
		{"too large for small", map[string]any{"small": 128}, "small: want int8, got 128"},
		{"float too large", map[string]any{"workers": 1e300}, "workers: want int, got 1e+300"},
		{"not a number", map[string]any{"workers": math.NaN()}, "workers: NaN is no whole number"},
		{"value for a list", map[string]any{"names": "a"}, "names: want a list, got a"},
		{"duration without unit", map[string]any{"wait": 5}, "wait: 5 is no duration: write a unit, such as 250ms"},
		{"no duration", map[string]any{"wait": "soon"}, `wait: "soon" is no duration: write 250ms or 1m30s`},
		{"float for a text type", map[string]any{"level": 0.5}, "level: 0.5 may have lost digits: put it in quotes"},
		{"number that does not parse as text", map[string]any{"level": 16}, `level: level is low or high, not "16"`},
		{"text that does not parse", map[string]any{"level": "medium"}, `level: level is low or high, not "medium"`},
		{"section that is no map", map[string]any{"limits": 3}, "limits: want a section, got 3"},
		{"what Validate refuses", map[string]any{"workers": -1}, "workers: -1 is below 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c config
			err := plugin.Decode(tt.section, &c)
			var diags plugin.Diagnostics
			if !errors.As(err, &diags) {
				t.Fatalf("Decode(%v) = %v, want Diagnostics", tt.section, err)
			}
			if got := err.Error(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("Decode(%v): %q, want %q", tt.section, got, tt.want)
			}
		})
	}
}

func TestCatalogFind(t *testing.T) {
	vm := plugin.ForVM(plugin.Info{ID: "synthetic"}, struct{}{}, func(context.Context, struct{}) (framework.VM, error) { return nil, nil })
	cat := plugin.Catalog{vm}
	if f, err := cat.Find(plugin.VM, "synthetic"); err != nil || f.Info.String() != "vm.synthetic" {
		t.Errorf("Find() = %v, %v", f.Info, err)
	}
	for id, want := range map[string]string{
		"syntetic": `no vm "syntetic", did you mean "synthetic"?`,
		"cairo":    `no vm "cairo", there is synthetic`,
	} {
		if _, err := cat.Find(plugin.VM, id); err == nil || err.Error() != want {
			t.Errorf("Find(%q): %v, want %s", id, err, want)
		}
	}
	if _, err := cat.Find(plugin.Store, "x"); err == nil || err.Error() != `no store "x": this program has none` {
		t.Errorf("Find of a kind without plugins: %v", err)
	}
}

func TestOpen(t *testing.T) {
	var got config
	f := plugin.ForStore(plugin.Info{ID: "s"}, config{Workers: 4}, func(_ context.Context, c config) (framework.Store, error) {
		got = c
		return panicking{}, nil
	})
	s, err := f.OpenStore(t.Context(), map[string]any{"rate": 1.5})
	if err != nil {
		t.Fatal(err)
	}
	if got.Workers != 4 || got.Rate != 1.5 {
		t.Errorf("the store was made with %+v", got)
	}
	if c := f.Defaults().(*config); c.Rate != 0 {
		t.Errorf("an instance changed the defaults: %+v", c)
	}
	if _, err := f.OpenStore(t.Context(), map[string]any{"wokers": 1}); err == nil {
		t.Error("a bad section was accepted")
	}
	if _, err := f.OpenVM(t.Context(), nil); err == nil || err.Error() != "store.s is not a vm" {
		t.Errorf("OpenVM of a store: %v", err)
	}
	checkFault(t, "store.s: block 3: panic: Stage", s.Stage(t.Context(), 3, "", nil))
}

func TestOpenPanics(t *testing.T) {
	f := plugin.ForVM(plugin.Info{ID: "v"}, struct{}{}, func(context.Context, struct{}) (framework.VM, error) { panic("New") })
	_, err := f.OpenVM(t.Context(), nil)
	checkFault(t, "vm.v: block -1: panic: New", err)
}

func checkFault(t *testing.T, want string, err error) {
	t.Helper()
	var f *framework.Fault
	if !errors.As(err, &f) {
		t.Errorf("%v is no fault", err)
	} else if !strings.HasPrefix(f.Error(), want+"\n") {
		t.Errorf("fault %q, want %q", f.Error(), want)
	}
}

// TestAbilities checks that guarding an executor neither adds nor loses an ability.
func TestAbilities(t *testing.T) {
	type (
		e = framework.Executor
		r = framework.Rewinder
		p = framework.Predictor
		u = framework.Publisher
	)
	base, all := e(panicking{}), panicking{}
	for _, ex := range []framework.Executor{
		struct{ e }{base},
		struct {
			e
			r
		}{base, all},
		struct {
			e
			p
		}{base, all},
		struct {
			e
			u
		}{base, all},
		struct {
			e
			r
			p
		}{base, all, all},
		struct {
			e
			r
			u
		}{base, all, all},
		struct {
			e
			p
			u
		}{base, all, all},
		struct {
			e
			r
			p
			u
		}{base, all, all, all},
	} {
		f := plugin.ForVM(plugin.Info{ID: "v"}, struct{}{}, func(context.Context, struct{}) (framework.VM, error) { return opens{ex}, nil })
		vm, err := f.OpenVM(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := vm.Open(t.Context(), &framework.Block{Number: 9})
		if err != nil {
			t.Fatal(err)
		}
		if abilities(got) != abilities(ex) {
			t.Errorf("abilities %q became %q", abilities(ex), abilities(got))
		}
		v := framework.Version{Tx: 2, Inc: 1}
		checkFault(t, "vm.v: block 9: transaction 2.1: panic: Execute", got.Execute(t.Context(), nil, v, nil, nil))
		if r, ok := got.(framework.Rewinder); ok {
			checkFault(t, "vm.v: block 9: transaction 2.1: panic: Resume", r.Resume(t.Context(), v, 0, v, nil, nil))
		}
		if p, ok := got.(framework.Predictor); ok {
			p.Learn(nil, nil, nil)
			if n := len(p.Predict(nil, make([]framework.Predicted, 2))); n != 2 {
				t.Errorf("Predict of a panicking plugin returned %d guesses, want the 2 passed in", n)
			}
		}
	}
}

func abilities(e framework.Executor) string {
	_, r := e.(framework.Rewinder)
	_, p := e.(framework.Predictor)
	_, u := e.(framework.Publisher)
	return fmt.Sprintf("rewinds %v, predicts %v, publishes %v", r, p, u)
}

type opens struct{ framework.Executor }

func (o opens) Open(context.Context, *framework.Block) (framework.Executor, error) {
	return o.Executor, nil
}

// panicking panics in every call that it has; the embedded interfaces panic as nil pointers in the others.
type panicking struct{ framework.Store }

func (panicking) Stage(context.Context, framework.BlockNumber, string, *framework.Diff) error {
	panic("Stage")
}

func (panicking) Execute(context.Context, *framework.Tx, framework.Version, framework.View, *framework.Outcome) error {
	panic("Execute")
}

func (panicking) Finish(context.Context, framework.View, []framework.Final) ([]framework.Write, error) {
	panic("Finish")
}

func (panicking) Close() error { return nil }

func (panicking) Resume(context.Context, framework.Version, int, framework.Version, framework.View, *framework.Outcome) error {
	panic("Resume")
}

func (panicking) Forget(framework.TxIndex) {}

func (panicking) Predict(*framework.Tx, []framework.Predicted) []framework.Predicted {
	panic("Predict")
}

func (panicking) Learn(*framework.Tx, []framework.Key, []framework.Key) { panic("Learn") }

func (panicking) Publish(framework.Version, []framework.Write, []framework.Add) {}

func (panicking) Estimate(framework.Version) {}

// TestGuardAllocatesNothing checks that a guard costs nothing to speak of where nothing panics.
func TestGuardAllocatesNothing(t *testing.T) {
	f := plugin.ForVM(plugin.Info{ID: "v"}, struct{}{}, func(context.Context, struct{}) (framework.VM, error) { return opens{quiet{}}, nil })
	vm, err := f.OpenVM(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := vm.Open(t.Context(), new(framework.Block))
	if err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(100, func() { _ = e.Execute(t.Context(), nil, framework.Version{}, nil, nil) })
	if n != 0 {
		t.Errorf("Execute through a guard allocates %v times, want 0", n)
	}
}

// quiet does nothing.
type quiet struct{ panicking }

func (quiet) Execute(context.Context, *framework.Tx, framework.Version, framework.View, *framework.Outcome) error {
	return nil
}
