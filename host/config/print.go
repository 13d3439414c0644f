package config

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Print returns c as YAML that loads to an equal configuration again. With redact, secrets are replaced by
// [Redacted], also those that only look like one; then it does not.
func (c *Config) Print(redact bool) string {
	root := &yamlv3.Node{Kind: yamlv3.MappingNode}
	sections := map[string]*yamlv3.Node{"": root}
	for _, f := range plugin.Fields(c) {
		if optional(f) {
			continue
		}
		value := plugin.Plain(f.Default)
		if redact {
			value = c.secrets().redact(f.Key, value)
		}
		n := node(value)
		if f.Section {
			n = &yamlv3.Node{Kind: yamlv3.MappingNode}
			sections[f.Key] = n
		}
		in := sections[parent(f.Key)]
		in.Content = append(in.Content, node(name(f.Key)), n)
	}
	return encode(root)
}

// optional reports whether a key of the host says nothing: the program, and what goes with it, if there is none.
func optional(f plugin.Field) bool {
	return f.Default == "" && slices.Contains([]string{"use", "exec", "sha256"}, name(f.Key))
}

// name returns the last part of a key.
func name(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// encode returns the YAML of a node.
func encode(n *yamlv3.Node) string {
	var b bytes.Buffer
	enc := yamlv3.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return "" // a node that is made here can be encoded
	}
	return b.String()
}

// show returns a value as YAML in one line.
func show(value any) string {
	n := node(plugin.Plain(value))
	n.Style |= yamlv3.FlowStyle
	return strings.TrimSpace(encode(n))
}

// node returns the YAML of a value that is read back as the same.
func node(value any) *yamlv3.Node {
	n := &yamlv3.Node{Kind: yamlv3.ScalarNode}
	switch value := value.(type) {
	case map[string]any:
		n.Kind = yamlv3.MappingNode
		for _, key := range slices.Sorted(maps.Keys(value)) {
			n.Content = append(n.Content, node(key), node(value[key]))
		}
	case []any:
		n.Kind = yamlv3.SequenceNode
		for _, inner := range value {
			n.Content = append(n.Content, node(inner))
		}
	case string:
		n.Tag, n.Value = "!!str", value
		if !plainText(value) {
			n.Style = yamlv3.DoubleQuotedStyle
		}
	case float64:
		n.Tag, n.Value = "!!float", strconv.FormatFloat(value, 'g', -1, 64)
		if !strings.ContainsAny(n.Value, ".e") {
			n.Value += ".0" // or it is read as a whole number
		}
	default:
		if err := n.Encode(value); err != nil {
			n.Tag, n.Value = "!!str", ""
		}
	}
	return n
}

// plainText reports whether a text is safe in any style.
func plainText(s string) bool {
	return strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
}
