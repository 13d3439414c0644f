package runner

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Call is a call of an entry point of a class. Nothing of it is kept beyond the run.
type Call struct {
	// Selector is what an entry point of Cairo 0 gets to see as the name under which it was called.
	Selector felt.Felt
	Calldata []felt.Felt
	// Gas is what an entry point of Cairo 1 may spend.
	Gas uint64
	// Prices are what uses of builtins cost an entry point of Cairo 1, in gas: of pedersen, bitwise, ec_op, poseidon,
	// add_mod, mul_mod and Blake.
	Prices   []uint64
	Syscalls hint.Syscalls
	// MaxSteps limits the steps. 0 means no limit.
	MaxSteps uint64
	// Machine limits the machine; its Host is not looked at.
	Machine machine.Config
}

// Result is what a call came to.
type Result struct {
	// Gas is what is left, Failed tells that the entry point panicked: Cairo 1 only.
	Gas    uint64
	Failed bool
	// Size felts from Retdata on were returned.
	Retdata machine.Address
	Size    uint64
	// Intact says that the program has written nothing behind what it was given only to read.
	Intact bool
	// Syscalls is behind the last system call that the program knows of. The layer above has to check that it is
	// also behind the last one that was made.
	Syscalls machine.Address
}

// Enter prepares a call of the entry point e of c on m, which it resets. The session may have been used before; a session
// and a machine that are used again and again need no new memory.
//
// The segments are, in this order: program, stack, builtins, then in Cairo 1 the prices, the system calls, the calldata,
// in Cairo 0 the pointers to system calls and builtins, and the end.
func (s *Session) Enter(m *machine.Machine, c *Class, e *Entry, call *Call) error {
	m.Reset(c.Code, call.Machine)
	s.reset(m, c.Loaded, Config{MaxSteps: call.MaxSteps})
	s.m, s.syscalls = m, call.Syscalls
	for _, n := range e.Builtins {
		if err := s.addBuiltin(n); err != nil {
			return err
		}
	}
	var err error
	if c.Casm != nil {
		err = s.pass1(call)
	} else {
		err = s.pass0(call)
	}
	if err != nil {
		return err
	}
	for i, a := range s.readOnly {
		s.given[i] = m.Len(a.Segment)
	}
	s.args = uint64(len(s.stack))
	s.stack = append(s.stack, machine.UintCell(0))
	if err := s.enter(e.Offset); err != nil {
		return err
	}
	m.SetHost(s.Host())
	return nil
}

// pass1 lays out the arguments of an entry point of Cairo 1.
func (s *Session) pass1(call *Call) error {
	prices := s.m.AddSegment(machine.NoRule)
	for i, p := range call.Prices {
		if err := s.m.Write(prices.Plus(uint64(i)), machine.UintCell(p)); err != nil {
			return err
		}
	}
	behind := machine.Address{Segment: machine.ProgramSegment, Offset: uint64(s.loaded.Code.Len())}
	if err := s.m.Write(behind, prices.Cell()); err != nil {
		return err
	}
	s.syscallBase = s.m.AddSegment(machine.NoRule).Segment
	calldata, err := s.addCalldata(call)
	if err != nil {
		return err
	}
	for i := range s.builtins {
		at, _ := s.Pointer(s.builtins[i].name)
		s.stack = append(s.stack, at.Cell())
	}
	s.stack = append(s.stack, machine.UintCell(call.Gas), machine.Address{Segment: s.syscallBase}.Cell(),
		calldata.Cell(), calldata.Plus(uint64(len(call.Calldata))).Cell())
	s.readOnly = [...]machine.Address{prices, calldata}
	return nil
}

// pass0 lays out the arguments of an entry point of Cairo 0.
func (s *Session) pass0(call *Call) error {
	s.syscallBase = s.m.AddSegment(machine.NoRule).Segment
	calldata, err := s.addCalldata(call)
	if err != nil {
		return err
	}
	implicit := s.m.AddSegment(machine.NoRule)
	if err := s.m.Write(implicit, machine.Address{Segment: s.syscallBase}.Cell()); err != nil {
		return err
	}
	for i := range s.builtins {
		if err := s.m.Write(implicit.Plus(uint64(i+1)), machine.Address{Segment: s.builtins[i].base}.Cell()); err != nil {
			return err
		}
	}
	s.stack = append(s.stack, machine.FeltCell(call.Selector), implicit.Cell(),
		machine.UintCell(uint64(len(call.Calldata))), calldata.Cell())
	s.readOnly = [...]machine.Address{implicit, calldata}
	return nil
}

func (s *Session) addCalldata(call *Call) (machine.Address, error) {
	at := s.m.AddSegment(machine.NoRule)
	for i := range call.Calldata {
		if err := s.m.Write(at.Plus(uint64(i)), machine.FeltCell(call.Calldata[i])); err != nil {
			return at, err
		}
	}
	return at, nil
}

