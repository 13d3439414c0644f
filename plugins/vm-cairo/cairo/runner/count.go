package runner

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Resources is what a run used.
type Resources struct {
	// Steps counts instructions, in a proof with padding.
	Steps uint64
	// Holes counts cells that a proof has to fill in, because no instruction used them.
	Holes uint64
	// Blakes counts Blake instructions, which are among the steps.
	Blakes uint64
	// Instances counts uses of builtins.
	Instances map[builtin.Name]uint64
}

// Resources counts what the run used. The run must have ended.
func (s *Session) Resources() Resources {
	r := Resources{Steps: s.m.Steps(), Holes: s.holes(), Blakes: s.m.Blakes(), Instances: make(map[builtin.Name]uint64)}
	for i := range s.builtins {
		r.Instances[s.builtins[i].name] = s.instances(&s.builtins[i])
	}
	return r
}

// holes counts cells that are not accessed, in segments with some that are. Builtins other than output are not
// looked at, and the zero segment has none.
func (s *Session) holes() (n uint64) {
	skip := make(map[int]bool)
	for _, b := range s.builtins {
		skip[b.base] = b.name != builtin.Output
	}
	for seg := range s.used {
		if skip[seg] {
			continue
		}
		accessed := s.m.Accessed(seg)
		if seg == s.zero {
			accessed = zeros
		}
		if accessed != 0 {
			n += s.size(seg) - min(accessed, s.size(seg))
		}
	}
	return n
}

// size returns the size of a segment, the finalized one if there is one.
func (s *Session) size(seg int) uint64 {
	if n, ok := s.finalized[seg]; ok {
		return n
	}
	return s.used[seg]
}

// pad executes the jump at the end again and again, up to a power of two of steps that is enough for all that the
// run used.
func (s *Session) pad() error {
	s.low, s.high, _ = s.m.Offsets()
	for i := range s.builtins { // a dynamic layout may have none of a builtin, however long the run is
		b := &s.builtins[i]
		if b.name != builtin.Output && s.config.Layout.Ratios[b.name].Num == 0 && s.used[b.base] != 0 {
			return fail(ErrCapacity, "The %v used %d cells but the capacity is 0.", b.name, s.used[b.base])
		}
	}
	var want needs // the jump at the end changes none of them
	want.low, want.high = s.rangeLimits()
	want.holes = s.holes()
	for {
		steps := s.m.Steps()
		if power := uint64(1) << bits.Len64(steps-1); steps < power {
			if err := s.m.RunFor(power - steps); err != nil {
				return err
			}
		}
		err := s.enough(&want)
		if err == nil || s.m.Steps() >= maxPadding {
			return err
		}
		if err := s.m.RunFor(1); err != nil {
			return err
		}
	}
}

// maxPadding is where padding gives up: a layout may have no room for a run however long it is.
const maxPadding = 1 << 32

// component is how many instances of a builtin a proof has at least, if any.
func component(n builtin.Name) uint64 {
	if n == builtin.Keccak {
		return 16
	}
	return 1
}

// allocated returns how many instances of a builtin a proof of this length has.
func (s *Session) allocated(b *segment) (uint64, error) {
	if b.name == builtin.Output || b.name == builtin.SegmentArena {
		return 0, nil
	}
	r := s.config.Layout.Ratios[b.name]
	if r.Num == 0 {
		return 0, nil
	}
	if least := divUp(r.Num*component(b.name), r.Den); s.m.Steps() < least {
		return 0, fail(ErrCapacity, "Number of steps must be at least %d for the %v.", least, b.name)
	}
	return s.m.Steps() * r.Den / r.Num, nil
}

// needs is what a run needs room for besides its builtins: the limits of the range checks of 16 bits, and cells that are
// not used.
type needs struct{ low, high, holes uint64 }

// enough reports what a proof of this length has no room for.
func (s *Session) enough(want *needs) error {
	steps, l := s.m.Steps(), s.config.Layout
	var cells, rangeUnits, diluted uint64
	for i := range s.builtins {
		b := &s.builtins[i]
		n, err := s.allocated(b)
		if err != nil {
			return err
		}
		if used := s.used[b.base]; b.name != builtin.Output && used > n*b.name.Cells() {
			return fail(ErrCapacity, "The %v used %d cells but the capacity is %d.", b.name, used, n*b.name.Cells())
		}
		cells += n * b.name.Cells()
		switch b.name {
		case builtin.RangeCheck:
			rangeUnits += 8 * s.used[b.base]
		case builtin.RangeCheck96:
			rangeUnits += 6 * s.used[b.base]
		case builtin.Bitwise:
			diluted += bitwiseUnits * n
		case builtin.Keccak:
			diluted += keccakUnits * n
		}
	}
	if free := sub((l.RangeUnits-3)*steps, rangeUnits); free < want.high-want.low {
		return fail(ErrCapacity, "There are only %d cells to fill the range checks holes, but potentially %d are required.", free, want.high-want.low)
	}
	total := l.MemoryUnits * steps
	if free := sub(total, total/l.PublicFraction+4*steps+cells); free < want.holes {
		return fail(ErrCapacity, "There are only %d cells to fill the memory address holes, but %d are required.", free, want.holes)
	}
	if l.Diluted.Num == 0 {
		return nil
	}
	if free := sub(l.Diluted.Num*steps/l.Diluted.Den, diluted); free < 1<<builtin.DilutedBits {
		return fail(ErrCapacity, "There are only %d cells to fill the diluted check holes, but potentially %d are required.",
			free, 1<<builtin.DilutedBits)
	}
	return nil
}

// Diluted units of an instance.
const (
	bitwiseUnits = 68
	keccakUnits  = 262144 / builtin.DilutedBits
)

func sub(x, y uint64) uint64 { return x - min(x, y) }

// rangeLimits returns rc_min and rc_max: over the offsets of instructions and the 16 bit parts of checked values.
func (s *Session) rangeLimits() (low, high uint64) {
	low, high = uint64(s.low), uint64(s.high)
	for i := range s.builtins {
		b := &s.builtins[i]
		parts := map[builtin.Name]uint{builtin.RangeCheck: 8, builtin.RangeCheck96: 6}[b.name]
		if parts == 0 {
			continue
		}
		for off := range s.used[b.base] {
			x, ok := s.m.Read(machine.Address{Segment: b.base, Offset: off}).Felt()
			for k := uint(0); ok && k < parts; k++ {
				limb := x[k/4] >> (k % 4 * 16) & 0xffff
				low, high = min(low, limb), max(high, limb)
			}
		}
	}
	return low, high
}

// list returns numbers in the form of the reference.
func list(all []uint64) string { return strings.ReplaceAll(fmt.Sprint(all), " ", ", ") }

// Finalize sets the sizes that segments have in a proof. The stop pointers must have been read.
func (s *Session) Finalize() error {
	if s.finalized == nil {
		s.finalized = make(map[int]uint64)
	}
	s.finalized[machine.ProgramSegment] = uint64(len(s.loaded.Program.Data))
	s.finalized[machine.StackSegment] = s.used[machine.StackSegment]
	for i := range s.builtins {
		b := &s.builtins[i]
		n, err := s.allocated(b)
		if err != nil {
			return err
		}
		s.finalized[b.base] = n * b.name.Cells()
		if b.name == builtin.Output {
			s.finalized[b.base] = s.used[b.base]
		}
	}
	return nil
}
