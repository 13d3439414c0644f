package repo

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// PackageComments finds packages without a package comment.
func PackageComments(t *Tree) []Finding {
	has := map[string]bool{}
	for _, f := range t.goFiles(source) {
		folder := path.Dir(f.Path)
		has[folder] = has[folder] || f.Go.Doc != nil
	}
	var found []Finding
	for folder, ok := range has {
		if !ok {
			found = append(found, Finding{Path: folder, What: "package has no comment"})
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Path, b.Path) })
	return found
}

// Exported counts the exported names of hand-written packages, and finds those without a comment. The comment of
// a group of constants or variables stands for each of them, and so does one at the end of the line.
func Exported(t *Tree) (total int, bare []Finding) {
	note := func(name *ast.Ident, documented bool) {
		if !name.IsExported() {
			return
		}
		total++
		if !documented {
			bare = append(bare, t.at(name.Pos(), "exported %s has no comment", name.Name))
		}
	}
	for _, f := range t.goFiles(source) {
		for _, d := range f.Go.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil || ast.IsExported(receiver(d)) {
					note(d.Name, d.Doc != nil)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					noteSpec(note, d, spec)
				}
			}
		}
	}
	return total, bare
}

func noteSpec(note func(*ast.Ident, bool), d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		note(s.Name, s.Doc != nil || s.Comment != nil || d.Doc != nil && !d.Lparen.IsValid())
	case *ast.ValueSpec:
		for _, name := range s.Names {
			note(name, s.Doc != nil || s.Comment != nil || d.Doc != nil)
		}
	}
}

// receiver returns the name of the type that d is a method of.
func receiver(d *ast.FuncDecl) string {
	if len(d.Recv.List) == 0 {
		return ""
	}
	e := d.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
