package hint

import (
	"maps"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// accessSize is the number of cells of a DictAccess: key, previous and new value.
const accessSize = 3

// dict is what the prover knows about a dictionary: its content, and where the next access is written.
type dict struct {
	next     machine.Address
	values   map[machine.Cell]machine.Cell
	fallback machine.Cell // of keys that were not written; empty if there is none
}

// dictHints are those of dict and default_dict.
var dictHints = map[string]Func{
	"DICT_NEW": func(c *Call) {
		values, ok := c.run.scopes[len(c.run.scopes)-1]["initial_dict"].(map[machine.Cell]machine.Cell)
		if !ok {
			c.Failf("Dict Error: Tried to create a dict without an initial dict")
			return
		}
		c.newDict(maps.Clone(values), machine.Cell{})
		c.DeleteVar("initial_dict")
	},
	"DEFAULT_DICT_NEW": func(c *Call) {
		if v := c.Value("default_value"); !c.Failed() {
			c.newDict(make(map[machine.Cell]machine.Cell), plain(v))
		}
	},
	"DICT_READ": func(c *Call) {
		key := c.Value("key")
		if d := c.dict("dict_ptr"); d != nil {
			d.next.Offset += accessSize
			c.Set("value", c.lookUp(d, key))
		}
	},
	"DICT_WRITE": func(c *Call) {
		key, now := c.Value("key"), c.Value("new_value")
		at := c.Pointer("dict_ptr")
		if d := c.dict("dict_ptr"); d != nil {
			d.next.Offset += accessSize
			old := c.lookUp(d, key)
			d.values[plain(key)] = plain(now)
			c.Write(at.Plus(1), old)
		}
	},
	"DICT_UPDATE": func(c *Call) {
		key, old, now := c.Value("key"), c.Value("prev_value"), c.Value("new_value")
		d := c.dict("dict_ptr")
		if d == nil {
			return
		}
		if got := c.lookUp(d, key); !got.Equal(old) {
			c.Failf("Dict Error: Got the wrong value for dict_update, expected value: %v, got: %v for key: %v", old, got, key)
			return
		}
		d.values[plain(key)] = plain(now)
		d.next.Offset += accessSize
	},
	"DICT_SQUASH_COPY_DICT": func(c *Call) {
		if d := c.dict("dict_accesses_end"); d != nil {
			c.Enter(map[string]any{"initial_dict": maps.Clone(d.values)})
		}
	},
	"DICT_SQUASH_UPDATE_PTR": func(c *Call) {
		end := c.Pointer("squashed_dict_end")
		if d := c.dict("squashed_dict_start"); d != nil {
			d.next = end
		}
	},
}

// plain returns v in the form that maps are keyed with, whoever wrote it.
func plain(v machine.Cell) machine.Cell {
	if a, ok := v.Address(); ok {
		return a.Cell()
	}
	x, _ := v.Felt()
	return machine.FeltCell(x)
}

func (c *Call) newDict(values map[machine.Cell]machine.Cell, fallback machine.Cell) {
	at := c.VM().AddSegment(machine.NoRule)
	if c.run.dicts == nil {
		c.run.dicts = make(map[int]*dict)
	}
	c.run.dicts[at.Segment] = &dict{at, values, fallback}
	c.SetAP(at.Cell())
}

// dict returns the dictionary whose next access is at ids.last, or fails and returns nil.
func (c *Call) dict(last string) *dict {
	at := c.Pointer(last)
	if c.Failed() {
		return nil
	}
	d := c.run.dicts[at.Segment]
	switch {
	case d == nil:
		c.Failf("Dict Error: No dict tracker found for segment %d", at.Segment)
		return nil
	case d.next != at:
		c.Failf("Wrong dict pointer supplied. Got %v, expected %v.", d.next, at)
		return nil
	}
	return d
}

// lookUp returns the value of a key. A key that takes the default value has it from then on, and so is in the
// copy that a squash makes.
func (c *Call) lookUp(d *dict, key machine.Cell) machine.Cell {
	if c.Failed() {
		return machine.Cell{}
	}
	v, ok := d.values[plain(key)]
	if ok {
		return v
	}
	if !d.fallback.Known() {
		c.Failf("Dict Error: No value found for key: %v", key)
		return machine.Cell{}
	}
	d.values[plain(key)] = d.fallback
	return d.fallback
}
