package machine

import (
	"errors"
	"math"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Numbers of the segments that every run has.
const (
	ProgramSegment = 0
	StackSegment   = 1
)

// DefaultMaxCells is the limit of memory where [Config.MaxCells] is 0: 2 GiB.
const DefaultMaxCells = 1 << 26

// Host executes hints. It is asked from the goroutine that runs the machine.
type Host interface {
	// Hint executes the hints in front of the instruction at pc: those of number i in the list given to
	// NewCode. It reads and writes the memory of the machine and may add segments.
	Hint(i int) error
}

// Config says how a run may go on. The zero value is good for programs without hints.
type Config struct {
	// Host executes hints. Without one, an instruction with hints is executed as if it had none.
	Host Host
	// MaxCells limits how many cells of 32 bytes the memory may reserve. 0 means DefaultMaxCells.
	MaxCells uint64
	// Aborted stops the run, with framework.ErrAborted, soon after it returns true. It is asked every
	// few microseconds, also by builtins and hints that take longer. nil means that nobody will.
	Aborted func() bool
	// Pedersen computes hashes of the builtin, for hosts that remember more of them than the machine does. nil means
	// crypto.Pedersen.
	Pedersen func(x, y felt.Felt) felt.Felt
}

// Registers are the three registers of the machine. AP and FP are offsets into segment 1.
type Registers struct {
	PC     Address
	AP, FP uint64
}

// Machine executes programs, one after the other. It is used by one goroutine at a time, and
// keeps the memory that it reserved from run to run. The zero value is ready for [Machine.Reset].
type Machine struct {
	Memory
	pc     Address
	ap, fp uint64

	code   *Code
	ops    []op // those of code, perhaps with the mark of the end
	config Config
	start  Registers
	steps  uint64
	limit  uint64 // of steps
	blakes uint64
	// busy says that the last step took long, so that Aborted wants to be asked.
	busy bool
}

// Reset empties the machine, makes code segment 0 and an empty segment 1, and takes over c.
func (m *Machine) Reset(code *Code, c Config) {
	if c.MaxCells == 0 {
		c.MaxCells = DefaultMaxCells
	}
	m.Memory.reset(c.MaxCells)
	m.code, m.config, m.pedersen, m.stop = code, c, c.Pedersen, c.Aborted
	m.ops = code.ops
	m.steps, m.blakes, m.start = 0, 0, Registers{}
	m.SetRegisters(Registers{})
	m.segs = append(m.segs, segment{cells: code.cells, shared: true})
	m.AddSegment(NoRule)
}

// SetHost sets who executes hints from now on: a host that wants to know the segments of the run is
// made only when there are some.
func (m *Machine) SetHost(h Host) { m.config.Host = h }

// Registers returns the registers. After a failure pc is that of the instruction that failed.
func (m *Machine) Registers() Registers { return Registers{m.pc, m.ap, m.fp} }

// SetRegisters sets the registers before a run. The trace begins here.
func (m *Machine) SetRegisters(r Registers) {
	m.pc, m.ap, m.fp = r.PC, r.AP, r.FP
	m.start, m.steps = r, 0
}

// Steps returns the number of instructions executed since the registers were set.
func (m *Machine) Steps() uint64 { return m.steps }

// Blakes returns the number of Blake instructions among them, of both kinds.
func (m *Machine) Blakes() uint64 { return m.blakes }

// pollEvery is after how many steps the host is asked whether it wants to stop: 2 µs of plain ones, several of those with hints.
const pollEvery = 256

// Run executes instructions until pc is end, and at most until limit steps were done in all. It
// returns a [*RunError] if an instruction or a hint fails, [ErrSteps] if the limit was reached
// before the end, and framework.ErrAborted.
func (m *Machine) Run(end Address, limit uint64) error {
	m.ops, m.limit = m.code.ops, limit
	if end.Segment == ProgramSegment {
		m.ops = m.code.stopAt(end.Offset)
	}
	for m.pc != end {
		if m.Aborted() {
			return framework.ErrAborted
		}
		if m.steps >= m.limit {
			return ErrSteps
		}
		var err error
		if m.fastReady() {
			err = m.fast(min(m.limit-m.steps, pollEvery))
		} else {
			err = m.slow()
		}
		if errors.Is(err, framework.ErrAborted) {
			return framework.ErrAborted
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// SetLimit changes the limit of steps while [Machine.Run] is executing a hint: a host whose system calls take from the same
// limit lowers it. It holds from the instruction on that follows the one with the hint.
func (m *Machine) SetLimit(n uint64) { m.limit = n }

// RunFor executes n more instructions, wherever pc is. It fails as [Machine.Run] does.
func (m *Machine) RunFor(n uint64) error {
	if m.Idles() {
		m.steps += n
		return nil
	}
	err := m.Run(nowhere, m.steps+n)
	if errors.Is(err, ErrSteps) {
		return nil
	}
	return err
}

// Idles reports whether the instruction at pc is a jump to itself that changes nothing, as it stands at the end of programs
// for proofs.
func (m *Machine) Idles() bool {
	if m.pc.Segment != ProgramSegment || m.pc.Offset >= uint64(len(m.code.ops)) || !m.fastReady() {
		return false
	}
	o := &m.code.ops[m.pc.Offset]
	return o.kind == kindJump && o.inc == 0 && o.target == m.pc.Offset
}

// nowhere is an address that pc never has.
var nowhere = Address{Segment: math.MinInt}

// fastReady reports whether the fast path may run: there are no relocation rules that change
// what is read, and [fp - 1] is known and accessed, which most instructions name as unused operand.
func (m *Machine) fastReady() bool {
	if m.pc.Segment != ProgramSegment || len(m.moves) != 0 || m.ap >= 1<<62 {
		return false // ap that far out could overflow before anybody looks again
	}
	c := m.segs[StackSegment].at(m.fp - 1)
	return c != nil && c.top&(known|hosted) == known
}

// slow executes the instruction at pc, hints first, by the complete rules.
func (m *Machine) slow() error {
	at := m.pc
	if at.Segment == ProgramSegment && at.Offset < uint64(len(m.ops)) {
		o := &m.ops[at.Offset]
		if m.code.ops[at.Offset].kind == kindHint && m.config.Host != nil {
			if err := m.config.Host.Hint(int(o.hint)); err != nil {
				return &RunError{PC: at, Hint: true, Err: err}
			}
		}
	}
	return m.slowStep()
}

// slowStep executes the instruction at pc without hints.
func (m *Machine) slowStep() error {
	at := m.pc
	in, err := m.fetch(at)
	if err == nil {
		err = m.step(&in)
	}
	if err != nil {
		return &RunError{PC: at, Err: err}
	}
	return nil
}

// fetch returns the instruction at a.
func (m *Machine) fetch(a Address) (Instruction, error) {
	c := m.Read(a)
	if !c.Known() {
		return Instruction{}, failUnknown(a)
	}
	w, ok := c.Felt()
	if !ok {
		return Instruction{}, failInteger(a)
	}
	return Decode(w)
}
