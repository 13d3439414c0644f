package keyed

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Places says where in a list each of several keys occurs. Keys are added one after the other and then sorted. The zero value
// is empty. It is used by one goroutine at a time.
type Places struct {
	list, spare []place
	at          []uint64
	groups      []Group
}

// Group is a key with the places where it occurs, ascending.
type Group struct {
	Key felt.Felt
	At  []uint64
}

type place struct {
	key felt.Felt
	at  uint64
}

// Clear empties p. What [Places.Sort] returned is not valid any more.
func (p *Places) Clear() { p.list = p.list[:0] }

// Add adds the next key of the list.
func (p *Places) Add(key felt.Felt) { p.list = append(p.list, place{key, uint64(len(p.list))}) }

// Room returns for how many keys p has memory.
func (p *Places) Room() int { return cap(p.list) + cap(p.spare) }

// Len returns the length of the list.
func (p *Places) Len() int { return len(p.list) }

// pollEvery is after how many keys Sort asks whether to stop: a microsecond or two.
const pollEvery = 128

// Sort returns the keys, ascending, each with its places. The slices belong to p, and are good up to the next call. Stop, which may be nil, says whether to give
// up; ok is false if it did.
func (p *Places) Sort(stop func() bool) (groups []Group, ok bool) {
	n := len(p.list)
	p.spare = slices.Grow(p.spare[:0], n)[:n]
	for width := 1; width < n; width *= 2 {
		if !p.pass(width, stop) {
			return nil, false
		}
		p.list, p.spare = p.spare, p.list
	}
	return p.group(stop)
}

// pass merges sorted pieces of a width, two and two, from the list into the spare one. Keys that are equal stay in order.
func (p *Places) pass(width int, stop func() bool) bool {
	n := len(p.list)
	i, j, middle, end := 0, 0, 0, 0 // of the two pieces
	for k := range n {
		if k%pollEvery == 0 && stop != nil && stop() {
			return false
		}
		if k == end {
			middle, end = min(k+width, n), min(k+2*width, n)
			i, j = k, middle
		}
		if i < middle && (j == end || !p.list[j].key.Less(&p.list[i].key)) {
			p.spare[k] = p.list[i]
			i++
		} else {
			p.spare[k] = p.list[j]
			j++
		}
	}
	return true
}

// group returns the groups of the sorted list.
func (p *Places) group(stop func() bool) ([]Group, bool) {
	p.at, p.groups = slices.Grow(p.at[:0], len(p.list)), p.groups[:0]
	begin := 0
	for i := range p.list {
		if i%pollEvery == 0 && stop != nil && stop() {
			return nil, false
		}
		p.at = append(p.at, p.list[i].at)
		if i+1 == len(p.list) || p.list[i+1].key != p.list[i].key {
			p.groups = append(p.groups, Group{p.list[i].key, p.at[begin:]})
			begin = i + 1
		}
	}
	return p.groups, true
}
