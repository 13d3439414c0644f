package runner_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// class is a class of Cairo 0 as files have it.
type class struct {
	Program json.RawMessage `json:"program"`
	Entries map[string][]struct {
		Selector string          `json:"selector"`
		Offset   json.RawMessage `json:"offset"`
	} `json:"entry_points_by_type"`
}

// TestClasses calls every entry point of the classes of Cairo 0 among the shared data, without and with calldata, until
// it ends, fails, or makes its first system call, which is a hint that nobody knows here.
func TestClasses(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SWITCHYARD_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "..", "shared", "data")
	}
	var files []string
	for _, pattern := range []string{"classes/cairo0/*.json", "classes/chain/*.json", "classes/feature/cairo0/*.json"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("SKIP: no classes below " + dir)
	}
	ends := map[string]int{}
	var m machine.Machine
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var c class
		if err := json.Unmarshal(text, &c); err != nil || len(c.Program) == 0 || c.Program[0] != '{' {
			continue
		}
		p, err := program.Parse(c.Program)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		l := runner.Load(p, hint.Standard())
		for _, list := range c.Entries {
			for _, e := range list {
				offset, err := strconv.ParseUint(strings.Trim(string(e.Offset), `"`), 0, 64)
				if err != nil {
					t.Fatalf("%s: offset %s", name, e.Offset)
				}
				for n := range 4 {
					ends[enter(t, &m, l, offset, felt.MustParse(e.Selector), n)]++
				}
			}
		}
	}
	t.Logf("calls end by %v", ends)
	if ends["a system call"] < 100 || ends["an unknown hint"] > 0 {
		t.Errorf("calls end by %v", ends)
	}
}

// enter calls an entry point with n words of calldata, and says how that ends.
func enter(t *testing.T, m *machine.Machine, l *runner.Loaded, offset uint64, selector felt.Felt, n int) string {
	t.Helper()
	s, err := runner.Function(m, l, runner.Config{MaxSteps: 100_000}, machine.Config{}, offset, l.Program.Builtins,
		func(s *runner.Session) ([]runner.Arg, error) {
			context := []machine.Cell{m.AddSegment(machine.NoRule).Cell()}
			for _, b := range l.Program.Builtins {
				at, _ := s.Pointer(b)
				context = append(context, at.Cell())
			}
			calldata := make([]machine.Cell, n, n+1)
			for i := range calldata {
				calldata[i] = machine.UintCell(uint64(i))
			}
			return []runner.Arg{
				{Value: machine.FeltCell(selector)}, {Array: context}, {Value: machine.UintCell(uint64(n))}, {Array: calldata},
			}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Run()
	switch {
	case err == nil:
		if err := s.End(); err != nil {
			return "a failed check"
		}
		return "return"
	case errors.Is(err, hint.ErrUnknown) && strings.Contains(err.Error(), "syscall_handler."):
		return "a system call"
	case errors.Is(err, hint.ErrUnknown):
		return "an unknown hint"
	case errors.Is(err, machine.ErrSteps):
		return "the step limit"
	}
	if _, ok := s.Failure(err); !ok {
		t.Errorf("offset %d: %v", offset, err)
	}
	return "failure"
}
