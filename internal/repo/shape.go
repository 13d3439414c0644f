package repo

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"regexp"
)

// Limits of hand-written Go, in lines.
const (
	fileMax = 900
	funcMax = 70
)

// Unformatted finds Go files that gofmt would change.
func Unformatted(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.goFiles(handWritten) {
		if want, err := format.Source(f.Text); err == nil && !bytes.Equal(want, f.Text) {
			found = append(found, Finding{Path: f.Path, What: "not formatted: run make fmt"})
		}
	}
	return found
}

// Inits finds init functions: what a program does at start belongs in its main, in order.
func Inits(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.goFiles(handWritten) {
		for _, fn := range functions(f) {
			if fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, t.at(fn.Pos(), "init function: construct it where it is used"))
			}
		}
	}
	return found
}

// Lengths finds files of more than 900 lines, and functions of more than 70 outside tests. A comment
// //nolint:funlen // with its reason, above the function or on its first line, lets one be longer.
func Lengths(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.goFiles(handWritten) {
		if n := t.lines(f.Go); n > fileMax {
			found = append(found, Finding{Path: f.Path, What: fmt.Sprintf("%d lines, at most %d", n, fileMax)})
		}
	}
	for _, f := range t.goFiles(source) {
		for _, fn := range functions(f) {
			if n := t.lines(fn); n > funcMax && !t.excused(f, fn) {
				found = append(found, t.at(fn.Name.Pos(), "%s has %d lines, at most %d", fn.Name.Name, n, funcMax))
			}
		}
	}
	return found
}

var excuse = regexp.MustCompile(`^//nolint:(\w+,)*funlen(,\w+)* // ?\S`)

// excused reports whether a comment says why fn is long.
func (t *Tree) excused(f *File, fn *ast.FuncDecl) bool {
	first, last := t.fset.Position(fn.Pos()).Line, t.fset.Position(fn.Body.Lbrace).Line
	if fn.Doc != nil {
		first = t.fset.Position(fn.Doc.Pos()).Line
	}
	for _, group := range f.Go.Comments {
		for _, c := range group.List {
			if line := t.fset.Position(c.Pos()).Line; first <= line && line <= last && excuse.MatchString(c.Text) {
				return true
			}
		}
	}
	return false
}

// lines returns how many lines n spans.
func (t *Tree) lines(n ast.Node) int {
	if f, ok := n.(*ast.File); ok {
		return t.fset.File(f.FileStart).LineCount()
	}
	return t.fset.Position(n.End()).Line - t.fset.Position(n.Pos()).Line + 1
}

// functions returns the functions and methods with a body that f declares.
func functions(f *File) []*ast.FuncDecl {
	var fns []*ast.FuncDecl
	for _, d := range f.Go.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			fns = append(fns, fn)
		}
	}
	return fns
}
