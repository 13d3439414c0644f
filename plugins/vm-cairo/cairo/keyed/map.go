package keyed

import (
	"hash/maphash"
	"iter"
)

// Map has values by key, in the order in which the keys were added. The zero value is empty. It is used by one goroutine
// at a time.
//
// It is a tree that branches by four bits of the hash of a key, down to where the key is alone. So it never has to be built
// anew as it grows, which would take long in one piece.
type Map[K comparable, V any] struct {
	entries []entry[K, V]
	nodes   []node // the first one is the root
}

// node has for each value of four bits what is there: nothing, -i for node i, or i+1 for entry i.
type node [1 << digit]int32

const (
	digit  = 4
	digits = 8 // of a hash
)

type entry[K comparable, V any] struct {
	key   K
	value V
	hash  uint32
	next  int32 // the entry with the same hash that was added before, from 1 on
}

// seed is not known outside, so that nobody can choose keys that all have the same hash.
var seed = maphash.MakeSeed()

// hash returns the hash of a key.
func hash[K comparable](key K) uint32 { return uint32(maphash.Comparable(seed, key)) } //nolint:gosec // cut off on purpose

// Len returns the number of keys.
func (m *Map[K, V]) Len() int { return len(m.entries) }

// Get returns the value of a key, and whether it has one.
func (m *Map[K, V]) Get(key K) (value V, ok bool) {
	if len(m.nodes) == 0 {
		return value, false
	}
	h, at := hash(key), int32(0)
	for ; ; h >>= digit {
		if at = m.nodes[-at][h%(1<<digit)]; at >= 0 {
			break
		}
	}
	if e := m.find(at, key); e != nil {
		return e.value, true
	}
	return value, false
}

// find looks for a key among the entries from i on that have the same place in the tree.
func (m *Map[K, V]) find(i int32, key K) *entry[K, V] {
	for i != 0 {
		e := &m.entries[i-1]
		if e.key == key {
			return e
		}
		i = e.next
	}
	return nil
}

// Put sets the value of a key.
func (m *Map[K, V]) Put(key K, value V) {
	if len(m.nodes) == 0 {
		m.nodes = append(m.nodes, node{})
	}
	h, n := hash(key), int32(0)
	for shift := 0; ; {
		at := h >> shift % (1 << digit)
		there := m.nodes[n][at]
		if there < 0 {
			n, shift = -there, shift+digit
			continue
		}
		if e := m.find(there, key); e != nil {
			e.value = value
			return
		}
		shift += digit
		if there == 0 || shift == digit*digits {
			m.entries = append(m.entries, entry[K, V]{key, value, h, there})
			m.nodes[n][at] = int32(len(m.entries)) //nolint:gosec // memory ends before
			return
		}
		// Another key is alone here: it moves down, and the next round goes on there.
		below := int32(len(m.nodes)) //nolint:gosec // memory ends before
		m.nodes = append(m.nodes, node{})
		m.nodes[below][m.entries[there-1].hash>>shift%(1<<digit)] = there
		m.nodes[n][at] = -below
		n = below
	}
}

// Room returns for how many keys m has memory.
func (m *Map[K, V]) Room() int { return cap(m.entries) }

// Clear empties m.
func (m *Map[K, V]) Clear() { m.entries, m.nodes = m.entries[:0], m.nodes[:0] }

// Copy makes m the same as from. Stop, which may be nil, says whether to give up; Copy reports whether it went to the end.
func (m *Map[K, V]) Copy(from *Map[K, V], stop func() bool) bool {
	m.Clear()
	var ok bool
	if m.entries, ok = extend(m.entries, from.entries, stop); ok {
		m.nodes, ok = extend(m.nodes, from.nodes, stop)
	}
	return ok
}

// chunk is how many elements are copied between two questions whether to stop.
const chunk = 512

// extend appends from to to, in pieces.
func extend[T any](to, from []T, stop func() bool) ([]T, bool) {
	for len(from) > 0 {
		if stop != nil && stop() {
			return to, false
		}
		n := min(chunk, len(from))
		to, from = append(to, from[:n]...), from[n:]
	}
	return to, true
}

// All returns the keys with their values, in the order in which the keys were added.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i := range m.entries {
			if !yield(m.entries[i].key, m.entries[i].value) {
				return
			}
		}
	}
}
