package command

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// write writes the files that were asked for.
func (r *runFlags) write(s *runner.Session) error {
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{r.traceFile, s.WriteTrace},
		{r.memoryFile, s.WriteMemory},
		{r.publicFile, func(w io.Writer) error { return writePublic(w, s) }},
		{r.privateFile, func(w io.Writer) error { return r.writePrivate(w, s) }},
		{r.pieFile, func(w io.Writer) error { return r.writePIE(w, s) }},
		{r.profile, func(w io.Writer) error { return writeProfile(w, s) }},
	} {
		if f.name == "" {
			continue
		}
		if err := create(f.name, f.write); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

// create makes a file of what write writes.
func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if err2 := f.Close(); err == nil {
		err = err2
	}
	return err
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "    ")
	return e.Encode(v)
}

func writePublic(w io.Writer, s *runner.Session) error {
	in, err := s.PublicInput()
	if err != nil {
		return err
	}
	return writeJSON(w, in)
}

// writePrivate writes the private input, which names the other two files.
func (r *runFlags) writePrivate(w io.Writer, s *runner.Session) error {
	in, err := s.PrivateInput()
	if err != nil {
		return err
	}
	for key, name := range map[string]string{"trace_path": r.traceFile, "memory_path": r.memoryFile} {
		if in[key], err = filepath.Abs(name); err != nil {
			return err
		}
	}
	return writeJSON(w, in)
}

func (r *runFlags) writePIE(w io.Writer, s *runner.Session) error {
	p, err := s.PIE()
	if err != nil {
		return err
	}
	return p.Write(w, r.merge)
}
