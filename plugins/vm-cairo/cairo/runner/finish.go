package runner

import (
	"slices"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// End finishes a run that reached its end: temporary segments are moved, output cells of builtins checked, scopes
// counted, and a run for a proof goes on to a number of steps that has room for all that it used.
func (s *Session) End() error {
	if s.config.Proof {
		if err := s.m.RunFor(1); err != nil { // the jump at __end__
			return err
		}
	}
	if err := s.m.RelocateAll(); err != nil {
		return err
	}
	for _, b := range s.builtins {
		if err := s.m.CheckRules(b.base, false); err != nil {
			return err
		}
	}
	if s.loaded.Casm == nil {
		if err := s.hints.Done(); err != nil {
			return err
		}
	}
	segments, _ := s.m.Segments()
	s.used = s.used[:0]
	for i := range segments {
		s.used = append(s.used, s.m.Len(i))
	}
	if s.config.Proof {
		return s.pad()
	}
	return nil
}

// ReadReturnValues reads the stop pointers of the builtins of the program from the top of the stack, and checks that
// each is where its segment ends.
func (s *Session) ReadReturnValues() error {
	at := s.m.Registers().AP
	for _, n := range slices.Backward(s.loaded.Program.Builtins) {
		b := s.builtin(n)
		if b == nil {
			if at = max(at, 1) - 1; !s.m.Read(machine.Address{Segment: machine.StackSegment, Offset: at}).IsZero() {
				return fail(ErrStopPointer, "The stop pointer of the missing builtin %s must be 0", string(n))
			}
			continue
		}
		if err := s.readStop(b, at); err != nil {
			return err
		}
		at--
	}
	if s.config.Proof {
		s.public = append(s.public, [2]uint64{at, s.m.Registers().AP})
	}
	return nil
}

// readStop reads the stop pointer of b from below offset at of the stack.
func (s *Session) readStop(b *segment, at uint64) error {
	stop, ok := s.m.Read(machine.Address{Segment: machine.StackSegment, Offset: at - 1}).Address()
	if !ok || at == 0 {
		return fail(ErrStopPointer, "No stop pointer found for builtin %v", b.name)
	}
	if stop.Segment != b.base {
		return fail(ErrStopPointer, "Invalid stop pointer for %v: Stop pointer has value %v but builtin segment is %d",
			b.name, stop, b.base)
	}
	used := s.used[b.base]
	if b.name != builtin.Output {
		used = s.instances(b) * b.name.Cells()
	}
	if b.name == builtin.SegmentArena {
		used += arenaCells
	}
	if stop.Offset != used {
		return fail(ErrStopPointer, "Invalid stop pointer for %v. Expected: %v, found: %v",
			b.name, machine.Address{Segment: b.base, Offset: used}, stop)
	}
	b.stop, b.stopped = stop.Offset, true
	return nil
}

// instances returns how many instances of a builtin were begun.
func (s *Session) instances(b *segment) uint64 {
	used := s.used[b.base]
	if b.name == builtin.SegmentArena {
		used -= min(used, arenaCells)
	}
	return divUp(used, b.name.Cells())
}

func divUp(x, y uint64) uint64 { return (x + y - 1) / y }

// Secure checks that the run may be used by others: nothing lies behind the end of a builtin or of the program, no
// temporary address is left, the inputs of builtins are complete, and the frame of main was left.
// programSize is the number of words that segment 0 may have; verifyBuiltins wants the stop pointers read before.
func (s *Session) Secure(verifyBuiltins bool, programSize uint64) error {
	for _, b := range s.builtins {
		if !verifyBuiltins || s.config.Proof && !b.stopped {
			continue
		}
		if !b.stopped {
			return fail(ErrSecurity, "No stop pointer found for builtin %v", b.name)
		}
		if s.m.Len(b.base) > b.stop {
			return fail(ErrSecurity, "Out of bounds access to builtin segment")
		}
	}
	if s.m.Len(machine.ProgramSegment) > programSize {
		return fail(ErrSecurity, "Out of bounds access to program segment")
	}
	if err := s.noTemporary(); err != nil {
		return err
	}
	for i := range s.builtins {
		if err := s.secureBuiltin(&s.builtins[i]); err != nil {
			return err
		}
	}
	s.secured = true
	return s.secureFrame()
}

// noTemporary looks for temporary addresses, which there can be only if there is a temporary segment.
func (s *Session) noTemporary() error {
	segments, temporary := s.m.Segments()
	if temporary == 0 {
		return nil
	}
	for seg := range segments {
		for off := range s.m.Len(seg) {
			if a, ok := s.m.Read(machine.Address{Segment: seg, Offset: off}).Address(); ok && a.Segment < 0 {
				return fail(ErrSecurity, "Security Error: Invalid Memory Value: temporary address not relocated: %v", a)
			}
		}
	}
	return nil
}

// secureBuiltin checks that all inputs of the instances of b are there.
func (s *Session) secureBuiltin(b *segment) error {
	if b.name == builtin.Output || b.name == builtin.SegmentArena {
		return nil
	}
	if b.name == builtin.AddMod || b.name == builtin.MulMod {
		if err := s.secureMod(b); err != nil {
			return err
		}
	}
	size := s.m.Len(b.base)
	if size == 0 {
		return nil
	}
	cells, inputs := b.name.Cells(), b.name.Inputs()
	known, instances := s.m.Known(b.base), (size-1)/cells+1
	if instances > known/inputs {
		return fail(ErrSecurity, "Missing memory cells for %v", b.name)
	}
	var missing []uint64
	whole := known == size && (size-1)%cells+1 >= inputs // nothing can be missing
	for off := uint64(0); !whole && off < instances*cells; off++ {
		if off%cells < inputs && !s.m.Read(machine.Address{Segment: b.base, Offset: off}).Known() {
			missing = append(missing, off)
		}
	}
	if len(missing) != 0 {
		return fail(ErrSecurity, "Missing memory cells for %v: %s", b.name, list(missing))
	}
	return s.m.CheckLast(b.base)
}

// secureFrame checks that fp is again what it was when the run began.
func (s *Session) secureFrame() error {
	at := machine.Address{Segment: machine.StackSegment, Offset: s.start.FP - 2}
	v := s.m.Read(at)
	final := machine.Address{Segment: machine.StackSegment, Offset: s.m.Registers().FP}
	if a, ok := v.Address(); ok {
		if s.config.Proof && a != final {
			return fail(ErrSecurity, "Return FP %v should equal expected final FP %v", a, final)
		}
		if a.Offset != final.Offset {
			return fail(ErrSecurity, "Return FP %v offset should equal expected final FP %v offset", a, final)
		}
		return nil
	}
	if !v.Known() {
		return fail(ErrSecurity, "Return FP address should be in memory: %v", at)
	}
	if n, ok := v.Uint64(); !ok || n != final.Offset {
		return fail(ErrSecurity, "Return FP felt %v should equal expected final FP %v offset", v, final)
	}
	return nil
}
