package casm

import (
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/keyed"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// squash is what the hints of one squash of a dictionary know: the keys from the current one on, and the numbers of the accesses
// that the current one has left.
type squash struct {
	places keyed.Places
	keys   []keyed.Group
	left   []uint64
}

func (s *squash) reset() { s.keys, s.left = nil, nil }

// initSquash sorts n accesses by key.
func initSquash(c *call) {
	at, n := c.pointer(0), c.number(1)
	s := &c.run.squash
	s.reset()
	s.places.Clear()
	for i := uint64(0); i < n && c.err == nil; i++ {
		s.places.Add(c.readFelt(c.plus(at, accessSize*i)))
	}
	if c.err != nil {
		return
	}
	keys, ok := s.places.Sort(c.run.stop)
	switch {
	case !ok:
		c.abort()
		return
	case len(keys) == 0:
		c.failf("InitSquashData: no accesses")
		return
	}
	s.keys, s.left = keys, keys[0].At
	largest := keys[len(keys)-1].Key
	c.setBool(0, !largest.IsUint128())
	c.setFelt(1, keys[0].Key)
}

// left returns the accesses that the current key has left, and fails if there are none.
func (c *call) left() []uint64 {
	list := c.run.squash.left
	if len(list) == 0 {
		c.failf("%s: no access is left", c.hint.name)
	}
	return list
}

func accessIndex(c *call) {
	at, list := c.pointer(0), c.left()
	if c.err == nil {
		c.write(at, machine.UintCell(list[0]))
	}
}

func accessDelta(c *call) {
	list := c.left()
	if len(list) < 2 {
		c.failf("%s: no further access", c.hint.name)
		return
	}
	c.run.squash.left = list[1:]
	c.set(0, machine.UintCell(list[1]-list[0]-1))
}

func nextKey(c *call) {
	list := c.left()
	s := &c.run.squash
	if len(list) != 1 || len(s.keys) < 2 {
		c.failf("GetNextDictKey: %d accesses and %d keys are left", len(list), len(s.keys))
		return
	}
	s.keys, s.left = s.keys[1:], s.keys[1].At
	c.setFelt(0, s.keys[0].Key)
}
