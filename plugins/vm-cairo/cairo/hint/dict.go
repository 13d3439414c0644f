package hint

import "github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"

// accessSize is the number of cells of a DictAccess: key, previous and new value.
const accessSize = 3

// dict is what the prover knows about a dictionary: its content, and where the next access is written.
type dict struct {
	segment  int
	manager  int // the set that it belongs to
	next     machine.Address
	values   values
	fallback machine.Cell // of keys that were not written; empty if there is none
}

// dictHints are those of dict and default_dict.
var dictHints = map[string]Func{
	"DICT_NEW": func(c *Call) {
		if !c.large().hasInitial {
			c.Failf("Dict Error: Tried to create a dict without an initial dict")
			return
		}
		c.newDict(machine.Cell{})
	},
	"DEFAULT_DICT_NEW": func(c *Call) {
		if v := c.Value("default_value"); !c.Failed() {
			c.newDict(plain(v))
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
			d.values.Put(plain(key), plain(now))
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
		d.values.Put(plain(key), plain(now))
		d.next.Offset += accessSize
	},
	"DICT_SQUASH_COPY_DICT": func(c *Call) {
		if d := c.dict("dict_accesses_end"); d != nil {
			c.enter().manager = d.manager
			l := c.large()
			l.hasInitial = true
			c.copyValues(&l.initial, &d.values)
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

// newDict adds a dictionary that begins with what the scope has for that; it stays there.
func (c *Call) newDict(fallback machine.Cell) {
	at, s, r := c.VM().AddSegment(machine.NoRule), c.scope(), c.run
	if s.manager == 0 {
		r.managers++
		s.manager = r.managers
	}
	if n := len(r.dicts); n < cap(r.dicts) {
		r.dicts = r.dicts[:n+1] // with the memory of an older one
	} else {
		r.dicts = append(r.dicts, dict{})
	}
	d := &r.dicts[len(r.dicts)-1]
	d.segment, d.manager, d.next, d.fallback = at.Segment, s.manager, at, fallback
	if d.values.Clear(); c.large().hasInitial {
		c.copyValues(&d.values, &c.large().initial)
	}
	c.SetAP(at.Cell())
}

// copyValues copies the content of a dictionary. It fails if nobody waits for it any more.
func (c *Call) copyValues(to, from *values) {
	if !to.Copy(from, c.run.stop) {
		c.abort()
	}
}

// find returns the dictionary of a segment among those that the scope knows, nil if there is none: those of another scope are not
// known in it.
func (c *Call) find(segment int) *dict {
	list := c.run.dicts
	low, high := 0, len(list)
	for low < high {
		if m := (low + high) / 2; list[m].segment < segment {
			low = m + 1
		} else {
			high = m
		}
	}
	if low == len(list) || list[low].segment != segment || list[low].manager != c.scope().manager {
		return nil
	}
	return &list[low]
}

// dict returns the dictionary whose next access is at ids.last, or fails and returns nil.
func (c *Call) dict(last string) *dict { return c.dictAt(c.Pointer(last)) }

func (c *Call) dictAt(at machine.Address) *dict {
	if c.Failed() {
		return nil
	}
	d := c.find(at.Segment)
	switch {
	case c.scope().manager == 0:
		c.missing("dict_manager")
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
	v, ok := d.values.Get(plain(key))
	if ok {
		return v
	}
	if !d.fallback.Known() {
		c.Failf("Dict Error: No value found for key: %v", key)
		return machine.Cell{}
	}
	d.values.Put(plain(key), d.fallback)
	return d.fallback
}
