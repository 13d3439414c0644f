package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

const initHead = `# The configuration of a Switchyard host. A line like "#key: value", with no blank after the #, is a setting at its
# default: take the # away, and that of the section it is in, to change it. SWITCHYARD_STORE__PLACE=process in the
# environment and --set store.place=process win over this file.
`

// Init returns a YAML file to start from: it says what c says, with a comment for every key. Keys that are rarely needed
// are commented out, as are the sections of the plugins that c uses and of the workload.
func (p Program) Init(c Config) string {
	use := map[plugin.Kind]pair{}
	for _, kind := range plugin.Kinds() {
		use[kind] = pair{c.part(kind).Use, c.part(kind).Exec}
	}
	w := initWriter{program: p, use: use, known: p.fields(use), values: c.tree()}
	w.WriteString(initHead)
	w.section("", w.values)
	return w.String()
}

type initWriter struct {
	strings.Builder
	program Program
	use     map[plugin.Kind]pair
	known   []plugin.Field
	values  map[string]any
}

// section writes the keys of a section. values has those that are set.
func (w *initWriter) section(section string, values map[string]any) {
	for _, f := range w.known {
		if parent(f.Key) != section {
			continue
		}
		value, set := values[name(f.Key)]
		if set {
			f.Default = value
		}
		inner, isMap := value.(map[string]any)
		w.comment(f)
		w.line(f, !set || optional(f) || isMap && len(inner) == 0)
		w.section(f.Key, inner)
	}
}

// line writes a key, and its value unless its keys follow.
func (w *initWriter) line(f plugin.Field, off bool) {
	w.WriteString(indent(f.Key))
	if off {
		w.WriteString("#")
	}
	w.WriteString(name(f.Key) + ":")
	if !slices.ContainsFunc(w.known, func(k plugin.Field) bool { return parent(k.Key) == f.Key }) {
		w.WriteString(" " + show(f.Default))
	}
	w.WriteString("\n")
}

func indent(key string) string { return strings.Repeat("  ", strings.Count(key, ".")) }

// comment writes what is known of a key, above it.
func (w *initWriter) comment(f plugin.Field) {
	if !strings.Contains(f.Key, ".") {
		w.WriteString("\n")
	}
	doc := f.Doc
	if f.Unit != "" {
		doc += " Unit: " + f.Unit + "."
	}
	kind := plugin.Kind(parent(f.Key))
	switch ids := w.program.Plugins.IDs(kind); {
	case name(f.Key) == "use" && len(ids) > 0:
		doc += " There is " + strings.Join(ids, ", ") + "."
	case name(f.Key) == "config":
		if plug, ok := w.program.factory(kind, w.use[kind]); ok {
			doc = fmt.Sprintf("Settings of %v. %s", plug.Info, plug.Info.Summary)
		}
	}
	const width = 110
	start := indent(f.Key) + "#"
	line := start
	for _, word := range strings.Fields(doc) {
		if len(line)+len(word) > width {
			w.WriteString(line + "\n")
			line = start
		}
		line += " " + word
	}
	if line != start {
		w.WriteString(line + "\n")
	}
}
