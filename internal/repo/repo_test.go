package repo_test

import (
	"os"
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/internal/repo"
)

// checks are all the rules that allow no exception.
var checks = []struct {
	name  string
	check func(*repo.Tree) []repo.Finding
}{
	{"Imports", repo.Imports},
	{"ImportGroups", repo.ImportGroups},
	{"PackageComments", repo.PackageComments},
	{"Formatted", repo.Unformatted},
	{"Inits", repo.Inits},
	{"Lengths", repo.Lengths},
	{"Notes", repo.Notes},
	{"Private", repo.Private},
	{"Links", repo.Links},
	{"Targets", repo.Targets},
	{"Examples", repo.Examples},
	{"Changelog", repo.Changelog},
}

// here is the tree of this repository.
var here = sync.OnceValues(func() (*repo.Tree, error) { return repo.Load(os.DirFS("../..")) })

func load(t *testing.T) *repo.Tree {
	t.Helper()
	tree, err := here()
	if err != nil {
		t.Fatal(err)
	}
	if tree.Module == "" || len(tree.Files) < 10 {
		t.Fatalf("module %q, %d files: not the repository", tree.Module, len(tree.Files))
	}
	return tree
}

func TestRepository(t *testing.T) {
	tree := load(t)
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range c.check(tree) {
				t.Error(f)
			}
		})
	}
}

func TestExportedComments(t *testing.T) {
	const want = 95 // per cent
	total, bare := repo.Exported(load(t))
	for _, f := range bare {
		t.Log(f)
	}
	if got := total - len(bare); got*100 < total*want {
		t.Errorf("%d of %d exported names have a comment, want %d %%", got, total, want)
	}
}

// TestMeasures prints the shape of the code with -v. It judges nothing: see the limits that TestRepository holds.
func TestMeasures(t *testing.T) {
	for _, m := range repo.Measures(load(t)) {
		t.Log(m)
	}
}
