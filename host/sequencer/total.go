package sequencer

import (
	"math/bits"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// total adds up what the transactions of a block take of its capacity.
type total struct {
	capacity []uint64
	used     []uint64
	charged  map[charge]struct{}
}

// charge is what is counted once in a block.
type charge struct {
	counter uint8
	key     framework.Key
}

func newTotal(capacity []uint64) *total {
	return &total{capacity: capacity, charged: map[charge]struct{}{}}
}

// add counts one more transaction. It reports false, and counts nothing, if the block has no room for it.
func (t *total) add(u *framework.Usage) bool {
	used := slices.Clone(t.used)
	for i, n := range u.Counters {
		used = plus(used, i, n)
	}
	fresh := make(map[charge]struct{}, len(u.Once))
	for _, c := range u.Once {
		id := charge{c.Counter, c.Key}
		_, known := t.charged[id]
		_, named := fresh[id]
		if known || named {
			continue
		}
		fresh[id] = struct{}{}
		used = plus(used, int(c.Counter), c.Amount)
	}
	for i, n := range used {
		if i < len(t.capacity) && t.capacity[i] != 0 && n > t.capacity[i] {
			return false
		}
	}
	t.used = used
	for id := range fresh {
		t.charged[id] = struct{}{}
	}
	return true
}

// plus adds n to counter i, which sticks at the largest number there is.
func plus(used []uint64, i int, n uint64) []uint64 {
	for len(used) <= i {
		used = append(used, 0)
	}
	sum, carry := bits.Add64(used[i], n, 0)
	used[i] = sum | -carry
	return used
}
