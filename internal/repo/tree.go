package repo

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// Tree is what git would track of a repository: every text file but the ignored ones.
type Tree struct {
	Module string // path of the Go module, from go.mod
	Files  []*File
	fset   *token.FileSet
}

// File is one text file of a Tree.
type File struct {
	Path string // from the root, with slashes
	Text []byte
	Go   *ast.File // nil if this is no Go file, or one in a testdata folder
	// Test and Generated are set for Go files only.
	Test, Generated bool
}

// Finding is a place that breaks a rule.
type Finding struct {
	Path string
	Line int // 0 if the whole file or folder is meant
	What string
}

// String returns the finding as file:line: what.
func (f Finding) String() string {
	if f.Line == 0 {
		return f.Path + ": " + f.What
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.What)
}

// Load reads the files below the root of fsys. Of .gitignore it understands names, names with wildcards, and
// folders at the root (/bin/), which is all that this repository uses.
func Load(fsys fs.FS) (*Tree, error) {
	ignored, err := fs.ReadFile(fsys, ".gitignore")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	t := &Tree{fset: token.NewFileSet()}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" || ignores(string(ignored), name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return t.add(fsys, name)
	})
	return t, err
}

// ignores reports whether the patterns of a .gitignore file match name.
func ignores(patterns, name string) bool {
	for p := range strings.Lines(patterns) {
		p = strings.TrimSuffix(strings.TrimSpace(p), "/")
		if p == "" || strings.HasPrefix(p, "#") {
			continue
		}
		subject := path.Base(name)
		if strings.Contains(p, "/") {
			p, subject = strings.TrimPrefix(p, "/"), name
		}
		if ok, err := path.Match(p, subject); ok && err == nil {
			return true
		}
	}
	return false
}

func (t *Tree) add(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if bytes.IndexByte(text[:min(len(text), 8192)], 0) >= 0 {
		return nil // binary
	}
	f := &File{Path: name, Text: text}
	if name == "go.mod" {
		first, _, _ := strings.Cut(string(text), "\n")
		t.Module = strings.TrimSpace(strings.TrimPrefix(first, "module"))
	}
	if path.Ext(name) == ".go" && !strings.Contains("/"+name, "/testdata/") {
		if f.Go, err = parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return err
		}
		f.Test = strings.HasSuffix(name, "_test.go")
		f.Generated = ast.IsGenerated(f.Go)
	}
	t.Files = append(t.Files, f)
	return nil
}

// file returns the file at path, or nil.
func (t *Tree) file(path string) *File {
	for _, f := range t.Files {
		if f.Path == path {
			return f
		}
	}
	return nil
}

// goFiles returns the Go files for which keep holds.
func (t *Tree) goFiles(keep func(*File) bool) []*File {
	var files []*File
	for _, f := range t.Files {
		if f.Go != nil && keep(f) {
			files = append(files, f)
		}
	}
	return files
}

func handWritten(f *File) bool { return !f.Generated }
func source(f *File) bool      { return !f.Generated && !f.Test }
func tests(f *File) bool       { return !f.Generated && f.Test }

// at returns a finding at pos.
func (t *Tree) at(pos token.Pos, format string, args ...any) Finding {
	p := t.fset.Position(pos)
	return Finding{p.Filename, p.Line, fmt.Sprintf(format, args...)}
}
