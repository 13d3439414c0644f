package replica

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestTable compares a table with a map, through growth and forgetting.
func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s, table, want := newSeed(), table{}, map[framework.Key]framework.Word{}
	key := func() framework.Key {
		k := framework.Key{Space: uint8(r.IntN(3))}
		k.Owner[r.IntN(4)], k.Slot[r.IntN(4)] = r.Uint64N(9), r.Uint64N(99)
		return k
	}
	for n := range 50_000 {
		k := key()
		h := s.hash(&k)
		c, w := table.find(h), want[k]
		if (c != nil) != (w != framework.Word{}) || c != nil && (c.hash != h || c.base.value != w) {
			t.Fatalf("find(%v) = %v, want %v", k, c, w)
		}
		switch {
		case r.IntN(3) > 0:
			c := table.get(h)
			if c.hash != h || c.base.value != w {
				t.Fatalf("get(%v) = %v, want %v", k, c, w)
			}
			want[k] = framework.Word{uint64(n + 1)}
			c.base.value = want[k]
		case r.IntN(2000) == 0 && table.len > 0:
			forgotten := map[framework.Word]bool{}
			table.rebuild(len(table.cells), r.Uint64(), func(c *cell) bool {
				forgotten[c.base.value] = r.IntN(3) > 0
				return !forgotten[c.base.value]
			})
			for k, w := range want {
				if forgotten[w] {
					delete(want, k)
				}
			}
		}
		if table.len != len(want) || 2*table.len > len(table.cells) {
			t.Fatalf("%d cells in a table of %d, want %d", table.len, len(table.cells), len(want))
		}
	}
}

// TestSeed checks that nobody can know where a key falls.
func TestSeed(t *testing.T) {
	a, b := newSeed(), newSeed()
	if k := (framework.Key{Slot: framework.Word{1}}); a.hash(&k) == b.hash(&k) {
		t.Error("two seeds hash a key to the same place")
	}
}

// TestCell checks that a cell fills a cache line.
func TestCell(t *testing.T) {
	if n := reflect.TypeFor[cell]().Size(); n != 64 {
		t.Errorf("a cell takes %d bytes", n)
	}
}
