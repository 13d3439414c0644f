package runner_test

import (
	"errors"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// TestChecks meddles with the memory of a run that uses range checks, at one of the stages of its end.
func TestChecks(t *testing.T) {
	t.Parallel()
	l := load(t, "errors") // its main uses nothing
	size := uint64(len(l.Program.Data))
	at := func(seg int, off uint64) func(*machine.Machine) error {
		return func(m *machine.Machine) error {
			return m.Write(machine.Address{Segment: seg, Offset: off}, machine.UintCell(1))
		}
	}
	const rangeCheck = 2
	for _, tc := range []struct {
		name          string
		before, after func(*machine.Machine) error // the stop pointers are read
		builtins      bool
		want          string
		kind          error
	}{
		{"Nothing", nil, nil, true, "", nil},
		{"StopPointer", at(rangeCheck, 0), nil, true, "Invalid stop pointer for range_check_builtin. Expected: 2:1, found: 2:0", runner.ErrStopPointer},
		{"BuiltinOutOfBounds", nil, at(rangeCheck, 0), true, "Out of bounds access to builtin segment", runner.ErrSecurity},
		{"BuiltinNotLookedAt", nil, at(rangeCheck, 0), false, "", nil},
		{"ProgramOutOfBounds", nil, at(machine.ProgramSegment, size), true, "Out of bounds access to program segment", runner.ErrSecurity},
		{"Hole", nil, at(rangeCheck, 1), false, "Missing memory cells for range_check_builtin", runner.ErrSecurity},
		{"Temporary", nil, func(m *machine.Machine) error {
			return m.Write(machine.Address{Segment: machine.StackSegment, Offset: 50}, m.AddTemporary().Cell())
		}, true, "Security Error: Invalid Memory Value: temporary address not relocated: -1:0", runner.ErrSecurity},
		{"Frame", nil, func(m *machine.Machine) error {
			r := m.Registers()
			r.FP++
			m.SetRegisters(r)
			return nil
		}, true, "Return FP 3:0 offset should equal expected final FP 1:1 offset", runner.ErrSecurity},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var m machine.Machine
			s, err := runner.Main(&m, l, runner.Config{Layout: layout(t, "small")}, machine.Config{})
			if err != nil {
				t.Fatal(err)
			}
			meddle := func(f func(*machine.Machine) error) func() error {
				return func() error {
					if f == nil {
						return nil
					}
					return f(&m)
				}
			}
			for _, f := range []func() error{
				s.Run, meddle(tc.before), s.End, s.ReadReturnValues, meddle(tc.after),
				func() error { return s.Secure(tc.builtins, size) },
			} {
				if err = f(); err != nil {
					break
				}
			}
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || err.Error() != tc.want || !errors.Is(err, tc.kind)) {
				t.Errorf("the run ends with %v, want %q", err, tc.want)
			}
		})
	}
}

func TestMainErrors(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	for _, tc := range []struct {
		program, layout string
		proof           bool
		want            string
		kind            error
	}{
		{"hashes", "small", false, "Builtin(s) {bitwise, poseidon} not present in layout small", runner.ErrBuiltins},
		{"fibonacci", "plain", true, "Running in proof-mode but no __start__ label found, try compiling with proof-mode", runner.ErrEntry},
	} {
		_, err := runner.Main(&m, load(t, tc.program), runner.Config{Layout: layout(t, tc.layout), Proof: tc.proof}, machine.Config{})
		if err == nil || err.Error() != tc.want || !errors.Is(err, tc.kind) {
			t.Errorf("Main(%s) = %v, want %q", tc.program, err, tc.want)
		}
	}
}

// TestPadding compares the smallest proofs of a program that uses no range check with the formulas.
func TestPadding(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]uint64{
		"small": 512, "dex": 512, "recursive": 16384, "recursive_large_output": 16384, "starknet": 131072, "starknet_with_keccak": 32768,
		"recursive_with_poseidon": 32768, "all_solidity": 8192, "all_cairo": 32768,
	} {
		var m machine.Machine
		finish(t, &m, load(t, "output.proof"), runner.Config{Layout: layout(t, name), Proof: true})
		if m.Steps() != want {
			t.Errorf("a proof in layout %s has %d steps, want %d", name, m.Steps(), want)
		}
	}
}

// TestNoRoom runs a program for a proof in a layout that has none of a builtin that it uses.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	s, err := runner.Main(&m, load(t, "keccak.proof"), runner.Config{Layout: layout(t, "dynamic"), Proof: true}, machine.Config{})
	if err == nil {
		err = s.Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.End(); !errors.Is(err, runner.ErrCapacity) || err.Error() != "The keccak_builtin used 32 cells but the capacity is 0." {
		t.Errorf("got %v", err)
	}
}

// TestArena calls a function with a segment arena: one instance is there, and is not counted as used.
func TestArena(t *testing.T) {
	t.Parallel()
	l := load(t, "errors")
	entry, _ := l.Program.Label("__main__.main")
	var m machine.Machine
	s, err := runner.Function(&m, l, runner.Config{}, machine.Config{}, entry, []builtin.Name{builtin.SegmentArena},
		func(s *runner.Session) ([]runner.Arg, error) {
			at, _ := s.Pointer(builtin.SegmentArena)
			return []runner.Arg{{Value: at.Cell()}}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Run(), s.End()); err != nil {
		t.Fatal(err)
	}
	at, _ := s.Pointer(builtin.SegmentArena)
	infos, ok := m.Read(machine.Address{Segment: at.Segment}).Address()
	if at != (machine.Address{Segment: 3, Offset: 3}) || !ok || infos.Segment != 2 || s.Resources().Instances[builtin.SegmentArena] != 0 {
		t.Errorf("arena at %v, infos at %v, used %d times", at, infos, s.Resources().Instances[builtin.SegmentArena])
	}
}
