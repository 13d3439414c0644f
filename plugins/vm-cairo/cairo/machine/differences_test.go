package machine_test

import (
	"errors"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// The tests of this file hold points in which implementations of the machine differ; see RATIONALE.md.

// TestProductOfZero checks that 0 = x * 0 says nothing about x.
func TestProductOfZero(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	code := machine.NewCode(words("0x40507ffd7fff7ffc"), nil) // [ap-4] = [ap-1] * [fp-3]
	end := start(t, &m, code, machine.Config{}, machine.UintCell(0), machine.UintCell(0))
	m.SetRegisters(machine.Registers{AP: 5, FP: 4})
	err := m.Run(end, manySteps)
	if want := "Couldn't compute operand op0. Unknown value for memory cell 1:4"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestReturnToNumber checks that a ret whose saved fp is a felt takes it as the offset.
func TestReturnToNumber(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	end := start(t, &m, machine.NewCode(words("0x208b7fff7fff7ffe"), nil), machine.Config{})
	if err := m.Run(end, manySteps); err != nil || m.Registers().FP != 0 {
		t.Errorf("%v, fp %d, want 0", err, m.Registers().FP)
	}
	m.Reset(machine.NewCode(words("0x208b7fff7fff7ffe"), nil), machine.Config{})
	at := m.AddSegment(machine.NoRule)
	big := felt.MustParse("0x10000000000000000")
	for i, v := range []machine.Cell{machine.FeltCell(big), at.Cell()} {
		if err := m.Write(machine.Address{Segment: 1, Offset: uint64(i)}, v); err != nil {
			t.Fatal(err)
		}
	}
	m.SetRegisters(machine.Registers{AP: 2, FP: 2})
	if err := m.Run(at, manySteps); !errors.Is(err, machine.BadConversion) {
		t.Errorf("a frame at 2^64: %v", err)
	}
}

// refuse is a host whose hints fail.
type refuse struct{}

func (refuse) Hint(int) error { return errors.New("a hint was executed") }

// TestHintsOfTheProgram checks that hints belong to the program: code elsewhere, at the same offset, has none.
func TestHintsOfTheProgram(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	code := machine.NewCode(words("0x208b7fff7fff7ffe"), []uint64{0})
	end := start(t, &m, code, machine.Config{Host: refuse{}})
	elsewhere := m.AddSegment(machine.NoRule)
	if err := m.Write(elsewhere, machine.FeltCell(code.Word(0))); err != nil {
		t.Fatal(err)
	}
	m.SetRegisters(machine.Registers{PC: elsewhere, AP: 2, FP: 2})
	if err := m.Run(end, manySteps); err != nil {
		t.Error(err)
	}
	m.SetRegisters(machine.Registers{AP: 2, FP: 2})
	if err := m.Run(end, manySteps); err == nil {
		t.Error("the hint of the program was not executed")
	}
}

// TestPureAddress checks that a felt is no pointer, even before the end of the run.
func TestPureAddress(t *testing.T) {
	t.Parallel()
	var m machine.Machine
	code := machine.NewCode(words("0x48007ffd7ffc8000"), nil) // [ap] = [[ap-4] - 3]; ap++
	end := start(t, &m, code, machine.Config{}, machine.UintCell(7), machine.UintCell(7))
	if err := m.Run(end, manySteps); !errors.Is(err, machine.NotAnAddress) {
		t.Errorf("a felt as pointer: %v", err)
	}
}
