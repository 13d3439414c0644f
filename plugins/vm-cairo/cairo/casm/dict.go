package casm

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// accessSize is the number of cells of an access of a dictionary: key, previous and new value.
const accessSize = 3

// dicts are the dictionaries of a run. Each has a segment of its own, by which it is found.
type dicts struct {
	index map[int]int // by segment, in order of creation
	list  []map[felt.Felt]machine.Cell
}

func (d *dicts) reset() {
	clear(d.index)
	clear(d.list)
	d.list = d.list[:0]
}

// allocDict adds a dictionary to those that the segment arena lists.
func allocDict(c *call) {
	arena := c.pointer(0)
	n := c.readFelt(c.offset(arena, -2))
	infos := c.readAddress(c.offset(arena, -3))
	if !n.IsUint64() || n[0] > 1<<62 {
		c.failf("Number of dictionaries too large.")
	}
	if c.err != nil {
		return
	}
	d := &c.run.dicts
	at := c.run.vm.AddSegment(machine.NoRule)
	if d.index == nil {
		d.index = make(map[int]int)
	}
	d.index[at.Segment] = len(d.list)
	d.list = append(d.list, make(map[felt.Felt]machine.Cell))
	c.write(c.plus(infos, accessSize*n[0]), at.Cell())
}

// dict returns the dictionary that owns the segment of at, and its number; it fails and returns nil if there is none.
func (c *call) dict(at machine.Address) (map[felt.Felt]machine.Cell, int) {
	i, ok := c.run.dicts.index[at.Segment]
	if !ok {
		c.failf("%s: no dictionary has the segment %d", c.hint.name, at.Segment)
		return nil, 0
	}
	return c.run.dicts.list[i], i
}

// current returns the value of a key, 0 if it has none yet.
func current(d map[felt.Felt]machine.Cell, key felt.Felt) machine.Cell {
	if v, ok := d[key]; ok {
		return v
	}
	return machine.UintCell(0)
}

// store sets the value of a key, unless something failed before.
func (c *call) store(d map[felt.Felt]machine.Cell, key felt.Felt, v machine.Cell) {
	if c.err == nil {
		d[key] = v
	}
}

func dictEntryInit(c *call) {
	at, key := c.pointer(0), c.felt(1)
	d, _ := c.dict(at)
	c.write(c.plus(at, 1), current(d, key))
}

func dictEntryUpdate(c *call) {
	at := c.pointer(0)
	key, v := c.readFelt(c.offset(at, -accessSize)), c.value(1)
	d, _ := c.dict(at)
	c.store(d, key, v)
}

func dictRead(c *call) {
	at, key := c.pointer(0), c.felt(1)
	d, _ := c.dict(at)
	c.set(0, current(d, key))
}

func dictWrite(c *call) {
	at, key, v := c.pointer(0), c.felt(1), c.value(2)
	d, _ := c.dict(at)
	c.write(c.plus(at, 1), current(d, key))
	c.store(d, key, v)
}

func arenaIndex(c *call) {
	_, i := c.dict(c.pointer(0))
	c.set(0, machine.UintCell(uint64(i)))
}
