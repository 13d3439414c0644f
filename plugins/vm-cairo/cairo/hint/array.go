package hint

import (
	"math/bits"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/keyed"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// arrayHints are those of find_element, set and usort.
var arrayHints = map[string]Func{
	"FIND_ELEMENT":        findElement,
	"SEARCH_SORTED_LOWER": searchSortedLower,
	"SET_ADD":             setAdd,
	"USORT_ENTER_SCOPE": func(c *Call) {
		limit, ok := c.scope().vars[usortLimit]
		if c.enter(); ok {
			c.SetVar(usortLimit, limit)
		}
	},
	"USORT_BODY":   usort,
	"USORT_VERIFY": usortVerify,
	"USORT_VERIFY_MULTIPLICITY_ASSERT": func(c *Call) {
		if s := c.multiplicities(); !c.Failed() && len(s.left) != 0 {
			c.Failf("unexpected verify multiplicity fail: positions length != 0")
		}
	},
	"USORT_VERIFY_MULTIPLICITY_BODY": func(c *Call) {
		s := c.multiplicities()
		if c.Failed() {
			return
		}
		if len(s.left) == 0 {
			c.Failf("unexpected verify multiplicity fail: couldn't pop positions")
			return
		}
		c.Set("next_item_index", machine.UintCell(s.left[0]-s.behind))
		s.left, s.behind = s.left[1:], s.left[0]+1
	},
}

// usortLimit is a variable that may limit how much is sorted.
const usortLimit = "__usort_max_size"

// sort is what the hints of usort know, each under a name in the library: where each value is (positions_dict), and of one value
// the places that are left (positions) behind one (last_pos).
type sort struct {
	ready  bool // there are values
	begun  bool // there is one
	places keyed.Places
	values []keyed.Group // those that were seen have no places any more
	left   []uint64
	behind uint64
}

// multiplicities returns what is known of a value, and fails if there is none.
func (c *Call) multiplicities() *sort {
	s := &c.large().sort
	if !s.begun {
		c.missing("positions")
	}
	return s
}

// outOfRange is the text about the size of an element.
const outOfRange = "Assertion failed, 0 <= ids.a %% PRIME < range_check_builtin.bound \n a = %s is out of range"

// fewElements fails if ids.n_elms is above what the scope allows.
func (c *Call) fewElements(n felt.Felt) {
	c.atMost(n, "__find_element_max_size", "find_element() can only be used with n_elms <= %s.\nGot: n_elms = %s")
}

func findElement(c *Call) {
	key, elm, count, at := c.Felt("key"), c.Felt("elm_size"), c.Felt("n_elms"), c.Pointer("array_ptr")
	if elm.IsZero() || !elm.IsUint64() {
		c.Failf(outOfRange, elm.Decimal())
	}
	c.fewElements(count)
	if count.BitLen() > 32 {
		c.Failf("Conversion to i32 failed for Felt252 %s", count.Decimal())
	}
	size, n := elm[0], count[0]
	for i := uint64(0); i < n && !c.Failed(); i++ {
		c.poll()
		x, ok := c.VM().Read(at.Plus(size * i)).Felt()
		if !ok {
			c.Failf("Found Key is None")
		}
		if x == key {
			c.Set("index", machine.UintCell(i))
			return
		}
	}
	c.Failf("find_element(): No value found for key: %s", key.Decimal())
}

func searchSortedLower(c *Call) {
	count, array, elm, key := c.Felt("n_elms"), c.Address("array_ptr"), c.Felt("elm_size"), c.Felt("key")
	if elm.IsZero() {
		c.Failf(outOfRange, elm.Decimal())
	}
	c.fewElements(count)
	at := c.readPointer(array)
	if !count.IsUint64() || !elm.IsUint64() {
		c.Failf("Found Key is None")
	}
	size, n := elm[0], count[0]
	i := uint64(0)
	for ; i < n && !c.Failed(); i++ {
		if x := c.ReadFelt(at.Plus(size * i)); !x.Less(&key) {
			break
		}
	}
	c.Set("index", machine.UintCell(i))
}

// setAdd looks for an element in a set, which is an array. As the reference does, it takes the number of cells of the set for
// that of its elements, and so looks on behind the set.
func setAdd(c *Call) {
	set, size := c.Pointer("set_ptr"), c.Felt("elm_size")
	if !size.IsUint64() {
		c.Failf("Conversion to usize failed for Felt252 %s", size.Decimal())
	}
	elm, end := c.Pointer("elm_ptr"), c.Pointer("set_end_ptr")
	switch {
	case size.IsZero():
		c.Failf("assert ids.elm_size > 0")
	case set.Segment > end.Segment || set.Segment == end.Segment && set.Offset > end.Offset:
		c.Failf("Set's starting point %v is bigger it's ending point %v", set, end)
	}
	n := c.distance(end, set)
	if c.Failed() {
		return
	}
	if size[0] > 1<<62 {
		size[0] = 1 << 62 // no element is that large, and the sum below must not wrap around
	}
	high, behind := bits.Mul64(n, size[0])
	if high != 0 {
		behind = 1 << 62
	}
	all, one := c.cells(set, behind), c.cells(elm, size[0])
	for i, at := uint64(0), uint64(0); i < n && !c.Failed(); i, at = i+1, at+size[0] {
		c.poll()
		if at < uint64(len(all)) && len(one) != 0 && !all[at].Equal(one[0]) {
			continue
		}
		if same(all, at, one, size[0]) {
			c.Set("index", machine.UintCell(i))
			c.SetBool("is_elm_in_set", true)
			return
		}
		if at >= uint64(len(all)) {
			break // from here on all is empty
		}
	}
	c.SetBool("is_elm_in_set", false)
}

// cells returns the cells from a on up to the last known one, but not more than n. They are only to be looked at.
func (c *Call) cells(a machine.Address, n uint64) []machine.Cell {
	if c.run.viewer != nil {
		return c.run.viewer.View(a, n)
	}
	var out []machine.Cell
	for i := uint64(0); i < n; i++ {
		v := c.run.vm.Read(a.Plus(i))
		if !v.Known() {
			break
		}
		out = append(out, v)
	}
	return out
}

// same reports whether n cells of all from at on are those of one. Cells that are not there are empty.
func same(all []machine.Cell, at uint64, one []machine.Cell, n uint64) bool {
	n = min(n, max(uint64(len(one)), uint64(len(all))-min(at, uint64(len(all)))))
	for i := range n {
		var x, y machine.Cell
		if at+i < uint64(len(all)) {
			x = all[at+i]
		}
		if i < uint64(len(one)) {
			y = one[i]
		}
		if !x.Equal(y) {
			return false
		}
	}
	return true
}

// usort sorts an array without repetitions, and counts those.
func usort(c *Call) {
	at, n := c.Pointer("input"), c.Felt("input_len")
	if !n.IsUint64() {
		c.Failf("Couldn't convert BigInt to usize")
	}
	c.atMost(n, usortLimit, "usort() can only be used with input_len<=%s. Got: input_len=%s.")
	s := &c.large().sort
	s.left = slices.Clone(s.left) // which goes on if that of an older usort was not finished
	s.places.Clear()
	for i := uint64(0); i < n[0] && !c.Failed(); i++ {
		s.places.Add(c.ReadFelt(at.Plus(i)))
	}
	if c.Failed() {
		return
	}
	values, ok := s.places.Sort(c.run.stop)
	if !ok {
		c.abort()
		return
	}
	output, counts := c.VM().AddSegment(machine.NoRule), c.VM().AddSegment(machine.NoRule)
	for i, v := range values {
		c.Write(output.Plus(uint64(i)), machine.FeltCell(v.Key))             //nolint:gosec // not negative
		c.Write(counts.Plus(uint64(i)), machine.UintCell(uint64(len(v.At)))) //nolint:gosec // not negative
	}
	s.values, s.ready = values, true
	c.Set("output_len", machine.UintCell(uint64(len(values))))
	c.Set("output", output.Cell())
	c.Set("multiplicities", counts.Cell())
}

func usortVerify(c *Call) {
	x, s := c.Felt("value"), &c.large().sort
	if !s.ready {
		c.missing("positions_dict")
	}
	if c.Failed() {
		return
	}
	i, ok := slices.BinarySearchFunc(s.values, x, func(g keyed.Group, x felt.Felt) int { return g.Key.Cmp(&x) })
	if !ok || s.values[i].At == nil {
		c.Failf("unexpected usort fail: positions_dict or key value pair not found")
		return
	}
	s.left, s.behind, s.begun = s.values[i].At, 0, true
	s.values[i].At = nil
}
