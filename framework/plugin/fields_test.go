package plugin_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

type documented struct {
	Steps  int    `koanf:"steps" unit:"steps" doc:"How far to run."`
	Token  string `koanf:"token" secret:"true"`
	Hidden int
	Remote struct {
		User string `koanf:"user"`
	} `koanf:"remote" secret:"true"`
	Level  level             `koanf:"level"`
	Names  []string          `koanf:"names"`
	Limits map[string]uint64 `koanf:"limits"`
	quiet  int
}

func defaults() documented {
	return documented{Steps: 7, Names: []string{"a", "b"}, Limits: map[string]uint64{"gas": 1}, quiet: 3}
}

func TestFields(t *testing.T) {
	want := []plugin.Field{
		{Key: "steps", Default: 7, Unit: "steps", Doc: "How far to run."},
		{Key: "token", Default: "", Secret: true},
		{Key: "remote", Default: defaults().Remote, Secret: true, Section: true},
		{Key: "remote.user", Default: "", Secret: true},
		{Key: "level", Default: level(0)},
		{Key: "names", Default: []string{"a", "b"}},
		{Key: "limits", Default: map[string]uint64{"gas": 1}},
	}
	for name, config := range map[string]any{"struct": defaults(), "pointer": new(defaults())} {
		got := plugin.Fields(config)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(plugin.Field{}, "Type")); diff != "" {
			t.Errorf("Fields of a %s (-want +got):\n%s", name, diff)
		}
	}
	if got := plugin.Fields(defaults())[4].Type; got != reflect.TypeFor[level]() {
		t.Errorf("type of level is %v", got)
	}
	if got := plugin.Fields(map[string]any{}); got != nil {
		t.Errorf("Fields of a map = %v, want none", got)
	}
}

// TestDefaultsAreNotShared checks that no section changes the defaults of the next instance.
func TestDefaultsAreNotShared(t *testing.T) {
	var got documented
	f := plugin.ForStore(plugin.Info{ID: "s"}, defaults(), func(_ context.Context, c documented) (framework.Store, error) {
		got = c
		return panicking{}, nil
	})
	section := map[string]any{"names": []any{"x"}, "limits": map[string]any{"gas": 2, "steps": 3}}
	if _, err := f.OpenStore(t.Context(), section); err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Names, want.Limits = []string{"x"}, map[string]uint64{"gas": 2, "steps": 3}
	unexported := cmp.AllowUnexported(documented{})
	if diff := cmp.Diff(want, got, unexported); diff != "" {
		t.Errorf("lists are replaced and maps are merged (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(new(defaults()), f.Defaults(), unexported); diff != "" {
		t.Errorf("defaults after one instance (-want +got):\n%s", diff)
	}
}

// TestListsAreReplaced checks that the items of a list have nothing of the items of the default.
func TestListsAreReplaced(t *testing.T) {
	type item struct {
		A int `koanf:"a"`
		B int `koanf:"b"`
	}
	config := struct {
		Items []item `koanf:"items"`
	}{Items: []item{{A: 1, B: 2}}}
	if err := plugin.Decode(map[string]any{"items": []any{map[string]any{"b": 3}}}, &config); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]item{{B: 3}}, config.Items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

// Squashed is exported, or its fields could not be set.
type Squashed struct {
	Name  string `koanf:"name" doc:"inner"`
	Steps int    `koanf:"steps"`
}

// TestSquash embeds a struct, one of whose keys the struct around it has itself.
func TestSquash(t *testing.T) {
	type outer struct {
		Squashed `koanf:",squash"`
		Name     string `koanf:"name" doc:"outer"`
		More     int    `koanf:"more"`
	}
	if diff := cmp.Diff([]string{"name", "steps", "more"}, plugin.Keys(outer{})); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if got := plugin.Fields(outer{})[0].Doc; got != "outer" {
		t.Errorf("name is documented as %q, want the text of the struct around", got)
	}
	var config struct {
		Squashed `koanf:",squash"`
		Name     string `koanf:"name"`
	}
	if err := plugin.Decode(map[string]any{"name": "n", "steps": 3}, &config); err != nil || config.Name != "n" || config.Steps != 3 {
		t.Errorf("Decode() = %v, with %+v, want name n and 3 steps", err, config)
	}
}