// Leave finishes a call that has reached its end: it makes the checks and says what was returned. After it, the resources may
// be asked for; cells that the layer above gave to the program have to be marked as accessed before.
func (s *Session) Leave() (Result, error) {
	var r Result
	var err error
	if err = s.fillRange96(); err != nil {
		return r, err
	}
	if err = s.End(); err != nil {
		return r, err
	}
	for i := range s.builtins {
		if b := &s.builtins[i]; b.stopped {
			s.used[b.base] = b.stop
		}
	}
	size := uint64(len(s.loaded.Program.Data))
	if s.loaded.Casm != nil {
		size++
	}
	if err = s.Secure(false, size); err != nil {
		return r, err
	}
	s.m.MarkAccessed(machine.Address{Segment: machine.StackSegment}, s.args)
	s.m.MarkAccessed(machine.Address{Offset: uint64(s.loaded.Code.Len())}, 1)
	intact := true
	for i, a := range s.readOnly {
		s.m.MarkAccessed(a, s.used[a.Segment])
		intact = intact && s.used[a.Segment] == s.given[i]
	}
	if s.loaded.Casm != nil {
		r, err = s.results1()
	} else {
		r, err = s.results0()
	}
	r.Intact = intact
	return r, err
}

// fillRange96 writes 0 to the empty cells of range_check96 below its stop pointer: code of Cairo 1 may leave out some.
func (s *Session) fillRange96() error {
	if s.loaded.Casm == nil {
		return nil
	}
	i := slices.IndexFunc(s.builtins, func(b segment) bool { return b.name == builtin.RangeCheck96 })
	if i < 0 {
		return nil
	}
	b := &s.builtins[i]
	stop, ok := s.returned(words1 + uint64(len(s.builtins)-i)).Address()
	if !ok || stop.Segment != b.base || stop.Offset > maxRange96 {
		return fail(ErrReturn, "No stop pointer found for builtin %v", b.name)
	}
	for off := range stop.Offset {
		at := machine.Address{Segment: b.base, Offset: off}
		if s.m.Read(at).Known() {
			continue
		}
		if err := s.m.Write(at, machine.UintCell(0)); err != nil {
			return err
		}
	}
	b.stop, b.stopped = stop.Offset, true
	return nil
}

// maxRange96 bounds what one call fills.
const maxRange96 = 1 << 26

// Numbers of words that an entry point returns on top of the pointers of builtins.
const (
	words1 = 5
	words0 = 2
)

// returned returns the cell n below ap.
func (s *Session) returned(n uint64) machine.Cell {
	return s.m.Read(machine.Address{Segment: machine.StackSegment, Offset: s.m.Registers().AP - n})
}

// results1 reads gas, pointer of system calls, failure flag, and the limits of what was returned.
func (s *Session) results1() (r Result, err error) {
	var ok [5]bool
	var flag uint64
	var end machine.Address
	r.Gas, ok[0] = s.returned(5).Uint64()
	r.Syscalls, ok[1] = s.returned(4).Address()
	flag, ok[2] = s.returned(3).Uint64()
	r.Retdata, ok[3] = s.returned(2).Address()
	end, ok[4] = s.returned(1).Address()
	gas, number := s.returned(5).Felt()
	switch {
	case !ok[2] || flag > 1:
		err = fail(ErrReturn, "Failure flag expected to be either 0 or 1.")
	case !ok[3] || !ok[4] || r.Retdata.Segment != end.Segment || end.Offset < r.Retdata.Offset:
		err = fail(ErrReturn, "Unexpected return data: %v to %v", s.returned(2), s.returned(1))
	case !number:
		err = fail(ErrReturn, "Error extracting return data.")
	case !ok[0]:
		err = fail(ErrReturn, "Unexpected remaining gas: %s.", gas.Decimal())
	case !ok[1]:
		err = fail(ErrReturn, "Unexpected syscall pointer: %v", s.returned(4))
	}
	r.Failed, r.Size = flag == 1, end.Offset-r.Retdata.Offset
	return r, err
}

// results0 reads the size and the address of what was returned, and below them checks the pointers of builtins and system calls.
func (s *Session) results0() (r Result, err error) {
	var ok [2]bool
	r.Size, ok[0] = s.returned(2).Uint64()
	r.Retdata, ok[1] = s.returned(1).Address()
	if !ok[0] || !ok[1] {
		return r, fail(ErrReturn, "Unexpected return data: %v at %v", s.returned(2), s.returned(1))
	}
	at := s.m.Registers().AP - words0
	for i := range s.builtins {
		if err := s.readStop(&s.builtins[len(s.builtins)-1-i], at); err != nil {
			return r, err
		}
		at--
	}
	end := machine.Address{Segment: machine.StackSegment, Offset: at - 1}
	var is bool
	switch r.Syscalls, is = s.m.Read(end).Address(); {
	case !is:
		return r, fail(ErrReturn, "Expected relocatable at address %v", end)
	case r.Syscalls.Segment != s.syscallBase || r.Syscalls.Offset != s.used[s.syscallBase]:
		return r, fail(ErrSyscalls, "Syscall segment size")
	}
	return r, nil
}

// Loaded returns the program of the session.
func (s *Session) Loaded() *Loaded { return s.loaded }

// Machine returns the machine of the session.
func (s *Session) Machine() *machine.Machine { return s.m }

// SyscallSegment returns the segment of the system calls of a call.
func (s *Session) SyscallSegment() int { return s.syscallBase }

// AppendFelts appends n felts from a on to dst. It fails if one of them is missing or an address.
func (s *Session) AppendFelts(dst []felt.Felt, a machine.Address, n uint64) ([]felt.Felt, error) {
	for i := range n {
		v := s.m.Read(a.Plus(i))
		x, ok := v.Felt()
		switch {
		case !v.Known():
			return dst, fail(ErrReturn, "Unknown memory cell at address %v", a.Plus(i))
		case !ok:
			return dst, fail(ErrReturn, "Expected integer at address %v", a.Plus(i))
		}
		dst = append(dst, x)
	}
	return dst, nil
}
