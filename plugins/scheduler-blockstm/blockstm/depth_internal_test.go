package blockstm

import "testing"

// TestDepth says how many attempts are under way after transactions with and without attempts that were given up.
func TestDepth(t *testing.T) {
	d := newDepth(3, true)
	if d.slots != 6 {
		t.Errorf("%d slots for three workers in another process, want 6", d.slots)
	}
	if n := newDepth(3, false).slots; n != 3 {
		t.Errorf("%d slots for three workers in this process, want 3", n)
	}
	aborts := uint64(0)
	for i, c := range []struct {
		vain uint64
		want int
	}{{0, 6}, {mostVain, 6}, {mostVain + 1, 3}, {9, 3}, {0, 6}} {
		aborts += c.vain
		for n := range judgeDepth {
			limit, ok := d.committed(aborts)
			if ok != (n == judgeDepth-1) || ok && limit != c.want {
				t.Errorf("spell %d, transaction %d: limit %d, %t, want %d at the end", i, n, limit, ok, c.want)
			}
		}
	}
}
