package casm

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// squash is what the hints of one squash of a dictionary know: the keys from the largest to the smallest, which is the
// current one, and the numbers of the accesses that each has left, descending.
type squash struct {
	keys []felt.Felt
	left map[felt.Felt][]uint64
}

func (s *squash) reset() {
	s.keys = s.keys[:0]
	clear(s.left)
}

// initSquash sorts n accesses by key.
func initSquash(c *call) {
	at, n := c.pointer(0), c.number(1)
	s := &c.run.squash
	s.reset()
	if s.left == nil {
		s.left = make(map[felt.Felt][]uint64)
	}
	for i := uint64(0); i < n && c.err == nil; i++ {
		key := c.readFelt(c.plus(at, accessSize*i))
		s.left[key] = append(s.left[key], i)
	}
	if len(s.left) == 0 {
		c.failf("InitSquashData: no accesses")
	}
	if c.err != nil {
		return
	}
	for key, list := range s.left {
		slices.Reverse(list)
		s.keys = append(s.keys, key)
	}
	slices.SortFunc(s.keys, func(a, b felt.Felt) int { return b.Cmp(&a) })
	c.setBool(0, !s.keys[0].IsUint128())
	c.setFelt(1, s.keys[len(s.keys)-1])
}

// left returns the accesses that the current key has left, and fails if there are none.
func (c *call) left() []uint64 {
	s := &c.run.squash
	if len(s.keys) != 0 {
		if list := s.left[s.keys[len(s.keys)-1]]; len(list) != 0 {
			return list
		}
	}
	c.failf("%s: no access is left", c.hint.name)
	return nil
}

func accessIndex(c *call) {
	at, list := c.pointer(0), c.left()
	if c.err == nil {
		c.write(at, machine.UintCell(list[len(list)-1]))
	}
}

func accessDelta(c *call) {
	list := c.left()
	n := len(list)
	if n < 2 {
		c.failf("%s: no further access", c.hint.name)
		return
	}
	s := &c.run.squash
	s.left[s.keys[len(s.keys)-1]] = list[:n-1]
	c.set(0, machine.UintCell(list[n-2]-list[n-1]-1))
}

func nextKey(c *call) {
	list := c.left()
	s := &c.run.squash
	if len(list) != 1 || len(s.keys) < 2 {
		c.failf("GetNextDictKey: %d accesses and %d keys are left", len(list), len(s.keys))
		return
	}
	s.keys = s.keys[:len(s.keys)-1]
	c.setFelt(0, s.keys[len(s.keys)-1])
}
