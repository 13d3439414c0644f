package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// envPrefix starts the names of the variables that are read.
const envPrefix = "SWITCHYARD_"

// EnvName returns the variable that sets a key: of "store.place" it is SWITCHYARD_STORE__PLACE.
// Keys with upper case letters have none.
func EnvName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "__"))
}

// texts is a layer whose values are texts still: what they mean depends on the type of their key.
type texts struct {
	from  Origin
	value map[string]string
	at    map[string]Origin
}

func newTexts(from Origin) texts {
	return texts{from, map[string]string{}, map[string]Origin{}}
}

func (t texts) set(key, value, name string) {
	t.value[key] = value
	t.at[key] = Origin{Layer: t.from.Layer, Name: name}
}

// environment returns what variables set.
func environment(env []string) (texts, Problems) {
	t := newTexts(Origin{Layer: FromEnvironment, Name: "environment"})
	var problems Problems
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) {
			continue
		}
		path := strings.TrimPrefix(name, envPrefix)
		if !strings.Contains(path, "__") {
			if meant := misspeltEnv(name); meant != "" {
				problems = append(problems, Problem{At: Origin{Layer: FromEnvironment, Name: name}, Text: fmt.Sprintf("sets nothing, did you mean %s?", meant)})
			}
			continue // not one of ours: orchestrators make such names from the names of services
		}
		if name != strings.ToUpper(name) {
			problems = append(problems, Problem{At: Origin{Layer: FromEnvironment, Name: name}, Text: "sets nothing, did you mean " + strings.ToUpper(name) + "?"})
			continue
		}
		t.set(strings.ToLower(strings.ReplaceAll(path, "__", ".")), value, name)
	}
	return t, append(problems, t.check()...)
}

// misspeltEnv returns the variable that somebody meant who wrote one underscore for two, or "".
func misspeltEnv(name string) string {
	plain := func(s string) string { return strings.ReplaceAll(s, "_", "") }
	defaults := Default()
	for _, key := range plugin.Keys(&defaults) {
		if known := EnvName(key); strings.Contains(key, ".") && plain(known) == plain(name) {
			return known
		}
	}
	return ""
}

// flags returns what `--set` sets.
func flags(set []string) (texts, Problems) {
	t := newTexts(Origin{Layer: FromFlag, Name: "--set"})
	var problems Problems
	for _, pair := range set {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			problems = append(problems, Problem{At: t.from, Key: pair, Text: "write KEY=VALUE"})
			continue
		}
		t.set(strings.TrimSpace(key), value, t.from.Name)
	}
	return t, append(problems, t.check()...)
}

// check returns the keys that do not go together, or cannot be ones.
func (t texts) check() Problems {
	var problems Problems
	refuse := func(key, format string, args ...any) {
		problems = append(problems, Problem{At: t.at[key], Key: key, Text: fmt.Sprintf(format, args...)})
	}
	for _, key := range slices.Sorted(maps.Keys(t.value)) {
		if slices.Contains(strings.Split(key, "."), "") {
			refuse(key, "has an empty key")
		}
		for above := parent(key); above != ""; above = parent(above) {
			if _, ok := t.value[above]; ok {
				refuse(key, "%s is given a value too", above)
			}
		}
	}
	return problems
}

// layer reads the texts by the types of their keys.
func (t texts) layer(known []plugin.Field) (layer, Problems) {
	root := map[string]any{}
	var problems Problems
	for key, text := range t.value {
		value, err := parse(text, typeOf(known, key))
		if err != nil {
			problems = append(problems, Problem{At: t.at[key], Key: key, Text: err.Error()})
			continue
		}
		in := root
		parts := strings.Split(key, ".")
		for _, part := range parts[:len(parts)-1] {
			inner, ok := in[part].(map[string]any)
			if !ok {
				inner = map[string]any{}
				in[part] = inner
			}
			in = inner
		}
		in[parts[len(parts)-1]] = value
	}
	if len(problems) > 0 {
		return layer{}, problems
	}
	return newLayer(t.from, root, t.at)
}
