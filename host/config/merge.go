package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/knadh/koanf/v2"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Setting is a value that one layer gave to a key.
type Setting struct {
	Origin Origin `json:"origin"`
	Value  any    `json:"value"`
}

// Discard is a setting that went because a higher layer changed the plugin that it was for.
type Discard struct {
	Key string `json:"key"`
	Setting
	// By is where the plugin was changed, and Why says from what to what.
	By  Origin `json:"by"`
	Why string `json:"why"`
}

// loaded is what a Config remembers of its sources.
type loaded struct {
	program Program
	files   []string
	// known are the keys that can be explained.
	known []plugin.Field
	// origins says for every key that has a value where it stands.
	origins map[string]Origin
	// history has the settings of a key, lowest layer first; the last one counts.
	history   map[string][]Setting
	discarded []Discard
}

// merge puts the layers on top of each other.
func (l *loaded) merge(layers []layer) (*Config, Problems) {
	merged := koanf.New(".")
	for _, one := range layers {
		for _, kind := range plugin.Kinds() {
			l.replace(merged, one, string(kind))
		}
		l.record(merged, one)
		if err := merged.Merge(one.keys); err != nil {
			return nil, Problems{{At: one.from, Text: err.Error()}}
		}
	}
	c := &Config{loaded: l}
	if err := plugin.Decode(merged.Raw(), c); err != nil {
		return nil, place(err, "", l.origin)
	}
	c.complete()
	problems := l.place(c.check())
	if len(problems) == 0 {
		problems = c.validate(l.program)
	}
	return c, problems
}

// place turns diagnostics of the whole configuration into problems.
func (l *loaded) place(diags plugin.Diagnostics) Problems {
	if len(diags) == 0 {
		return nil
	}
	return place(diags, "", l.origin)
}

// complete fills maps that no layer had, and places that follow from other keys.
func (c *Config) complete() {
	for _, kind := range plugin.Kinds() {
		p := c.part(kind)
		if p.Config == nil {
			p.Config = map[string]any{}
		}
		if p.Exec != "" && c.loaded.setting(string(kind)+".place").Origin.Layer == FromDefault {
			p.Place = Process
		}
	}
	if c.Workload == nil {
		c.Workload = map[string]any{}
	}
	if c.Block.Capacity == nil {
		c.Block.Capacity = []uint64{}
	}
}

// pair is what decides which plugin fills a part.
type pair struct{ use, exec string }

func (p pair) String() string {
	if p.exec == "" {
		return p.use
	}
	return strings.TrimSpace(p.exec + " " + p.use)
}

// pairOf returns the pair that keys have for a part, and whether they have any of it.
func pairOf(keys *koanf.Koanf, kind string) (pair, bool) {
	use, isUse := keys.Get(kind + ".use").(string)
	exec, isExec := keys.Get(kind + ".exec").(string)
	return pair{use, exec}, isUse || isExec
}

// replace drops what merged has for the plugin of a part if the next layer changes it.
func (l *loaded) replace(merged *koanf.Koanf, next layer, kind string) {
	before, _ := pairOf(merged, kind)
	after, given := pairOf(next.keys, kind)
	if !given || before == after {
		return
	}
	by := next.origin(kind + ".use")
	if after.exec != "" {
		by = next.origin(kind + ".exec")
	}
	why := fmt.Sprintf("%s changes from %v to %v", kind, before, after)
	known := secrets(l.program.fields(map[plugin.Kind]pair{plugin.Kind(kind): before}))
	for _, section := range []string{"sha256", "config"} {
		for _, key := range slices.Sorted(maps.Keys(l.history)) {
			if last := l.setting(key); within(key, kind+"."+section) && last.Value != "" {
				last.Value = known.redact(key, last.Value)
				l.discarded = append(l.discarded, Discard{key, last, by, why})
			}
		}
	}
	l.forget(kind + ".config")
	for _, key := range []string{"use", "exec", "sha256"} {
		key = kind + "." + key
		if last := l.setting(key).Value; last != nil && last != "" && !next.keys.Exists(key) {
			l.history[key] = append(l.history[key], Setting{by, ""})
		}
		merged.Delete(key)
	}
	merged.Delete(kind + ".config")
}

// within reports whether key is root or below it.
func within(key, root string) bool {
	rest, ok := strings.CutPrefix(key, root)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// record remembers what a layer sets that is about to be merged.
func (l *loaded) record(merged *koanf.Koanf, next layer) {
	for key, value := range next.keys.All() {
		if m, ok := value.(map[string]any); ok && len(m) == 0 {
			continue // merges nothing
		}
		if _, was := merged.Get(key).(map[string]any); was {
			l.forget(key) // a section becomes a value
		}
		for above := parent(key); above != ""; above = parent(above) {
			if _, was := l.history[above]; was {
				l.forget(above) // a value becomes a section
			}
		}
		l.history[key] = append(l.history[key], Setting{next.origin(key), value})
	}
	maps.Copy(l.origins, next.at)
}

// setting returns what counts of a key, or the zero Setting if nothing set it.
func (l *loaded) setting(key string) Setting {
	if all := l.history[key]; len(all) > 0 {
		return all[len(all)-1]
	}
	return Setting{Origin: Origin{Layer: FromDefault}}
}

// forget drops the settings of a key, and of all keys below it.
func (l *loaded) forget(key string) {
	maps.DeleteFunc(l.history, func(k string, _ []Setting) bool { return within(k, key) })
	maps.DeleteFunc(l.origins, func(k string, _ Origin) bool { return within(k, key) })
}

// origin returns where a key stands that counts, or the nearest section or list that has it.
func (l *loaded) origin(key string) Origin {
	for ; key != ""; key = parent(key) {
		if o, ok := l.origins[key]; ok {
			return o
		}
	}
	return Origin{Layer: FromDefault}
}
