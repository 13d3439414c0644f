// Package scaffold makes the module of a plugin of one's own: it builds, passes the conformance suite of its kind, and is
// small enough to be read before it is changed.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"text/template"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

//go:embed templates
var templates embed.FS

// Spec says what is made.
type Spec struct {
	Kind plugin.Kind
	// Name is the id of the plugin and the name of its program: lower-case letters, digits and hyphens.
	Name string
	// Module is the path of its Go module. Empty means example.com/NAME.
	Module string
	// Switchyard is the folder of a checkout of Switchyard, which go.mod refers to.
	Switchyard string
}

// file is one file of a scaffold: where it is, and the template of it.
type file struct{ path, template string }

// files returns what a plugin consists of.
func (s *Spec) files() []file {
	kind := string(s.Kind)
	all := []file{
		{"go.mod", "all/go.mod.tmpl"},
		{"README.md", kind + "/README.md.tmpl"},
		{s.Package() + ".go", kind + "/plugin.go.tmpl"},
		{s.Package() + "_test.go", kind + "/plugin_test.go.tmpl"},
		{"cmd/" + s.Name + "/main.go", "all/plugin.main.tmpl"},
	}
	if s.Kind == plugin.VM {
		return append(all, file{"cases.json", "vm/cases.json.tmpl"})
	}
	return append(all, file{"cmd/sequencer/main.go", "all/sequencer.main.tmpl"})
}

// Package returns the name of the plugin's Go package.
func (s *Spec) Package() string { return strings.ReplaceAll(s.Name, "-", "") }

// Go returns the version of Go that the module asks for: that of this program.
func (s *Spec) Go() string {
	version, _, _ := strings.Cut(strings.TrimPrefix(runtime.Version(), "go"), " ")
	return version
}

var names = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Check says what is wrong with the spec, and fills in what was left empty.
func (s *Spec) check() error {
	switch s.Kind {
	case plugin.Scheduler, plugin.VM, plugin.Store:
	default:
		return fmt.Errorf("no kind %q, there is scheduler, vm and store", s.Kind)
	}
	if !names.MatchString(s.Name) {
		return fmt.Errorf("%q is no name for a plugin: write lower-case letters, digits and hyphens, such as my-%s", s.Name, s.Kind)
	}
	if s.Name == "sequencer" {
		return errors.New("the folder cmd/sequencer is taken: choose another name")
	}
	if s.Module == "" {
		s.Module = "example.com/" + s.Name
	}
	if path.Base(s.Module) == "" || strings.ContainsAny(s.Module, " \"\\") {
		return fmt.Errorf("%q is no path of a module", s.Module)
	}
	if _, err := os.Stat(filepath.Join(s.Switchyard, "framework", "scheduler.go")); err != nil {
		return fmt.Errorf("no checkout of Switchyard in %s: %w", s.Switchyard, err)
	}
	return nil
}

// Write makes the module in a folder, which must be empty or not be there yet. It returns the files that it has made.
func Write(dir string, s Spec) ([]string, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	there, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("%s is not empty: name another folder", dir)
	}
	if s.Switchyard, err = relative(dir, s.Switchyard); err != nil {
		return nil, err
	}
	var made []string
	for _, f := range s.files() {
		text, err := s.render(f)
		if err != nil {
			return made, err
		}
		target := filepath.Join(dir, f.path)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return made, err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return made, err
		}
		made = append(made, target)
	}
	return made, nil
}

// relative returns the path to a checkout from the folder of the module, as go.mod wants it.
func relative(dir, checkout string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(checkout)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return to, nil //nolint:nilerr // there is no relative path, then the absolute one
	}
	if rel = filepath.ToSlash(rel); !strings.HasPrefix(rel, "../") && rel != ".." {
		rel = "./" + rel
	}
	return rel, nil
}

// render returns the text of a file.
func (s *Spec) render(f file) ([]byte, error) {
	t, err := template.ParseFS(templates, "templates/"+f.template)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return nil, err
	}
	if strings.HasSuffix(f.path, ".go") {
		return format.Source(b.Bytes())
	}
	return b.Bytes(), nil
}
