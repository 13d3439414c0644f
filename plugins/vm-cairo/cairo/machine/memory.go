package machine

import (
	"fmt"
	"math/bits"
	"unsafe"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Memory is a set of segments, numbered in order of creation from 0, and of temporary segments,
// numbered -1, -2, ... A cell can be written once; to write the same value again is allowed.
// It is used by one goroutine at a time. The zero value is an empty memory without a limit.
type Memory struct {
	segs  []segment
	temps []segment
	// moves are the relocation rules: temporary segment -k begins at moves[k-1].
	moves map[int]Address
	// left is how many cells may still be reserved.
	left  uint64
	arena arena
	// idle are states of segments that were released, emptied.
	idle []*ruleState
	// recent are Pedersen hashes of this run and of those before.
	recent hashes
	// pedersen computes the others; nil means crypto.Pedersen.
	pedersen func(x, y felt.Felt) felt.Felt
	// stop says whether to stop; nil means no.
	stop func() bool
}

// segment is one segment. Invariant: cells[len:cap] is zero, so that it can grow into there.
type segment struct {
	cells []Cell
	// shared says that cells belongs to a Code and has no empty cell; what comes behind is in tail.
	shared bool
	rule   Rule
	tail   []Cell
	state  *ruleState
}

// firstReserve is how many cells a segment reserves at its first write.
const firstReserve = 16

// maxExtend is by how many cells a segment grows at a time inside its block.
const maxExtend = 1 << 13

// large is from how many cells on a segment is taken for one that keeps growing.
const large = 1 << 9

// at returns the cell at offset off, or nil if that was never reserved.
func (s *segment) at(off uint64) *Cell {
	if off < uint64(len(s.cells)) {
		return &s.cells[off]
	}
	if off -= uint64(len(s.cells)); off < uint64(len(s.tail)) {
		return &s.tail[off]
	}
	return nil
}

// len returns the highest known offset + 1.
func (s *segment) len() uint64 {
	for i := len(s.tail) - 1; i >= 0; i-- {
		if s.tail[i].Known() {
			return uint64(len(s.cells) + i + 1)
		}
	}
	if s.shared {
		return uint64(len(s.cells))
	}
	for i := len(s.cells) - 1; i >= 0; i-- {
		if s.cells[i].Known() {
			return uint64(i + 1)
		}
	}
	return 0
}

// AddSegment makes a new segment whose cells obey rule, and returns its start.
func (m *Memory) AddSegment(rule Rule) Address {
	s := segment{rule: rule}
	if n := len(m.idle); rule != NoRule && n != 0 {
		s.state, m.idle = m.idle[n-1], m.idle[:n-1]
	} else if rule != NoRule {
		s.state = &ruleState{}
	}
	m.segs = append(m.segs, s)
	return Address{Segment: len(m.segs) - 1}
}

// AddTemporary makes a new temporary segment and returns its start.
func (m *Memory) AddTemporary() Address {
	m.temps = append(m.temps, segment{})
	return Address{Segment: -len(m.temps)}
}

// Aborted reports whether nobody waits for the run any more, so that it should end with framework.ErrAborted. What takes long
// asks every few microseconds.
func (m *Memory) Aborted() bool { return m.stop != nil && m.stop() }

// Segments returns the number of segments and of temporary segments.
func (m *Memory) Segments() (segments, temporary int) { return len(m.segs), len(m.temps) }

// Len returns the length of a segment: its highest known offset + 1, 0 if it does not exist.
func (m *Memory) Len(seg int) uint64 {
	if s := m.segment(seg); s != nil {
		return s.len()
	}
	return 0
}

func (m *Memory) segment(i int) *segment {
	switch {
	case i >= 0 && i < len(m.segs):
		return &m.segs[i]
	case i < 0 && -i <= len(m.temps):
		return &m.temps[-i-1]
	}
	return nil
}

// cell returns the cell at a, nil if it was never reserved.
func (m *Memory) cell(a Address) *Cell {
	if s := m.segment(a.Segment); s != nil {
		return s.at(a.Offset)
	}
	return nil
}

// Read returns the value at a, empty if there is none. Values that are addresses of a temporary
// segment with a relocation rule are moved by it. Reading does not make a cell accessed.
func (m *Memory) Read(a Address) Cell {
	c := m.cell(a)
	if c == nil {
		return Cell{}
	}
	if c.top&rel != 0 && len(m.moves) != 0 {
		return m.moved(*c)
	}
	return *c
}

// View returns the reserved ones of n cells from a on, to be looked at before the next write. Relocation rules are not applied.
func (m *Memory) View(a Address, n uint64) []Cell {
	s := m.segment(a.Segment)
	if s == nil || s.shared {
		return nil
	}
	from := min(a.Offset, uint64(len(s.cells)))
	return s.cells[from : from+min(n, uint64(len(s.cells))-from)]
}

// moved applies the relocation rules to an address; one that would leave the range is not there.
func (m *Memory) moved(c Cell) Cell {
	a, _ := c.Address()
	to, ok := m.moves[a.Segment]
	if !ok {
		return c
	}
	off, carry := bits.Add64(to.Offset, a.Offset, 0)
	if carry != 0 {
		return Cell{}
	}
	return Address{to.Segment, off}.Cell()
}

// Write writes v to a for the host: the cell counts as accessed only once an instruction uses it.
// It returns an [*Error] if there is no such segment, if another value is there, or if the rule
// of the segment refuses v, and [ErrMemory] if the memory would get too large.
func (m *Memory) Write(a Address, v Cell) error {
	v = v.plain()
	v.top |= hosted
	return m.write(a, v)
}

// write writes v, hosted or not, and checks it by the rule of the segment.
func (m *Memory) write(a Address, v Cell) error {
	s := m.segment(a.Segment)
	if s == nil {
		i, n := a.Segment, len(m.segs)
		if i < 0 {
			i, n = -i-1, len(m.temps)
		}
		return fail(Unallocated, "Can't insert into segment #%d; memory only has %d segment", i, n)
	}
	c := s.at(a.Offset)
	if c == nil {
		var err error
		if c, err = m.grow(s, a.Offset); err != nil {
			return err
		}
	}
	if !c.Known() {
		*c = v
	} else if !c.Equal(v) {
		return failInconsistent(a, *c, v)
	}
	if s.rule == NoRule {
		return nil
	}
	return m.validate(s, a)
}

// grow reserves cells up to offset off and returns the cell there. Reservations double, so that
// copying costs no more than writing; in a block that is large enough already they grow by less,
// since all that is reserved has to be cleared after the run.
func (m *Memory) grow(s *segment, off uint64) (*Cell, error) {
	part := &s.cells
	if s.shared {
		part = &s.tail
		off -= uint64(len(s.cells))
	}
	old := uint64(len(*part))
	want := max(firstReserve, 2*old)
	if want > old+maxExtend && old+maxExtend <= uint64(cap(*part)) {
		want = old + maxExtend
	}
	if off >= want {
		want = off + 1
	}
	if want == 0 || want-old > m.left {
		if want = off + 1; want == 0 || want-old > m.left {
			return nil, ErrMemory
		}
	}
	m.left -= want - old
	if want <= uint64(cap(*part)) {
		*part = (*part)[:want]
	} else {
		fresh := m.arena.take(want)
		copy(fresh, *part)
		m.arena.give(*part)
		*part = fresh
	}
	return &(*part)[off], nil
}

// Reserved returns how many bytes m keeps, for this run and from those before.
func (m *Memory) Reserved() uint64 {
	cells := 0
	for _, list := range [...][]segment{m.segs, m.temps} {
		for i := range list {
			if !list[i].shared {
				cells += cap(list[i].cells)
			}
			cells += cap(list[i].tail)
		}
	}
	for _, list := range m.arena.free {
		for _, c := range list {
			cells += cap(c)
		}
	}
	return uint64(cells) * uint64(unsafe.Sizeof(Cell{})) //nolint:gosec // a count
}

// mark makes the cell at a accessed.
func (m *Memory) mark(a Address) {
	if c := m.cell(a); c != nil && c.top&hosted != 0 {
		c.top &^= hosted
	}
}

// MarkAccessed makes the known ones of n cells from a on count as accessed, as the host does after a run with what
// it gave to the program.
func (m *Memory) MarkAccessed(a Address, n uint64) {
	for i := range n {
		m.mark(a.Plus(i))
	}
}

// Accessed returns the number of accessed cells of a segment. After a step that failed it also
// counts what that step wrote.
func (m *Memory) Accessed(seg int) (n uint64) {
	s := m.segment(seg)
	if s == nil {
		return 0
	}
	if s.shared {
		n = uint64(len(s.cells))
	} else {
		n = countAccessed(s.cells)
	}
	return n + countAccessed(s.tail)
}

// Known returns the number of known cells of a segment.
func (m *Memory) Known(seg int) (n uint64) {
	s := m.segment(seg)
	if s == nil {
		return 0
	}
	for _, part := range [...][]Cell{s.cells, s.tail} {
		for i := range part {
			n += part[i].top >> 63
		}
	}
	return n
}

func countAccessed(cells []Cell) (n uint64) {
	for i := range cells {
		if cells[i].top&(known|hosted) == known {
			n++
		}
	}
	return n
}

// reset empties m and keeps what it reserved for reuse.
func (m *Memory) reset(limit uint64) {
	for _, list := range [...][]segment{m.segs, m.temps} {
		for i := range list {
			if !list[i].shared {
				m.arena.give(list[i].cells)
			}
			m.arena.give(list[i].tail)
			if st := list[i].state; st != nil {
				st.reset()
				m.idle = append(m.idle, st)
			}
			list[i] = segment{}
		}
	}
	m.segs, m.temps = m.segs[:0], m.temps[:0]
	clear(m.moves)
	m.left = limit
}

// Relocate adds a relocation rule: the temporary segment that starts at from begins at to.
func (m *Memory) Relocate(from, to Address) error {
	switch {
	case from.Segment >= 0:
		return fail(BadTemporary, "Memory addresses must be in a TemporarySegment, segment: %d", from.Segment)
	case from.Offset != 0:
		return fail(BadTemporary, "The TemporarySegment: %d doesn't have a relocation address", from.Offset)
	}
	if _, ok := m.moves[from.Segment]; ok {
		return fail(BadTemporary, "Attempt to overwrite a relocation rule, segment: %d", from.Segment)
	}
	if m.moves == nil {
		m.moves = make(map[int]Address)
	}
	m.moves[from.Segment] = to
	return nil
}

// RelocateAll applies the relocation rules for good: values that are temporary addresses are
// rewritten, then temporary segments are moved to where they begin, the newest first.
func (m *Memory) RelocateAll() error {
	if len(m.moves) == 0 || len(m.temps) == 0 {
		return nil
	}
	if err := m.flatten(); err != nil {
		return err
	}
	for _, list := range [...][]segment{m.segs, m.temps} {
		for i := range list {
			if err := m.rewrite(list[i].cells); err != nil {
				return err
			}
			if err := m.rewrite(list[i].tail); err != nil {
				return err
			}
		}
	}
	for k := len(m.temps); k > 0; k-- {
		to, ok := m.moves[-k]
		if !ok {
			continue
		}
		for i, c := range m.temps[k-1].cells {
			if !c.Known() {
				continue
			}
			at := to.Plus(uint64(i))
			if err := m.write(at, c); err != nil {
				return err
			}
			if c.top&hosted == 0 {
				m.mark(at)
			}
		}
		m.arena.give(m.temps[k-1].cells)
		m.temps = append(m.temps[:k-1], m.temps[k:]...)
	}
	clear(m.moves)
	return nil
}

// flatten replaces rules that lead to temporary segments by rules that lead to real ones.
func (m *Memory) flatten() error {
	for k := range m.moves {
		to := m.moves[k]
		for hops := 0; to.Segment < 0; hops++ {
			next, ok := m.moves[to.Segment]
			if !ok {
				return fail(BadTemporary,
					"Temporary segment %d has no relocation mapping (unmapped temporary segment).", to.Segment)
			}
			if hops > len(m.moves) {
				return fail(BadTemporary, "Inconsistent Relocation")
			}
			off, carry := bits.Add64(next.Offset, to.Offset, 0)
			if carry != 0 {
				return failAdd(next, to.Offset)
			}
			to = Address{next.Segment, off}
		}
		m.moves[k] = to
	}
	return nil
}

func (m *Memory) rewrite(cells []Cell) error {
	for i := range cells {
		c := &cells[i]
		if a, ok := c.Address(); ok && a.Segment < 0 {
			to := m.moved(c.plain())
			if !to.Known() {
				return failAdd(m.moves[a.Segment], a.Offset)
			}
			to.top |= c.top & hosted
			*c = to
		}
	}
	return nil
}

// String returns the size of m, for debugging.
func (m *Memory) String() string {
	return fmt.Sprintf("memory of %d segments and %d temporary ones", len(m.segs), len(m.temps))
}

// arena keeps cells that were released, zeroed, by the binary logarithm of their number.
type arena struct{ free [48][][]Cell }

// take returns n zero cells. A large segment gets the largest block there is, so that it need not
// move again.
func (a *arena) take(n uint64) []Cell {
	class := bits.Len64(n - 1)
	from := class
	if n > large {
		from = len(a.free) - 1
	}
	for i := from; i >= class; i-- {
		if list := a.free[i]; len(list) != 0 {
			c := list[len(list)-1]
			a.free[i] = list[:len(list)-1]
			return c[:n]
		}
	}
	return make([]Cell, n, uint64(1)<<class)
}

// give zeroes what was used of cells, which take had returned, and keeps them.
func (a *arena) give(cells []Cell) {
	if cap(cells) == 0 {
		return
	}
	clear(cells)
	class := bits.Len64(uint64(cap(cells)) - 1)
	a.free[class] = append(a.free[class], cells[:0])
}
