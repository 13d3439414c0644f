// Package realdata finds the real chain data that tests compare with. The project does not contain it: it lies
// beside the repository, in ../shared/data from its root, or where the variable SWITCHYARD_DATA says. A test that
// misses it says so and is skipped.
package realdata

import (
	"os"
	"path/filepath"
	"testing"
)

// Variable is the environment variable that names the folder.
const Variable = "SWITCHYARD_DATA"

// Dir returns the folder of the data, and false if there is none.
func Dir() (string, bool) {
	dir := os.Getenv(Variable)
	if dir == "" {
		root, ok := root()
		if !ok {
			return "", false
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

// root returns the nearest folder above the working directory that has a go.mod.
func root() (string, bool) {
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", false
		}
		dir = up
	}
}

// Read returns the file of that name below the folder, with slashes in the name. The test is skipped if there
// is no folder, and fails if there is no file.
func Read(tb testing.TB, name string) []byte {
	tb.Helper()
	dir := need(tb)
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// Glob returns the names of the files below the folder that match pattern, for [Read]. The test is skipped if
// there is no folder, and fails if no file matches.
func Glob(tb testing.TB, pattern string) []string {
	tb.Helper()
	dir := need(tb)
	paths, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no real data like %s: %v", pattern, err)
	}
	for i, p := range paths {
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			tb.Fatal(err)
		}
		paths[i] = filepath.ToSlash(rel)
	}
	return paths
}

func need(tb testing.TB) string {
	tb.Helper()
	dir, ok := Dir()
	if !ok {
		tb.Skipf("SKIPPED: no real data: neither ../shared/data beside the repository nor %s is a folder", Variable)
	}
	return dir
}
