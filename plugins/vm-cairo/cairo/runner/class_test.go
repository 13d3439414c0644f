package runner_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// classPatterns are where the shared data has classes with code.
var classPatterns = []string{
	"classes/cairo0/*.json", "classes/chain/*.json", "classes/feature/cairo0/*.json",
	"classes/cairo1/*.casm.json", "classes/feature/cairo1/*.casm.json",
}

// loadClass reads a class of the shared data; ok is false if the file is another thing.
func loadClass(tb testing.TB, name string) (c *runner.Class, ok bool) {
	tb.Helper()
	data := realdata.Read(tb, name)
	if strings.HasSuffix(name, ".casm.json") {
		parsed, err := class.ParseCasm(data)
		if err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		if c, err = runner.LoadCasm(parsed); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		return c, true
	}
	parsed, err := class.ParseCairo0(data)
	if err != nil {
		if _, err2 := class.ParseSierra(data); err2 != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		return nil, false
	}
	if c, err = runner.LoadCairo0(parsed); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return c, true
}

// errSyscall is how a run ends that makes a system call.
var errSyscall = errors.New("a system call")

// refuse is a layer above that answers no system call.
type refuse struct{ calls int }

func (r *refuse) Syscall(vm hint.VM, ptr machine.Cell) error {
	at, ok := ptr.Address()
	if selector := vm.Read(at); !ok || !selector.Known() {
		return errors.New("no request where the program says")
	}
	r.calls++
	return errSyscall
}

// TestClasses loads every class with code among the shared data, checks that each word that is an instruction encodes back
// to itself, and calls every entry point, without and with calldata, until it ends, fails, or makes its first system call.
func TestClasses(t *testing.T) {
	t.Parallel()
	ends, words, data, classes := map[string]int{}, 0, 0, 0
	var m machine.Machine
	var s runner.Session
	for _, pattern := range classPatterns {
		for _, name := range realdata.Glob(t, pattern) {
			c, ok := loadClass(t, name)
			if !ok {
				continue
			}
			classes++
			if c.Casm != nil && len(c.Casm.Unknown()) != 0 {
				t.Errorf("%s: %s", name, c.Casm.Unknown())
			}
			for i := range c.Code.Len() {
				in, ok := c.Code.Instruction(i)
				if !ok {
					data++ // constants and immediates
					continue
				}
				words++
				if w := c.Code.Word(i); in.Encode() != w {
					t.Errorf("%s: word %d, %v, encodes back to %v", name, i, w, in.Encode())
				}
			}
			for _, list := range [][]runner.Entry{c.Entries.External, c.Entries.L1Handler, c.Entries.Constructor} {
				for i := range list {
					for n := range 4 {
						end := enter(t, &s, &m, c, &list[i], n)
						ends[end]++
						if strings.HasPrefix(end, "unexpected") || end == "a failed check" && !strings.Contains(name, "security_tests") {
							t.Errorf("%s: entry point %v: %s", path.Base(name), list[i].Selector, end)
						}
					}
				}
			}
		}
	}
	t.Logf("%d classes, %d words are instructions, %d are not; calls end by %v", classes, words, data, ends)
	if classes < 70 || ends["a system call"] < 700 || ends["return"] < 100 {
		t.Errorf("too few: %d classes, %v", classes, ends)
	}
}

// enter calls an entry point with n words of calldata, and says how that ends.
func enter(t *testing.T, s *runner.Session, m *machine.Machine, c *runner.Class, e *runner.Entry, n int) string {
	t.Helper()
	call := runner.Call{
		Selector: e.Selector, Calldata: make([]felt.Felt, n), Gas: 1 << 40, Prices: []uint64{4050, 583, 4085, 491, 230, 604, 3334},
		Syscalls: &refuse{}, MaxSteps: 100_000,
	}
	for i := range call.Calldata {
		call.Calldata[i] = felt.FromUint64(uint64(i))
	}
	if err := s.Enter(m, c, e, &call); err != nil {
		return "unexpected: " + err.Error()
	}
	switch err := s.Run(); {
	case err == nil:
		r, err := s.Leave()
		if err != nil {
			return "a failed check"
		}
		if _, err := s.AppendFelts(nil, r.Retdata, r.Size); err != nil {
			return "unexpected: " + err.Error()
		}
		if r.Failed {
			return "panic"
		}
		return "return"
	case errors.Is(err, errSyscall):
		return "a system call"
	case errors.Is(err, hint.ErrUnknown):
		return "unexpected: " + err.Error()
	case errors.Is(err, machine.ErrSteps):
		return "the step limit"
	default:
		if _, ok := s.Failure(err); !ok || c.Casm != nil {
			return "unexpected: " + err.Error()
		}
		return "failure"
	}
}
