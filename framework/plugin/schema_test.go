package plugin_test

import (
	"context"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

type described struct {
	Workers int               `koanf:"workers" doc:"How many goroutines execute. 0 means one per core."`
	Small   uint8             `koanf:"small" unit:"steps"`
	Tiny    int8              `koanf:"tiny"`
	Rate    float64           `koanf:"rate"`
	On      bool              `koanf:"on"`
	Mode    string            `koanf:"mode" enum:"fast,safe"`
	Wait    time.Duration     `koanf:"wait"`
	Level   level             `koanf:"level"`
	Token   string            `koanf:"token" secret:"true"`
	Names   []string          `koanf:"names"`
	Sizes   map[string]uint64 `koanf:"sizes"`
	Any     any               `koanf:"any"`
	Hidden  int
	Limits  struct {
		Gas uint64 `koanf:"gas"`
	} `koanf:"limits" doc:"What a block holds."`
}

const describedSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "vm.v", "description": "a VM",
	"type": "object", "additionalProperties": false,
	"properties": {
		"workers": {"type": "integer", "default": 3, "description": "How many goroutines execute. 0 means one per core."},
		"small": {"type": "integer", "minimum": 0, "maximum": 255, "default": 0, "x-unit": "steps"},
		"tiny": {"type": "integer", "minimum": -128, "maximum": 127, "default": 0},
		"rate": {"type": "number", "default": 0},
		"on": {"type": "boolean", "default": false},
		"mode": {"type": "string", "default": "fast", "enum": ["fast", "safe"]},
		"wait": {"type": "string", "default": "250ms", "pattern": "PATTERN"},
		"level": {"type": ["string", "integer"]},
		"token": {"type": "string", "writeOnly": true},
		"names": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
		"sizes": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}, "default": {"x": 1}},
		"any": {},
		"limits": {
			"type": "object", "additionalProperties": false, "description": "What a block holds.",
			"properties": {"gas": {"type": "integer", "minimum": 0, "default": 0}}
		}
	}
}`

func describedFactory() plugin.Factory {
	config := described{
		Workers: 3, Mode: "fast", Wait: 250 * time.Millisecond, Token: "x",
		Names: []string{"a"}, Sizes: map[string]uint64{"x": 1},
	}
	return plugin.ForVM(plugin.Info{ID: "v", Summary: "a VM"}, config, func(context.Context, described) (framework.VM, error) {
		return opens{}, nil
	})
}

func TestSchema(t *testing.T) {
	text, err := json.Marshal(describedFactory().Schema())
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(describedSchema), &want); err != nil {
		t.Fatal(err)
	}
	wait := got["properties"].(map[string]any)["wait"].(map[string]any)
	pattern := regexp.MustCompile(wait["pattern"].(string))
	for _, s := range []string{"250ms", "1m30s", "1.5h", "0", "-2s", ".5s", "", "5", "soon", "1 s", "s"} {
		_, err := time.ParseDuration(s)
		if pattern.MatchString(s) != (err == nil) {
			t.Errorf("the pattern matches %q: %v, ParseDuration: %v", s, err != nil, err)
		}
	}
	wait["pattern"] = "PATTERN"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

func TestDecodeEnum(t *testing.T) {
	_, err := describedFactory().Configure(map[string]any{"mode": "quick"})
	if want := `mode: "quick" is none of fast, safe`; err == nil || err.Error() != want {
		t.Errorf("a text outside of its enum: %v, want %s", err, want)
	}
	if _, err := describedFactory().Configure(map[string]any{"mode": "safe"}); err != nil {
		t.Error(err)
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
