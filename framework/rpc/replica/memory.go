package replica

import "sync"

// memory is what a block is made of. When the block is over, another one is made of it: a process that executes block
// after block does not wait for the system to hand it fresh pages. A block has none before its first cell.
type memory struct {
	table     table
	histories slab[history]
	sets      []*writeSet // that are free
}

var memories = sync.Pool{New: func() any { return new(memory) }}

// slabSize is how many values are allocated at once. What is above 32 KiB begins with a page, hence cells with a cache line.
const slabSize = 512

// slab hands out values, which hold what they held before, or zero.
type slab[T any] struct {
	arrays [][]T
	begun  int // how many of them
	rest   []T // of the one begun last
}

func (s *slab[T]) take() *T {
	if len(s.rest) == 0 {
		if s.begun == len(s.arrays) {
			s.arrays = append(s.arrays, make([]T, slabSize))
		}
		s.rest = s.arrays[s.begun]
		s.begun++
	}
	v := &s.rest[0]
	s.rest = s.rest[1:]
	return v
}

// reuse takes back all that was handed out since abandon was called.
func (s *slab[T]) reuse() { s.begun, s.rest = 0, nil }

// abandon leaves what was handed out to the collector of garbage.
func (s *slab[T]) abandon() {
	s.arrays = append([][]T(nil), s.arrays[s.begun:]...)
	s.begun = 0
}

// set returns a write set that has nothing.
func (m *memory) set() *writeSet {
	if n := len(m.sets) - 1; n >= 0 {
		s := m.sets[n]
		m.sets[n], m.sets = nil, m.sets[:n]
		return s
	}
	return new(writeSet)
}

// free takes back a write set of which no history has an entry.
func (m *memory) free(s *writeSet) {
	const most = 1024 // a huge one is not kept
	if cap(s.cells) > most {
		return
	}
	*s = writeSet{cells: s.cells[:0], sums: s.sums[:0]}
	m.sets = append(m.sets, s)
}

// release hands the memory to another block.
func (m memory) release() {
	if n := len(m.table.cells); n == 0 || n > 2*DefaultLimit { // no memory, or that of a huge block
		return
	}
	m.table.empty()
	m.histories.reuse()
	memories.Put(&m)
}
