package runner_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// call runs a function of a program that takes and returns nothing but range_check_ptr.
func call(t testing.TB, m *machine.Machine, l *runner.Loaded, name string) (*runner.Session, error) {
	t.Helper()
	entry, ok := l.Program.Label("__main__." + name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	s, err := runner.Function(m, l, runner.Config{MaxSteps: 10_000}, machine.Config{MaxCells: 1 << 16}, entry,
		[]builtin.Name{builtin.RangeCheck}, func(s *runner.Session) ([]runner.Arg, error) {
			p, _ := s.Pointer(builtin.RangeCheck)
			return []runner.Arg{{Value: p.Cell()}}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(); err != nil {
		return s, err
	}
	return s, s.End()
}

// TestErrors has a function for each way to fail, with the text of the Rust VM.
func TestErrors(t *testing.T) {
	t.Parallel()
	const hint = "Got an exception while executing a hint: "
	l := load(t, "errors")
	for name, want := range map[string]string{
		"not_zero": hint + "Assertion failed, 0 % 0x800000000000011000000000000000000000000000000000000000000000001 is equal to 0",
		"nn": hint + "Assertion failed, 0 <= ids.a % PRIME < range_check_builtin.bound \n" +
			" a = 3618502788666131213697322783095070105623107215331596699973092056135872020480 is out of range",
		"le_felt":   hint + "Assertion failed, 7, is not less or equal to 5",
		"lt_felt":   hint + "Assertion failed, a = 7 % PRIME is not less than b = 5 % PRIME",
		"not_equal": hint + "assert_not_equal failed: 7 =  7",
		"mixed":     hint + "Failed to compare 7 and 4:0, cant compare a relocatable to an integer value",
		"wide": hint + "Value: 1809251394333065553493296640760748560207343510400633813116524750123642650625 is outside of " +
			"the range [0, 2**250)",
		"division":    hint + "Div out of range: 0 < 0 <= 340282366920938463463374607431768211456",
		"limbs":       hint + "split_int(): value is out of range",
		"dictionary":  hint + "Dict Error: Got the wrong value for dict_update, expected value: 5, got: 0 for key: 1",
		"pointer":     hint + "Wrong dict pointer supplied. Got 4:0, expected 4:3.",
		"nothing":     hint + "find_element(): No value found for key: 5",
		"other_scope": hint + "Variable dict_manager not present in current execution scope",
		"many_bytes":  hint + "Conversion to u64 failed for Felt252 18446744073709551616",
		"unknown":     hint + "Unknown Hint: launch_the_missiles()",
		"scope":       hint + "Cannot exit main scope.",
		"opened":      "Every enter_scope() requires a corresponding exit_scope().",
		"assertion":   "An ASSERT_EQ instruction failed: 0 != 1.",
		"check": "Range-check validation failed, number 340282366920938463463374607431768211456 is out of valid range " +
			"[0, 340282366920938463463374607431768211456]",
		"silent":  "Couldn't compute operand op1. Unknown value for memory cell 1:4",
		"forever": "Could not reach the end of the program. RunResources has no remaining steps.",
		"wild":    "Unknown memory cell at address 0:",
		"bomb":    "Vector capacity exceeded",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m machine.Machine
			_, err := call(t, &m, l, name)
			if err == nil || !strings.HasPrefix(err.Error(), want) || err.Error() != want && name != "wild" {
				t.Errorf("%s fails with\n%v\nwant\n%s", name, err, want)
			}
		})
	}
}

func TestErrorsAfterwards(t *testing.T) {
	t.Parallel()
	l := load(t, "errors")
	var m machine.Machine
	for _, name := range []string{"bomb", "forever", "nn"} {
		if _, err := call(t, &m, l, name); err == nil {
			t.Errorf("%s does not fail", name)
		}
		if s, err := call(t, &m, l, "main"); err != nil {
			t.Errorf("main after %s: %v", name, err)
		} else if got := s.Resources(); got.Steps != 2 || got.Holes != 0 {
			t.Errorf("main after %s used %+v, want 2 steps", name, got)
		}
	}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	l := load(t, "errors")
	var m machine.Machine
	s, err := call(t, &m, l, "message")
	f, ok := s.Failure(err)
	if !ok || !errors.Is(f, machine.AssertFailed) {
		t.Fatalf("Failure(%v) = %v", err, f)
	}
	inner, _ := l.Program.Label("__main__.inner")
	outer, _ := l.Program.Label("__main__.message")
	text := strings.NewReplacer("INNER", machine.Address{Offset: inner}.String(), "CALL", machine.Address{Offset: outer + 2}.String()).Replace(
		`Error message: Inside, 3.
Error at pc=INNER:
An ASSERT_EQ instruction failed: 3 != 4.
Cairo traceback (most recent call last):
Error message: The number was {x}.
Unknown location (pc=CALL)
`)
	if d := cmp.Diff(text, f.Error()); d != "" {
		t.Errorf("report (-want +got):\n%s", d)
	}
	if f, ok := s.Failure(machine.ErrSteps); !ok || f.PC != m.Registers().PC || !errors.Is(f, machine.ErrSteps) {
		t.Errorf("Failure of the limit of steps = %v, %v", f, ok)
	}
	if _, ok := s.Failure(machine.ErrMemory); ok {
		t.Error("full memory has a failure")
	}
}
