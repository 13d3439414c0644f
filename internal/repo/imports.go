package repo

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A pattern names folders of the module: "*" is any one name, "..." at the end the folder and all below it,
// SELF the second name in the path of the importing folder (the plugin it belongs to).

// layer says what the packages of a part of the tree may import of this module.
type layer struct {
	in    string   // pattern of importing folders
	may   []string // patterns of imported folders
	never []string // exceptions to may
}

// layers are tried in order: the first whose pattern matches a folder holds for it. Test files are free.
var layers = []layer{
	{in: "framework"},
	{in: "framework/rpc/...", may: []string{"framework/...", "internal/..."}},
	{in: "framework/serve/...", may: []string{"framework/...", "internal/..."}},
	{in: "framework/schedtest/...", may: []string{"framework/..."}},
	{in: "framework/vmtest/...", may: []string{"framework/..."}},
	{in: "framework/storetest/...", may: []string{"framework/..."}},
	{in: "framework/...", may: []string{"framework/...", "internal/..."}, never: []string{
		// gRPC comes in through serve and rpc alone; the suites may run plugins through them
		"framework/rpc/...", "framework/serve/...", "internal/pb/...",
		"framework/schedtest/...", "framework/vmtest/...", "framework/storetest/...",
	}},
	{in: "plugins/*", may: []string{"framework/...", "plugins/SELF/..."}},
	{in: "plugins/*/...", may: []string{"framework/...", "plugins/SELF/..."}, never: []string{
		"framework/rpc/...", "framework/serve/...",
		"framework/schedtest/...", "framework/vmtest/...", "framework/storetest/...",
	}},
	{in: "host/cmd/switchyard/...", may: []string{"framework/...", "host/...", "internal/...", "plugins/..."}},
	{in: "host/...", may: []string{"framework/...", "host/...", "internal/..."}},
	{in: "internal/...", may: []string{"framework/...", "internal/..."}},
	{in: "examples/...", may: []string{"framework/...", "host/...", "plugins/..."}}, // programs of somebody else
}

// confined are modules that only some folders may import, in tests too.
var confined = []struct {
	module string
	to     []string
}{
	{"github.com/hashicorp/go-plugin", []string{"framework/rpc/...", "framework/serve/...", "host/..."}},
	{"github.com/knadh/koanf", []string{"host/..."}},
	{"go.uber.org/fx", []string{"host/..."}},
	{"google.golang.org/grpc", []string{"framework/proto/...", "framework/rpc/...", "framework/serve/...", "internal/pb/..."}},
}

// Imports finds the imports that the layers of the module forbid.
func Imports(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.goFiles(func(*File) bool { return true }) {
		folder := path.Dir(f.Path)
		for _, spec := range f.Go.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // the parser has refused it already
			}
			if why := forbids(t.Module, folder, imported, f.Test); why != "" {
				found = append(found, t.at(spec.Pos(), "imports %s: %s", imported, why))
			}
		}
	}
	return found
}

// ImportGroups finds files whose imports of the standard library are not the first group, by themselves.
func ImportGroups(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.goFiles(handWritten) {
		group, last := 0, 0 // of the import before, and its line
		for i, spec := range f.Go.Imports {
			line := t.fset.Position(spec.Pos()).Line
			if i > 0 && t.blankBetween(f, last, line) {
				group++
			}
			if standard(spec) != (group == 0 && standard(f.Go.Imports[0])) {
				found = append(found, t.at(spec.Pos(), "import %s: the standard library is the first group", spec.Path.Value))
			}
			last = line
		}
	}
	return found
}

// standard reports whether spec imports from the standard library: its paths have no dot in their first part.
func standard(spec *ast.ImportSpec) bool {
	first, _, _ := strings.Cut(spec.Path.Value, "/")
	return !strings.Contains(first, ".")
}

// blankBetween reports whether a blank line stands between two lines of f.
func (t *Tree) blankBetween(f *File, from, to int) bool {
	lines := strings.Split(string(f.Text), "\n")
	return slices.ContainsFunc(lines[from:to-1], func(l string) bool { return strings.TrimSpace(l) == "" })
}

// forbids says why the package in folder may not import another, or returns "".
func forbids(module, folder, imported string, test bool) string {
	for _, c := range confined {
		if below(imported, c.module) && !matchAny(c.to, folder, folder) {
			return "only for " + strings.Join(c.to, ", ")
		}
	}
	if test || !below(imported, module) {
		return ""
	}
	target := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
	i := slices.IndexFunc(layers, func(l layer) bool { return match(l.in, folder) })
	switch {
	case i < 0:
		return "no import rule for " + folder + ": add one to internal/repo/imports.go"
	case matchAny(layers[i].never, target, folder):
		return layers[i].in + " never imports it"
	case len(layers[i].may) == 0:
		return layers[i].in + " imports nothing of ours"
	case !matchAny(layers[i].may, target, folder):
		return layers[i].in + " imports only " + strings.Join(layers[i].may, ", ")
	}
	return ""
}

// below reports whether the import path p is root or below it.
func below(p, root string) bool { return p == root || strings.HasPrefix(p, root+"/") }

// matchAny reports whether a pattern matches target, with the SELF of folder.
func matchAny(patterns []string, target, folder string) bool {
	self := ""
	if parts := strings.Split(folder, "/"); len(parts) > 1 {
		self = parts[1]
	}
	return slices.ContainsFunc(patterns, func(p string) bool {
		return match(strings.Replace(p, "SELF", self, 1), target)
	})
}

func match(pattern, folder string) bool {
	p, f := strings.Split(pattern, "/"), strings.Split(folder, "/")
	for i, name := range p {
		switch {
		case name == "...":
			return true
		case i >= len(f) || name != "*" && name != f[i]:
			return false
		}
	}
	return len(p) == len(f)
}
