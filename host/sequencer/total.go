package sequencer

import (
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework"
)

// total adds up what the transactions of a block take of its capacity. What has no limit is not counted.
type total struct {
	capacity []uint64
	used     []uint64
	charged  map[charge]struct{}
	fresh    []charge // of the transaction that is being added
}

// charge is what is counted once in a block.
type charge struct {
	counter uint8
	key     framework.Key
}

func newTotal(capacity []uint64) *total {
	return &total{capacity: capacity, used: make([]uint64, len(capacity)), charged: map[charge]struct{}{}}
}

// limited reports whether there is a limit to a counter.
func (t *total) limited(counter int) bool {
	return counter < len(t.capacity) && t.capacity[counter] != 0
}

// add counts one more transaction. It reports false, and counts nothing, if the block has no room for it.
func (t *total) add(u *framework.Usage) bool {
	before := append([]uint64(nil), t.used...)
	t.fresh = t.fresh[:0]
	for i, n := range u.Counters {
		t.plus(i, n)
	}
	for _, c := range u.Once {
		if !t.limited(int(c.Counter)) {
			continue
		}
		id := charge{c.Counter, c.Key}
		if _, known := t.charged[id]; !known {
			t.charged[id] = struct{}{}
			t.fresh = append(t.fresh, id)
			t.plus(int(c.Counter), c.Amount)
		}
	}
	for i, n := range t.used {
		if t.limited(i) && n > t.capacity[i] {
			t.used = before
			for _, id := range t.fresh {
				delete(t.charged, id)
			}
			return false
		}
	}
	return true
}

// plus adds n to counter i, which sticks at the largest number there is.
func (t *total) plus(i int, n uint64) {
	if t.limited(i) {
		sum, carry := bits.Add64(t.used[i], n, 0)
		t.used[i] = sum | -carry
	}
}
