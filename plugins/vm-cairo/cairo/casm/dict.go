package casm

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/keyed"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// accessSize is the number of cells of an access of a dictionary: key, previous and new value.
const accessSize = 3

// dict is the content of a dictionary, which has a segment of its own.
type dict struct {
	segment int
	values  keyed.Map[felt.Felt, machine.Cell]
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
	r := c.run
	at := r.vm.AddSegment(machine.NoRule)
	if n := len(r.dicts); n < cap(r.dicts) {
		r.dicts = r.dicts[:n+1] // with the memory of an older one
	} else {
		r.dicts = append(r.dicts, dict{})
	}
	d := &r.dicts[len(r.dicts)-1]
	d.segment = at.Segment
	d.values.Clear()
	c.write(c.plus(infos, accessSize*n[0]), at.Cell())
}

// dict returns the dictionary that owns the segment of at, and its number; it fails and returns nil if there is none.
func (c *call) dict(at machine.Address) (*dict, int) {
	list := c.run.dicts // their segments ascend
	low, high := 0, len(list)
	for low < high {
		if m := (low + high) / 2; list[m].segment < at.Segment {
			low = m + 1
		} else {
			high = m
		}
	}
	if low == len(list) || list[low].segment != at.Segment {
		c.failf("%s: no dictionary has the segment %d", c.hint.name, at.Segment)
		return nil, 0
	}
	return &list[low], low
}

// current returns the value of a key, 0 if it has none yet.
func (d *dict) current(key felt.Felt) machine.Cell {
	if d != nil {
		if v, ok := d.values.Get(key); ok {
			return v
		}
	}
	return machine.UintCell(0)
}

// store sets the value of a key, unless something failed before.
func (c *call) store(d *dict, key felt.Felt, v machine.Cell) {
	if c.err == nil {
		d.values.Put(key, v)
	}
}

func dictEntryInit(c *call) {
	at, key := c.pointer(0), c.felt(1)
	d, _ := c.dict(at)
	c.write(c.plus(at, 1), d.current(key))
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
	c.set(0, d.current(key))
}

func dictWrite(c *call) {
	at, key, v := c.pointer(0), c.felt(1), c.value(2)
	d, _ := c.dict(at)
	c.write(c.plus(at, 1), d.current(key))
	c.store(d, key, v)
}

func arenaIndex(c *call) {
	_, i := c.dict(c.pointer(0))
	c.set(0, machine.UintCell(uint64(i)))
}
