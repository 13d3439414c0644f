package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Explanation says all there is to know of one key. Values of secrets are [Redacted] in it.
type Explanation struct {
	Key string `json:"key"`
	// Value is nil, and Origin empty, if nothing sets the key and it has no default.
	Value  any    `json:"value"`
	Origin Origin `json:"origin"`
	// Default is nil if it is not known: the key belongs to a section that this program knows nothing of.
	Default any    `json:"default,omitempty"`
	Unit    string `json:"unit,omitempty"`
	Doc     string `json:"doc,omitempty"`
	Secret  bool   `json:"secret,omitempty"`
	// Overridden are the settings of lower layers, the highest first, without the default.
	Overridden []Setting `json:"overridden,omitempty"`
	// Discarded are the settings that went because the plugin was changed: of the use or exec that did so all that the
	// part lost, of other keys their own.
	Discarded []Discard `json:"discarded,omitempty"`
}

// Keys returns the keys that have a value, at or below a path; "" means all. Sections are not among them. c must come
// from [Load].
func (c *Config) Keys(path string) []string {
	keys := map[string]bool{}
	for _, f := range c.loaded.known {
		keys[f.Key] = !f.Section
	}
	for key := range c.loaded.history {
		keys[key] = true
	}
	for key := range maps.Clone(keys) {
		for above := parent(key); above != ""; above = parent(above) {
			keys[above] = false
		}
	}
	maps.DeleteFunc(keys, func(key string, has bool) bool { return !has || path != "" && !within(key, path) })
	return slices.Sorted(maps.Keys(keys))
}

// Explain says all there is to know of one key. A section is an error that lists what is in it. c must come
// from [Load].
func (c *Config) Explain(key string) (Explanation, error) {
	l := c.loaded
	if key == "" {
		return Explanation{}, errors.New("name a key to explain")
	}
	discarded := l.discardedFor(key)
	if keys := c.Keys(key); len(keys) == 0 && len(discarded) == 0 {
		return Explanation{}, Problem{Key: key, At: Origin{Layer: FromDefault}, Text: l.unknown(key)}
	} else if len(keys) > 0 && keys[0] != key {
		return Explanation{}, fmt.Errorf("%s is a section with %s", key, strings.Join(keys, ", "))
	}
	f, _ := field(l.known, key)
	e := Explanation{
		Key: key, Default: f.Default, Unit: f.Unit, Doc: f.Doc,
		Secret: c.secrets().has(key), Discarded: discarded,
	}
	e.settings(l.history[key])
	if e.Origin.Layer == "" && f.Key != "" {
		e.Origin, e.Value = Origin{Layer: FromDefault}, f.Default
	}
	if e.Origin.Layer == FromDefault && name(key) == "place" {
		e.Value = c.place(key) // it depends on exec
	}
	return c.redact(e), nil
}

// settings fills in what layers say of the key.
func (e *Explanation) settings(all []Setting) {
	for i, s := range slices.Backward(all) {
		if i == len(all)-1 {
			e.Value, e.Origin = s.Value, s.Origin
		}
		switch {
		case s.Origin.Layer == FromDefault:
			e.Default = s.Value
		case i < len(all)-1:
			e.Overridden = append(e.Overridden, s)
		}
	}
}

// place returns where a part runs, by its key.
func (c *Config) place(key string) string { return c.part(plugin.Kind(parent(key))).Place }

// redact returns e with values as they are printed, without secrets.
func (c *Config) redact(e Explanation) Explanation {
	clean := func(value any) any { return c.secrets().redact(e.Key, plugin.Plain(value)) }
	e.Value, e.Default = clean(e.Value), clean(e.Default)
	for i := range e.Overridden {
		e.Overridden[i].Value = clean(e.Overridden[i].Value)
	}
	return e
}

// secrets returns what is known of secrets.
func (c *Config) secrets() secrets {
	if c.loaded == nil {
		return nil
	}
	return c.loaded.known
}

// Discarded returns the settings of all parts that went because a higher layer changed the plugin. Secrets are
// [Redacted]. c must come from [Load].
func (c *Config) Discarded() []Discard { return slices.Clone(c.loaded.discarded) }

// discardedFor returns the discarded settings that somebody wants to hear of who asks for a key.
func (l *loaded) discardedFor(key string) []Discard {
	var found []Discard
	kind, rest, _ := strings.Cut(key, ".")
	set := l.setting(key).Origin
	for _, d := range l.discarded {
		changed := (rest == "use" || rest == "exec") && d.By == set || rest == "config"
		if d.Key == key || changed && within(d.Key, kind) {
			found = append(found, d)
		}
	}
	return found
}

// unknown says that there is no such key.
func (l *loaded) unknown(key string) string {
	var names []string
	for _, f := range l.known {
		names = append(names, f.Key)
	}
	if s := plugin.Suggest(key, names); s != "" {
		return fmt.Sprintf("unknown key, did you mean %q?", s)
	}
	return "unknown key"
}

// String returns the explanation as `config explain` prints it, without a newline at the end.
func (e Explanation) String() string {
	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "\n  %-11s "+format, append([]any{label}, args...)...)
	}
	if e.Origin.Layer == "" {
		fmt.Fprintf(&b, "%s is not set", e.Key)
	} else {
		fmt.Fprintf(&b, "%s: %s", e.Key, show(e.Value))
		line("set by", "%s", e.Origin.describe())
	}
	for _, s := range e.Overridden {
		line("instead of", "%s (%s)", show(s.Value), s.Origin.describe())
	}
	for _, d := range e.Discarded {
		line("discarded", "%s: %s (%s), since %s (%s)", d.Key, show(d.Value), d.Origin.describe(), d.Why, d.By.describe())
	}
	if e.Default != nil {
		line("default", "%s", show(e.Default))
	}
	if e.Unit != "" {
		line("unit", "%s", e.Unit)
	}
	if e.Secret {
		line("secret", "yes, its value is not shown")
	}
	if e.Doc != "" {
		line("", "%s", e.Doc)
	}
	return b.String()
}

// describe returns the origin with its layer.
func (o Origin) describe() string {
	if o.Layer == FromDefault {
		return o.String()
	}
	return string(o.Layer) + " " + o.String()
}
