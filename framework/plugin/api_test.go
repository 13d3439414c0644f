package plugin_test

import (
	"context"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

func TestDecodeEnum(t *testing.T) {
	type config struct {
		Mode string `koanf:"mode" enum:"fast,safe"`
	}
	f := plugin.ForVM(plugin.Info{ID: "v"}, config{Mode: "fast"}, func(context.Context, config) (framework.VM, error) { return opens{}, nil })
	_, err := f.Configure(map[string]any{"mode": "quick"})
	if want := `mode: "quick" is none of fast, safe`; err == nil || err.Error() != want {
		t.Errorf("a text outside of its enum: %v, want %s", err, want)
	}
	if _, err := f.Configure(map[string]any{"mode": "safe"}); err != nil {
		t.Error(err)
	}
	properties, _ := f.Schema()["properties"].(map[string]any)
	mode, _ := properties["mode"].(plugin.Schema)
	if got, ok := mode["enum"].([]string); !ok || len(got) != 2 || got[1] != "safe" {
		t.Errorf("the schema says %v", mode)
	}
}

func TestVersionCommon(t *testing.T) {
	for _, c := range []struct {
		a, b, want plugin.Version
		ok         bool
	}{
		{plugin.Version{Major: 1, Minor: 3}, plugin.Version{Major: 1, Minor: 2}, plugin.Version{Major: 1, Minor: 2}, true},
		{plugin.Version{Major: 1}, plugin.Version{Major: 1, Minor: 9}, plugin.Version{Major: 1}, true},
		{plugin.Version{Major: 2}, plugin.Version{Major: 1}, plugin.Version{Major: 2}, false},
	} {
		if got, ok := c.a.Common(c.b); got != c.want || ok != c.ok {
			t.Errorf("%v.Common(%v) = %v, %v, want %v, %v", c.a, c.b, got, ok, c.want, c.ok)
		}
	}
	for _, kind := range plugin.Kinds() {
		if plugin.API(kind).Major == 0 {
			t.Errorf("API(%s) is not known", kind)
		}
	}
	if v := plugin.API("clock"); v != (plugin.Version{}) {
		t.Errorf("API of an unknown kind = %v", v)
	}
}

// ailing is a VM that knows how it is.
type ailing struct{ opens }

func (ailing) Health(context.Context) plugin.Health {
	return plugin.Health{Status: plugin.Degraded, Reason: "low on coal"}
}

func TestAsLooksThroughGuards(t *testing.T) {
	f := plugin.ForVM(plugin.Info{ID: "v"}, struct{}{}, func(context.Context, struct{}) (framework.VM, error) { return ailing{}, nil })
	vm, err := f.OpenVM(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	h, ok := plugin.As[plugin.Healther](vm)
	if !ok {
		t.Fatal("the guard hides that the VM knows how it is")
	}
	if got := h.Health(t.Context()); got.Status.String() != "degraded" || got.Reason != "low on coal" {
		t.Errorf("Health() = %+v", got)
	}
	if _, ok := plugin.As[framework.Store](vm); ok {
		t.Error("a VM is a store")
	}
}
