package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Layer is where values come from. Later layers win.
type Layer string

// The layers, lowest first.
const (
	FromDefault     Layer = "default"
	FromFile        Layer = "file"
	FromEnvironment Layer = "environment"
	FromFlag        Layer = "flag"
)

// Origin is where a value comes from.
type Origin struct {
	Layer Layer `json:"layer"`
	// Name is the file as it was named, the environment variable, or "--set". Defaults have none.
	Name string `json:"name,omitempty"`
	// Line and Column are where the key stands in the file, from 1. They are 0 if that is not known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// String returns the origin as errors show it, such as "switchyard.yaml:7".
func (o Origin) String() string {
	switch {
	case o.Layer == FromDefault:
		return "default"
	case o.Line > 0:
		return o.Name + ":" + strconv.Itoa(o.Line)
	}
	return o.Name
}

// Problem is one thing wrong with a configuration.
type Problem struct {
	At Origin `json:"at"`
	// Key is the whole path of the key; empty if it is the source as such that is wrong.
	Key  string `json:"key,omitempty"`
	Text string `json:"problem"`
}

// Error returns the problem in one line, such as "switchyard.yaml:7: vm.config.stpes: unknown key".
func (p Problem) Error() string {
	var b strings.Builder
	if p.At.Layer != FromDefault {
		fmt.Fprintf(&b, "%v: ", p.At)
	}
	if p.Key != "" {
		b.WriteString(printable(p.Key) + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// printable quotes keys that would tear the line.
func printable(key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return strconv.Quote(key)
	}
	return key
}

// Problems is the error of a configuration that cannot be used: all that is wrong with it, in the order of the
// layers and, within a file, of its lines.
type Problems []Problem

// Error lists the problems, a line each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted puts p in order. files are those of the configuration, lowest first.
func (p Problems) sorted(files []string) Problems {
	layers := []Layer{FromDefault, FromFile, FromEnvironment, FromFlag}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(slices.Index(layers, a.At.Layer), slices.Index(layers, b.At.Layer)),
			cmp.Compare(slices.Index(files, a.At.Name), slices.Index(files, b.At.Name)),
			cmp.Compare(a.At.Line, b.At.Line),
			cmp.Compare(a.At.Column, b.At.Column),
		)
	})
	return p
}

func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
