package hint

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Func does what a hint does. What goes wrong it reports by the methods of the call; after the first failure
// those do nothing and return zero values.
type Func func(c *Call)

// Library has hints by their exact text.
type Library map[string]Func

//go:embed texts/*.txt
var textFiles embed.FS

// texts returns the texts of the hints by name. In a file, each is preceded by a line "== name" and followed by a line "==" or
// the next name.
func texts() (map[string]string, error) {
	all := make(map[string]string)
	files, err := textFiles.ReadDir("texts")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		data, err := textFiles.ReadFile(path.Join("texts", f.Name()))
		if err != nil {
			return nil, err
		}
		for part := range strings.SplitSeq(strings.TrimPrefix(string(data), "== "), "\n== ") {
			name, text, ok := strings.Cut(part, "\n")
			if _, twice := all[name]; twice || !ok {
				return nil, fmt.Errorf("hint: %s: %q occurs twice or has no text", f.Name(), name)
			}
			all[name] = strings.TrimSuffix(text, "\n==\n")
		}
	}
	return all, nil
}

// Standard returns the hints of the core library that this package knows. The caller owns the map and may add to it.
func Standard() Library {
	lib := make(Library)
	all, err := texts()
	if err != nil {
		return lib
	}
	for _, group := range groups {
		for name, f := range group {
			lib[all[name]] = f
		}
	}
	return lib
}

// groups has the functions of this package by the names of their texts.
var groups = []map[string]Func{
	scopeHints, mathHints, comparisonHints, uint256Hints, dictHints, squashHints, arrayHints, curveHints, hashHints, circuitHints,
	secpHints, fieldHints, uint384Hints, splitHints, blakeHints, sha256Hints, excessHints,
}

// Families returns the texts of the hints that Standard has, those that work together in one list. The lists and what is in them are
// in an order of their own, always the same.
func Families() (families [][]string) {
	all, err := texts()
	if err != nil {
		return nil
	}
	for _, g := range groups {
		var family []string
		for _, name := range slices.Sorted(maps.Keys(g)) {
			family = append(family, all[name])
		}
		families = append(families, family)
	}
	return families
}

// Names returns the names of the hints that Standard has, sorted.
func Names() []string {
	var names []string
	for _, g := range groups {
		names = slices.AppendSeq(names, maps.Keys(g))
	}
	slices.Sort(names)
	return names
}
