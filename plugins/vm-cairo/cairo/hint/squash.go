package hint

import (
	"maps"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// accesses has the numbers of the accesses of each key, ascending.
type accesses map[felt.Felt][]uint64

// squashHints are those of squash_dict. Their variables are named as in the library.
var squashHints = map[string]Func{
	"SQUASH_DICT":                          squashDict,
	"SQUASH_DICT_INNER_FIRST_ITERATION":    squashFirst,
	"SQUASH_DICT_INNER_CHECK_ACCESS_INDEX": squashNextAccess,
	"SQUASH_DICT_INNER_NEXT_KEY":           squashNextKey,
	"SQUASH_DICT_INNER_SKIP_LOOP": func(c *Call) {
		c.SetBool("should_skip_loop", len(Var[[]uint64](c, "current_access_indices")) == 0)
	},
	"SQUASH_DICT_INNER_CONTINUE_LOOP": func(c *Call) {
		more := len(Var[[]uint64](c, "current_access_indices")) != 0
		c.Write(c.Address("loop_temps").Plus(3), boolCell(more))
	},
	"SQUASH_DICT_INNER_LEN_ASSERT": func(c *Call) {
		if len(Var[[]uint64](c, "current_access_indices")) != 0 {
			c.Failf("squash_dict_inner fail: local current_accessed_indices not empty, loop ended with remaining unaccounted elements")
		}
	},
	"SQUASH_DICT_INNER_USED_ACCESSES_ASSERT": func(c *Call) {
		key, used := Var[felt.Felt](c, "key"), c.Felt("n_used_accesses")
		n := len(Var[accesses](c, "access_indices")[key])
		if used != felt.FromUint64(uint64(n)) {
			c.Failf("squash_dict_inner fail: Number of used accesses:%s doesnt match the lengh: %d of the access_indices at key: %s",
				used.Decimal(), n, key.Decimal())
		}
	},
	"SQUASH_DICT_INNER_ASSERT_LEN_KEYS": func(c *Call) {
		if len(Var[[]felt.Felt](c, "keys")) != 0 {
			c.Failf("squash_dict_inner fail: local keys is not empty")
		}
	},
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
	all := make(accesses)
	for i := uint64(0); i < n.Uint64() && !c.Failed(); i++ {
		key := c.ReadFelt(at.Plus(accessSize * i))
		all[key] = append(all[key], i)
	}
	if c.Failed() {
		return
	}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b felt.Felt) int { return b.Cmp(&a) })
	if len(keys) == 0 {
		c.Failf("squash_dict_inner fail: No keys left but remaining_accesses > 0")
		return
	}
	c.SetBool("big_keys", !keys[0].IsUint128())
	key := keys[len(keys)-1]
	c.SetFelt("first_key", key)
	c.SetVar("access_indices", all)
	c.SetVar("keys", keys[:len(keys)-1])
	c.SetVar("key", key)
}

// atMost fails if the scope has a limit of that name, a felt, and n is above it.
func (c *Call) atMost(n felt.Felt, variable, format string) {
	limit, ok := c.scope().vars[variable].(felt.Felt)
	if ok && limit.Less(&n) {
		c.Failf(format, limit.Decimal(), n.Decimal())
	}
}

func squashFirst(c *Call) {
	key, at := Var[felt.Felt](c, "key"), c.Pointer("range_check_ptr")
	all := Var[accesses](c, "access_indices")
	if c.Failed() {
		return
	}
	list, ok := all[key]
	if !ok {
		c.Failf("squash_dict_inner fail: couldnt find key %s in accesses_indices", key.Decimal())
		return
	}
	c.SetVar("current_access_indices", list[1:])
	c.SetVar("current_access_index", list[0])
	c.Write(at, machine.UintCell(list[0]))
}

func squashNextAccess(c *Call) {
	now, list := Var[uint64](c, "current_access_index"), Var[[]uint64](c, "current_access_indices")
	if c.Failed() {
		return
	}
	if len(list) == 0 {
		c.Failf("squash_dict_inner fail: local current_accessed_indices is empty")
		return
	}
	c.Set("loop_temps", machine.UintCell(list[0]-now-1))
	c.SetVar("current_access_index", list[0])
	c.SetVar("current_access_indices", list[1:])
}

func squashNextKey(c *Call) {
	keys := Var[[]felt.Felt](c, "keys")
	if len(keys) == 0 {
		c.Failf("squash_dict_inner fail: No keys left but remaining_accesses > 0")
		return
	}
	key := keys[len(keys)-1]
	c.SetFelt("next_key", key)
	c.SetVar("keys", keys[:len(keys)-1])
	c.SetVar("key", key)
}
