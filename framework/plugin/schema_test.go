package plugin_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// everything has a key of every type that a schema tells apart.
type everything struct {
	On     bool              `koanf:"on"`
	Steps  int               `koanf:"steps" unit:"steps" doc:"How far to run."`
	Gas    uint64            `koanf:"gas"`
	Rate   float64           `koanf:"rate"`
	Path   string            `koanf:"path"`
	Token  string            `koanf:"token" secret:"true"`
	Wait   time.Duration     `koanf:"wait"`
	Cache  plugin.Size       `koanf:"cache"`
	Names  []string          `koanf:"names"`
	Limits map[string]uint64 `koanf:"limits"`
	Any    any               `koanf:"any"`
	Remote *struct {
		User string `koanf:"user"`
	} `koanf:"remote"`
	Deep struct {
		Depth int `koanf:"depth" doc:"How deep."`
	} `koanf:"deep"`
}

func TestSchemaOf(t *testing.T) {
	config := everything{
		On: true, Steps: 7, Path: "x", Token: "hunter2", Wait: 1500 * time.Millisecond, Cache: 64 << 20,
		Names: []string{"a"}, Limits: map[string]uint64{"gas": 1},
	}
	text, err := json.Marshal(plugin.SchemaOf(&config))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
	"type": "object", "additionalProperties": false, "properties": {
		"on": {"type": "boolean", "default": true},
		"steps": {"type": "integer", "default": 7, "x-unit": "steps", "description": "How far to run."},
		"gas": {"type": "integer", "minimum": 0, "default": 0},
		"rate": {"type": "number", "default": 0},
		"path": {"type": "string", "default": "x"},
		"token": {"type": "string", "writeOnly": true},
		"wait": {"type": ["string", "integer"], "minimum": 0, "maximum": 0, "default": "1.5s",
			"pattern": "^[-+]?(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$"},
		"cache": {"type": ["string", "integer"], "default": "64MiB"},
		"names": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
		"limits": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}, "default": {"gas": 1}},
		"any": {},
		"remote": {"type": "object", "additionalProperties": false, "properties": {"user": {"type": "string", "default": ""}}},
		"deep": {"type": "object", "additionalProperties": false, "properties": {
			"depth": {"type": "integer", "default": 0, "description": "How deep."}}}
	}}`
	var wantTree, gotTree any
	if err := errors.Join(json.Unmarshal([]byte(want), &wantTree), json.Unmarshal(text, &gotTree)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantTree, gotTree); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

// TestPlainDecodes checks that what Plain writes, Decode reads.
func TestPlainDecodes(t *testing.T) {
	want := everything{On: true, Gas: 1 << 63, Rate: 0.5, Wait: time.Minute, Cache: 2048, Names: []string{"a"}, Limits: map[string]uint64{"x": 2}}
	want.Deep.Depth = 3
	section, ok := plugin.Plain(want).(map[string]any)
	if !ok {
		t.Fatalf("Plain of a struct is a %T", plugin.Plain(want))
	}
	delete(section, "remote") // there is none
	var got everything
	if err := plugin.Decode(section, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

// plainError has a Validate that names its key in front of a plain error.
type plainError struct {
	Every int `koanf:"every"`
}

func (p *plainError) Validate() error {
	if p.Every == 2 {
		return errors.New("two: is odd")
	}
	return errors.New("every: -1 is negative")
}

func TestDecodeFindsTheKeyOfAPlainError(t *testing.T) {
	for every, want := range map[int]plugin.Diagnostics{
		1: {{Key: "every", Problem: "-1 is negative"}},
		2: {{Problem: "two: is odd"}},
	} {
		var got plugin.Diagnostics
		if err := plugin.Decode(map[string]any{"every": every}, new(plainError)); !errors.As(err, &got) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("diagnostics (-want +got):\n%s", diff)
		}
	}
}
