package plugin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Catalog is a set of plugins that can be named in a configuration.
type Catalog []Factory

// Find returns the plugin of that kind and id. The error lists what there is.
func (c Catalog) Find(kind Kind, id string) (Factory, error) {
	for _, f := range c {
		if f.Info.Kind == kind && f.Info.ID == id {
			return f, nil
		}
	}
	ids := c.IDs(kind)
	if len(ids) == 0 {
		return Factory{}, fmt.Errorf("no %s %q: this program has none", kind, id)
	}
	if s := Suggest(id, ids); s != "" {
		return Factory{}, fmt.Errorf("no %s %q, did you mean %q?", kind, id, s)
	}
	return Factory{}, fmt.Errorf("no %s %q, there is %s", kind, id, strings.Join(ids, ", "))
}

// IDs returns the ids of a kind in alphabetical order.
func (c Catalog) IDs(kind Kind) []string {
	var ids []string
	for _, f := range c {
		if f.Info.Kind == kind {
			ids = append(ids, f.Info.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Suggest returns the name that somebody who wrote got probably meant, or "" if none is near.
func Suggest(got string, names []string) string {
	best, at := "", len(got)/2+1
	for _, name := range names {
		if d := distance(strings.ToLower(got), strings.ToLower(name)); cmp.Less(d, at) {
			best, at = name, d
		}
	}
	return best
}

// distance is the Levenshtein distance: how many characters to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
