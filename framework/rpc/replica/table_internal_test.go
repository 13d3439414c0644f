package replica

import (
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestTable compares a table with a map, through growth and forgetting.
func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	table, want := newTable(), map[framework.Key]*cell{}
	key := func() framework.Key {
		k := framework.Key{Space: uint8(r.IntN(3))}
		k.Owner[r.IntN(4)], k.Slot[r.IntN(4)] = r.Uint64N(9), r.Uint64N(99)
		return k
	}
	for range 50_000 {
		k := key()
		switch c := table.find(&k); {
		case c != want[k]:
			t.Fatalf("find(%v) = %p, want %p", k, c, want[k])
		case r.IntN(3) > 0:
			c := table.get(&k)
			if c.key != k || want[k] != nil && c != want[k] {
				t.Fatalf("get(%v) = %p of %v, want %p", k, c, c.key, want[k])
			}
			want[k] = c
		case r.IntN(2000) == 0:
			table.rebuild(len(table.slots), func(c *cell) bool {
				keep := r.IntN(3) == 0
				if !keep {
					delete(want, c.key)
				}
				return keep
			})
		}
		if table.len != len(want) || 2*table.len > len(table.slots) {
			t.Fatalf("%d cells in %d slots, want %d", table.len, len(table.slots), len(want))
		}
	}
}

// TestTable_Seeds checks that nobody can know where a key falls.
func TestTable_Seeds(t *testing.T) {
	a, b := newTable(), newTable()
	if k := (framework.Key{Slot: framework.Word{1}}); a.hash(&k) == b.hash(&k) {
		t.Error("two tables hash a key to the same place")
	}
}
