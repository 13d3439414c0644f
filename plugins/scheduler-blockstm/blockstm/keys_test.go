package blockstm

import (
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestKeysHammer has several goroutines number the same keys, while the table grows: each key has one number, and each
// number below that of keys belongs to one.
func TestKeysHammer(t *testing.T) {
	const n = 4 * firstSlots
	k := newKeys()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range n {
				key := framework.Key{Slot: framework.Word{uint64((i + g*100) % n)}} //nolint:gosec // not negative
				if got := k.key(k.number(&key)); got != key {
					t.Errorf("key(number(%v)) = %v", key, got)
					return
				}
			}
		})
	}
	wg.Wait()
	seen := map[uint32]bool{}
	for i := range n {
		no := k.number(&framework.Key{Slot: framework.Word{uint64(i)}}) //nolint:gosec // not negative
		if int(no) >= n || seen[uint32(no)] {
			t.Fatalf("key %d has number %d", i, no)
		}
		seen[uint32(no)] = true
	}
}
