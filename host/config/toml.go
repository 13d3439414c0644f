package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	tomlv2 "github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// readTOML returns what a TOML file says.
func readTOML(file string, text []byte) (layer, Problems) {
	from := Origin{Layer: FromFile, Name: file}
	if err := tomlv2.Unmarshal(text, new(map[string]any)); err != nil {
		at, what := from, err.Error()
		var bad *tomlv2.DecodeError
		if errors.As(err, &bad) {
			at.Line, at.Column = bad.Position()
		}
		return layer{}, Problems{{At: at, Text: strings.TrimPrefix(what, "toml: ")}}
	}
	t := tomlReader{from: from, at: map[string]Origin{}, tables: map[string]int{}}
	t.parser.Reset(text)
	for t.parser.NextExpression() {
		t.expression(t.parser.Expression())
	}
	return newFileLayer(from, text, toml.Parser(), t.at)
}

// tomlReader finds the lines of the keys of a file that is known to be right.
type tomlReader struct {
	parser unstable.Parser
	from   Origin
	at     map[string]Origin
	// table is the one that the following keys belong to.
	table string
	// tables counts the items of every list of tables.
	tables map[string]int
}

func (t *tomlReader) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table:
		t.table = t.key("", n)
	case unstable.ArrayTable:
		list := t.key("", n)
		t.table = fmt.Sprintf("%s[%d]", list, t.tables[list])
		t.at[t.table] = t.at[list]
		t.tables[list]++
	case unstable.KeyValue:
		t.value(n.Value(), t.key(t.table, n))
	}
}

// key returns the path of the key of n in a section, and remembers where each of its parts stands.
func (t *tomlReader) key(section string, n *unstable.Node) string {
	for parts := n.Key(); parts.Next(); {
		part := parts.Node()
		section = join(section, string(part.Data))
		if n := t.tables[section]; n > 0 && !parts.IsLast() {
			section = fmt.Sprintf("%s[%d]", section, n-1)
		}
		if _, ok := t.at[section]; !ok || parts.IsLast() {
			start := t.parser.Shape(part.Raw).Start
			o := t.from
			o.Line, o.Column = start.Line, start.Column
			t.at[section] = o
		}
	}
	return section
}

// value goes through the keys within inline tables and lists.
func (t *tomlReader) value(n *unstable.Node, key string) {
	switch n.Kind {
	case unstable.InlineTable:
		for inner := n.Children(); inner.Next(); {
			t.value(inner.Node().Value(), t.key(key, inner.Node()))
		}
	case unstable.Array:
		i := 0
		for inner := n.Children(); inner.Next(); i++ {
			t.value(inner.Node(), fmt.Sprintf("%s[%d]", key, i))
		}
	}
}
