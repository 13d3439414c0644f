package programs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write makes n programs of a kind, from a seed on, and runs them. It writes them into a folder, which must be there, by names that
// begin with the kind, and beside them the file results.jsonl, with a line of JSON for each [Result].
func Write(ctx context.Context, dir string, kind Kind, seed uint64, n int) (err error) {
	f, err := os.Create(filepath.Join(dir, "results.jsonl"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriter(f)
	var r Runner
	for i := range uint64(max(n, 0)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, err := Make(kind, seed+i)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s-%d.json", kind, seed+i)
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
		result, err := r.Run(kind, name, text)
		if err != nil {
			return err
		}
		line, err := json.Marshal(result)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// Compare reads two files as Write makes them, of the same programs in the same order. It returns how many agree, and the programs on
// which they do not, each with what both say.
func Compare(ours, theirs io.Reader) (agreed int, differ [][2]Result, err error) {
	a, b := json.NewDecoder(bufio.NewReader(ours)), json.NewDecoder(bufio.NewReader(theirs))
	for line := 1; ; line++ {
		var x, y Result
		if err := a.Decode(&x); errors.Is(err, io.EOF) {
			return agreed, differ, nil
		} else if err != nil {
			return 0, nil, fmt.Errorf("our line %d: %w", line, err)
		}
		if err := b.Decode(&y); err != nil {
			return 0, nil, fmt.Errorf("their line %d: %w", line, err)
		}
		if x.Program != y.Program {
			return 0, nil, fmt.Errorf("line %d: %s here, %s there", line, x.Program, y.Program)
		}
		if x == y {
			agreed++
		} else {
			differ = append(differ, [2]Result{x, y})
		}
	}
}
