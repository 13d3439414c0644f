package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// readers are the kinds of files, by extension.
var readers = map[string]func(file string, text []byte) (layer, Problems){
	".yaml": readYAML,
	".yml":  readYAML,
	".toml": readTOML,
}

// readFiles returns a layer for each file.
func (l *loaded) readFiles(src Sources) ([]layer, Problems) {
	var problems Problems
	fail := func(file string, err error) {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // it repeats the name
		}
		problems = append(problems, Problem{At: Origin{Layer: FromFile, Name: file}, Text: err.Error()})
	}
	for _, name := range src.files() {
		files, err := expand(name)
		if err != nil {
			fail(name, err)
		}
		l.files = append(l.files, files...)
	}
	var layers []layer
	for _, file := range l.files {
		text, err := os.ReadFile(file)
		if err != nil {
			fail(file, err)
			continue
		}
		read, ok := readers[filepath.Ext(file)]
		if !ok {
			fail(file, fmt.Errorf("is no configuration: its name must end in .yaml, .yml or .toml"))
			continue
		}
		one, bad := read(file, text)
		layers = append(layers, one)
		problems = append(problems, bad...)
	}
	return layers, problems
}

// files returns the files and folders to read.
func (s Sources) files() []string {
	if s.File != "" {
		return append([]string{s.File}, s.Files...)
	}
	if _, err := os.Stat(DefaultFile); err == nil {
		return append([]string{DefaultFile}, s.Files...)
	}
	return s.Files
}

// expand returns the files that a name stands for.
func expand(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if _, ok := readers[filepath.Ext(e.Name())]; ok && !e.IsDir() {
			files = append(files, filepath.Join(name, e.Name()))
		}
	}
	slices.Sort(files)
	return files, nil
}
