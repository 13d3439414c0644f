package runner

import (
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Arg is an argument of a function: a value, or an array, of which the function gets the address.
type Arg struct {
	Value machine.Cell
	Array []machine.Cell
}

// arenaCells is the size of an instance of the segment arena, of which one is there from the start.
const arenaCells = 3

// Function prepares a call of a function on m, which it resets; see [StartFunction].
func Function(m *machine.Machine, l *Loaded, c Config, mc machine.Config, entry uint64, builtins []builtin.Name,
	args func(s *Session) ([]Arg, error),
) (*Session, error) {
	m.Reset(l.Code, mc)
	s, err := StartFunction(m, l, c, entry, builtins, args)
	if err != nil {
		return nil, err
	}
	s.on(m)
	return s, nil
}

// StartFunction lays out a call of the function at offset entry, with the builtins of a list, whatever the layout. Args
// sees where the builtins are and returns the arguments, which usually begin with those addresses.
func StartFunction(e Engine, l *Loaded, c Config, entry uint64, builtins []builtin.Name,
	args func(s *Session) ([]Arg, error),
) (*Session, error) {
	s := new(Session)
	s.reset(e, l, c)
	for _, n := range builtins {
		if !n.Known() {
			return nil, fail(ErrBuiltins, "unknown builtin %s", string(n))
		}
		if err := s.addBuiltin(n); err != nil {
			return nil, err
		}
	}
	list, err := args(s)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Array == nil {
			s.stack = append(s.stack, a.Value)
			continue
		}
		at := e.AddSegment(machine.NoRule)
		for i, v := range a.Array {
			if err := e.Write(at.Plus(uint64(i)), v); err != nil {
				return nil, err
			}
		}
		s.stack = append(s.stack, at.Cell())
	}
	s.stack = append(s.stack, machine.UintCell(0))
	return s, s.enter(entry)
}

// addBuiltin adds the segment of a builtin. The arena has a second one before it for what it lists.
func (s *Session) addBuiltin(n builtin.Name) error {
	if n != builtin.SegmentArena {
		s.builtins = append(s.builtins, segment{name: n, base: s.engine.AddSegment(n.Rule()).Segment, included: true})
		return nil
	}
	infos := s.engine.AddSegment(machine.NoRule)
	at := s.engine.AddSegment(machine.NoRule)
	s.builtins = append(s.builtins, segment{name: n, base: at.Segment, included: true})
	for i, v := range []machine.Cell{infos.Cell(), machine.UintCell(0), machine.UintCell(0)} {
		if err := s.engine.Write(at.Plus(uint64(i)), v); err != nil {
			return err
		}
	}
	return nil
}

// Pointer returns the pointer that a program gets for the builtin n, and whether the run has it.
func (s *Session) Pointer(n builtin.Name) (machine.Address, bool) {
	b := s.builtin(n)
	if b == nil {
		return machine.Address{}, false
	}
	a := machine.Address{Segment: b.base}
	if n == builtin.SegmentArena {
		a.Offset = arenaCells
	}
	return a, true
}
