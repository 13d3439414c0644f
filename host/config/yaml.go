package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	yamlv3 "go.yaml.in/yaml/v3"
)

// readYAML returns what a YAML file says. It refuses what YAML would silently read as something else.
func readYAML(file string, text []byte) (layer, Problems) {
	from := Origin{Layer: FromFile, Name: file}
	y := yamlReader{from: from, at: map[string]Origin{}}
	y.document(text)
	if len(y.problems) > 0 {
		return layer{}, y.problems
	}
	return newFileLayer(from, text, yaml.Parser(), y.at)
}

// newFileLayer returns the layer of a file whose positions are known.
func newFileLayer(from Origin, text []byte, parser koanf.Parser, at map[string]Origin) (layer, Problems) {
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(text), parser); err != nil {
		return layer{}, Problems{{At: from, Text: err.Error()}}
	}
	return newLayer(from, k.Raw(), at)
}

// yamlReader walks the nodes of a file: for the lines of its keys, and for what the values do not show any more.
type yamlReader struct {
	from     Origin
	at       map[string]Origin
	problems Problems
}

func (y *yamlReader) origin(n *yamlv3.Node) Origin {
	o := y.from
	o.Line, o.Column = n.Line, n.Column
	return o
}

func (y *yamlReader) refuse(n *yamlv3.Node, key, format string, args ...any) {
	y.problems = append(y.problems, Problem{At: y.origin(n), Key: key, Text: fmt.Sprintf(format, args...)})
}

// document reads the one document of the file.
func (y *yamlReader) document(text []byte) {
	dec := yamlv3.NewDecoder(bytes.NewReader(text))
	var doc, second yamlv3.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return // it says nothing
	case err != nil:
		y.syntax(err)
		return
	}
	if err := dec.Decode(&second); err == nil {
		y.refuse(&second, "", "has a second document: put it into a file of its own")
		return
	} else if !errors.Is(err, io.EOF) {
		y.syntax(err)
		return
	}
	switch root := doc.Content[0]; {
	case root.Kind == yamlv3.ScalarNode && root.ShortTag() == "!!null":
		// it says nothing
	case root.Kind != yamlv3.MappingNode:
		y.refuse(root, "", "a configuration is made of keys with values")
	default:
		y.node(root, "")
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax places an error of the parser.
func (y *yamlReader) syntax(err error) {
	at, text := y.from, err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		at.Line, _ = strconv.Atoi(m[1])
	}
	y.problems = append(y.problems, Problem{At: at, Text: text})
}

func (y *yamlReader) node(n *yamlv3.Node, key string) {
	switch n.Kind {
	case yamlv3.MappingNode:
		if tag := n.ShortTag(); tag != "!!map" {
			y.refuse(n, key, "tag %s is not known here", tag)
		}
		y.section(n, key)
	case yamlv3.SequenceNode:
		if tag := n.ShortTag(); tag != "!!seq" {
			y.refuse(n, key, "tag %s is not known here", tag)
		}
		for i, item := range n.Content {
			path := fmt.Sprintf("%s[%d]", key, i)
			y.at[path] = y.origin(item)
			y.node(item, path)
		}
	case yamlv3.ScalarNode:
		y.scalar(n, key)
	default:
		y.refuse(n, key, "aliases are not read: write the value out")
	}
}

func (y *yamlReader) section(n *yamlv3.Node, section string) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if name.Kind != yamlv3.ScalarNode || name.ShortTag() != "!!str" {
			y.refuse(name, section, "%q is no key: put it in quotes if it is meant to be one", name.Value)
			continue
		}
		key := join(section, name.Value)
		if line, ok := first[name.Value]; ok {
			y.refuse(name, key, "is given twice, first in line %d", line)
			continue
		}
		first[name.Value] = name.Line
		if strings.Contains(name.Value, ".") {
			y.refuse(name, key, dotted)
			continue
		}
		y.at[key] = y.origin(name)
		y.node(value, key)
	}
}

var (
	digitsOnly  = regexp.MustCompile(`^[-+]?[0-9_]+$`)
	leadingZero = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
)

func (y *yamlReader) scalar(n *yamlv3.Node, key string) {
	switch tag := n.ShortTag(); tag {
	case "!!str", "!!bool", "!!null":
	case "!!int", "!!float":
		switch {
		case leadingZero.MatchString(n.Value):
			y.refuse(n, key, "may be octal or not: leave out the zeros in front, or put it in quotes")
		case tag == "!!float" && digitsOnly.MatchString(n.Value):
			y.refuse(n, key, "has too many digits for a number: put it in quotes")
		}
	case "!!timestamp":
		y.refuse(n, key, "is read as a date: put it in quotes")
	default:
		y.refuse(n, key, "tag %s is not known here", tag)
	}
}
