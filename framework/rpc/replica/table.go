package replica

import (
	"math/bits"
	"math/rand/v2"

	"github.com/switchyard-dev/switchyard/framework"
)

// table finds cells by their key. A map does too, but a read of this one touches one slot of 16 bytes and the cell, and
// growing it looks at no key: a block of many transactions would spend more time growing than publishing.
type table struct {
	// Keys come from users, who must not be able to choose where they fall.
	seed [5]uint64
	// slots are filled from where the hash points, so that no empty one comes before a cell. At most half are in use; their
	// number is a power of two.
	slots []slot
	len   int
	slab  []cell // cells that are still to be used
}

// slot is a place of a table. It is empty without a cell.
type slot struct {
	hash uint64
	cell *cell
}

// slabSize is how many cells are allocated at once.
const slabSize = 64

func newTable() table {
	t := table{slots: make([]slot, 2*slabSize)}
	for i := range t.seed {
		t.seed[i] = rand.Uint64()
	}
	return t
}

// hash mixes the words of a key, two at a time, with what nobody else knows.
func (t *table) hash(k *framework.Key) uint64 {
	s := &t.seed
	h := uint64(k.Space) ^ s[4]
	h = mix(h^k.Owner[0]^s[0], k.Owner[1]^s[1])
	h = mix(h^k.Owner[2]^s[2], k.Owner[3]^s[3])
	h = mix(h^k.Slot[0]^s[0], k.Slot[1]^s[1])
	return mix(h^k.Slot[2]^s[2], k.Slot[3]^s[3])
}

// mix folds a product, every bit of which depends on many of both factors.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// find returns the cell of a key, nil if there is none.
func (t *table) find(k *framework.Key) *cell { return t.slots[t.at(t.hash(k), k)].cell }

// at returns the slot of a key with that hash, or the empty one where it belongs.
func (t *table) at(h uint64, k *framework.Key) uint64 {
	last := uint64(len(t.slots) - 1)
	for i := h & last; ; i = (i + 1) & last {
		if s := &t.slots[i]; s.cell == nil || s.hash == h && s.cell.key == *k {
			return i
		}
	}
}

// get returns the cell of a key, a new one if there is none.
func (t *table) get(k *framework.Key) *cell {
	h := t.hash(k)
	i := t.at(h, k)
	if c := t.slots[i].cell; c != nil {
		return c
	}
	if len(t.slab) == 0 {
		t.slab = make([]cell, slabSize)
	}
	c := &t.slab[0]
	t.slab = t.slab[1:]
	c.key = *k
	c.readers = c.one[:0]
	t.slots[i] = slot{h, c}
	if t.len++; 2*t.len > len(t.slots) {
		t.rebuild(2*len(t.slots), func(*cell) bool { return true })
	}
	return c
}

// rebuild moves the cells for which keep reports true to a table with that many slots, and drops the others.
func (t *table) rebuild(slots int, keep func(c *cell) bool) {
	old := t.slots
	t.slots, t.len = make([]slot, slots), 0
	last := uint64(slots - 1)
	for _, s := range old {
		if s.cell == nil || !keep(s.cell) {
			continue
		}
		i := s.hash & last
		for t.slots[i].cell != nil {
			i = (i + 1) & last
		}
		t.slots[i] = s
		t.len++
	}
}
