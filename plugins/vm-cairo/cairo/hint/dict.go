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
		values := c.initialDict()
		if values == nil {
			c.Failf("Dict Error: Tried to create a dict without an initial dict")
			return
		}
		c.newDict(maps.Clone(values), machine.Cell{})
	},
	"DEFAULT_DICT_NEW": func(c *Call) {
		v := c.Value("default_value")
		if c.Failed() {
			return
		}
		values := maps.Clone(c.initialDict())
		if values == nil {
			values = make(map[machine.Cell]machine.Cell)
		}
		c.newDict(values, plain(v))
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
			c.Enter(map[string]any{"initial_dict": maps.Clone(d.values), "dict_manager": c.dicts()})
		}
	},
	"DICT_SQUASH_UPDATE_PTR": func(c *Call) {
		start, end := c.Pointer("squashed_dict_start"), c.Pointer("squashed_dict_end")
		if d := c.dictAt(start); d != nil {
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
	at, all := c.VM().AddSegment(machine.NoRule), c.dicts()
	if all == nil {
		all = make(map[int]*dict)
		c.SetVar("dict_manager", all)
	}
	all[at.Segment] = &dict{at, values, fallback}
	c.SetAP(at.Cell())
}

// initialDict returns the content that a new dictionary of the scope begins with, nil if nothing was left there for it. It
// stays there.
func (c *Call) initialDict() map[machine.Cell]machine.Cell {
	values, _ := c.scope().vars["initial_dict"].(map[machine.Cell]machine.Cell)
	return values
}

// dicts returns the dictionaries of the scope by their segments, nil if it has none: those of another scope are not known in it.
func (c *Call) dicts() map[int]*dict {
	all, _ := c.scope().vars["dict_manager"].(map[int]*dict)
	return all
}

// dict returns the dictionary whose next access is at ids.last, or fails and returns nil.
func (c *Call) dict(last string) *dict { return c.dictAt(c.Pointer(last)) }

func (c *Call) dictAt(at machine.Address) *dict {
	if c.Failed() {
		return nil
	}
	all := c.dicts()
	d := all[at.Segment]
	switch {
	case all == nil:
		c.Failf("Variable dict_manager not present in current execution scope")
		return nil
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
