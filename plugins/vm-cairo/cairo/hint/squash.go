package hint

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/keyed"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// squash is what the hints of squash_dict know, each under a name in the library: the keys (keys, key), the accesses of each
// (access_indices), and of the current key those that are left (current_access_indices) behind one (current_access_index).
type squash struct {
	ready  bool // there are keys
	begun  bool // there is a current access
	places keyed.Places
	keys   []keyed.Group // from the current one on
	left   []uint64
	access uint64
}

// squashHints are those of squash_dict.
var squashHints = map[string]Func{
	"SQUASH_DICT":                          squashDict,
	"SQUASH_DICT_INNER_FIRST_ITERATION":    squashFirst,
	"SQUASH_DICT_INNER_CHECK_ACCESS_INDEX": squashNextAccess,
	"SQUASH_DICT_INNER_NEXT_KEY":           squashNextKey,
	"SQUASH_DICT_INNER_SKIP_LOOP":          func(c *Call) { c.SetBool("should_skip_loop", !c.accessLeft()) },
	"SQUASH_DICT_INNER_CONTINUE_LOOP": func(c *Call) {
		more := c.accessLeft()
		c.Write(c.Address("loop_temps").Plus(3), boolCell(more))
	},
	"SQUASH_DICT_INNER_LEN_ASSERT": func(c *Call) {
		if c.accessLeft() {
			c.Failf("squash_dict_inner fail: local current_accessed_indices not empty, loop ended with remaining unaccounted elements")
		}
	},
	"SQUASH_DICT_INNER_USED_ACCESSES_ASSERT": func(c *Call) {
		s := c.squash("key")
		used := c.Felt("n_used_accesses")
		if c.Failed() {
			return
		}
		if n := len(s.keys[0].At); used != felt.FromUint64(uint64(n)) {
			c.Failf("squash_dict_inner fail: Number of used accesses:%s doesnt match the lengh: %d of the access_indices at key: %s",
				used.Decimal(), n, s.keys[0].Key.Decimal())
		}
	},
	"SQUASH_DICT_INNER_ASSERT_LEN_KEYS": func(c *Call) {
		if s := c.squash("keys"); !c.Failed() && len(s.keys) > 1 {
			c.Failf("squash_dict_inner fail: local keys is not empty")
		}
	},
}

// squash returns what is known of the squash, and fails with the name of a variable if there is none.
func (c *Call) squash(variable string) *squash {
	s := &c.large().squash
	if !s.ready {
		c.missing(variable)
	}
	return s
}

// accessLeft reports whether an access of the current key is left.
func (c *Call) accessLeft() bool {
	s := &c.large().squash
	if !s.begun {
		c.missing("current_access_indices")
		return false
	}
	return len(s.left) != 0
}

// squashDict sorts the accesses of a dictionary by key.
func squashDict(c *Call) {
	at, diff, n := c.Pointer("dict_accesses"), c.Felt("ptr_diff"), c.Felt("n_accesses")
	c.rangeCheck()
	if !diff.IsUint64() || diff.Uint64()%accessSize != 0 {
		c.Failf("squash_dict fail: Accesses array size must be divisible by DictAccess.SIZE")
	}
	c.atMost(n, "__squash_dict_max_size", "squash_dict() can only be used with n_accesses<=%s. ' \nGot: n_accesses=%s")
	if !n.IsUint64() {
		c.Failf("squash_dict fail: n_accesses: %s is too big to be converted into an iterator", n.Decimal())
	}
	s := &c.large().squash
	s.left = slices.Clone(s.left) // which goes on if that of an older squash was not finished
	s.places.Clear()
	for i := uint64(0); i < n.Uint64() && !c.Failed(); i++ {
		s.places.Add(c.ReadFelt(at.Plus(accessSize * i)))
	}
	if c.Failed() {
		return
	}
	keys, ok := s.places.Sort(c.run.stop)
	switch {
	case !ok:
		c.abort()
		return
	case len(keys) == 0:
		c.Failf("squash_dict_inner fail: No keys left but remaining_accesses > 0")
		return
	}
	largest := keys[len(keys)-1].Key
	c.SetBool("big_keys", !largest.IsUint128())
	c.SetFelt("first_key", keys[0].Key)
	s.keys, s.ready = keys, true
}

func squashFirst(c *Call) {
	s := c.squash("key")
	at := c.Pointer("range_check_ptr")
	if c.Failed() {
		return
	}
	list := s.keys[0].At
	s.access, s.left, s.begun = list[0], list[1:], true
	c.Write(at, machine.UintCell(s.access))
}

func squashNextAccess(c *Call) {
	s := &c.large().squash
	if !s.begun {
		c.missing("current_access_index")
		return
	}
	if len(s.left) == 0 {
		c.Failf("squash_dict_inner fail: local current_accessed_indices is empty")
		return
	}
	c.Set("loop_temps", machine.UintCell(s.left[0]-s.access-1))
	s.access, s.left = s.left[0], s.left[1:]
}

func squashNextKey(c *Call) {
	s := c.squash("keys")
	if c.Failed() {
		return
	}
	if len(s.keys) < 2 {
		c.Failf("squash_dict_inner fail: No keys left but remaining_accesses > 0")
		return
	}
	s.keys = s.keys[1:]
	c.SetFelt("next_key", s.keys[0].Key)
}
