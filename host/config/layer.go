package config

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// layer is what one source says.
type layer struct {
	from Origin // of the layer as such
	keys *koanf.Koanf
	// at says where each key stands, sections and items of lists too.
	at map[string]Origin
}

// newLayer returns the layer of a tree of values. Problems have keys that the layer cannot hold.
func newLayer(from Origin, values map[string]any, at map[string]Origin) (layer, Problems) {
	l := layer{from: from, keys: koanf.New("."), at: at}
	v := vet{layer: l}
	clean, _ := v.value(values, "").(map[string]any)
	if len(v.problems) > 0 {
		return l, v.problems
	}
	if err := l.keys.Load(confmap.Provider(clean, ""), nil); err != nil {
		return l, Problems{{At: from, Text: err.Error()}}
	}
	return l, nil
}

// origin returns where a key stands, or the first key in it, or the nearest section or list that has it.
func (l layer) origin(key string) Origin {
	for ; key != ""; key = parent(key) {
		if o, ok := l.at[key]; ok {
			return o
		}
		first := ""
		for k := range l.at {
			if within(k, key) && (first == "" || k < first) {
				first = k
			}
		}
		if first != "" {
			return l.at[first]
		}
	}
	return l.from
}

// parent returns the path of what a key is in: of "a.b[2]" first "a.b", then "a".
func parent(key string) string { return key[:max(strings.LastIndexAny(key, ".["), 0)] }

// join returns the path of a key within a section.
func join(section, key string) string { return strings.TrimPrefix(section+"."+key, ".") }

// vet makes every value one of bool, int, uint64, float64, string, []any and map[string]any, and finds those that
// would be merged or decoded into something that nobody wrote.
type vet struct {
	layer    layer
	problems Problems
}

func (v *vet) refuse(key, format string, args ...any) {
	v.problems = append(v.problems, Problem{At: v.layer.origin(key), Key: key, Text: fmt.Sprintf(format, args...)})
}

func (v *vet) value(x any, key string) any {
	switch x := x.(type) {
	case map[string]any:
		return v.section(x, key)
	case []any:
		clean := make([]any, len(x))
		for i := range x {
			clean[i] = v.value(x[i], fmt.Sprintf("%s[%d]", key, i))
		}
		return clean
	case nil:
		v.refuse(key, "has no value: write one, {} for an empty section, or remove the key")
	case int64:
		return whole(x)
	case uint64:
		if x <= math.MaxInt {
			return int(x)
		}
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			v.refuse(key, "%v is no number that can be used", x)
		}
	case string:
		if !utf8.ValidString(x) {
			v.refuse(key, "is no text in UTF-8")
		}
	case bool, int, []string, []uint64, time.Duration, plugin.Size:
	default:
		v.refuse(key, "is read as a %T: put it in quotes", x)
	}
	return x
}

// whole returns n as an int if it is one.
func whole(n int64) any {
	if int64(int(n)) == n {
		return int(n)
	}
	return n
}

// dotted is what is wrong with a key that has the delimiter in it: koanf would take it for a path, or not.
const dotted = "a key has no dot: write a section with a key in it"

func (v *vet) section(x map[string]any, key string) any {
	clean := make(map[string]any, len(x))
	for name, inner := range x {
		path := join(key, name)
		switch {
		case name == "":
			v.refuse(key, "has an empty key")
		case !utf8.ValidString(name):
			v.refuse(path, "a key is text in UTF-8")
		case strings.Contains(name, "."):
			v.refuse(path, dotted)
		default:
			clean[name] = v.value(inner, path)
		}
	}
	return clean
}

// check returns what is wrong with the layer by itself: keys that do not exist, and values of the wrong type.
func (l layer) check() Problems {
	return place(plugin.Decode(l.keys.Raw(), new(Config)), "", l.origin)
}

// place turns the diagnostics of a section into problems.
func place(err error, section string, at func(key string) Origin) Problems {
	var diags plugin.Diagnostics
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &diags):
		return Problems{{At: at(section), Key: section, Text: err.Error()}}
	}
	var all Problems
	for _, d := range diags {
		key := strings.TrimSuffix(join(section, d.Key), ".")
		all = append(all, Problem{At: at(key), Key: key, Text: d.Problem})
	}
	return all
}
