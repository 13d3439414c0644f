package replica

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestMemory checks that a block made of the memory of another knows nothing of it.
func TestMemory(t *testing.T) {
	var m memory
	for round := range 3 {
		b := New(0)
		b.memory = m
		var a Attempt
		a.Begin(b, 5)
		k := framework.Key{Slot: framework.Word{uint64(round)}}
		if b.Len() != 0 || a.Read([]framework.Key{k}, make([]framework.Word, 1)) {
			t.Fatalf("round %d: the block knows %d cells", round, b.Len())
		}
		for i := range 3 * slabSize {
			k := framework.Key{Slot: framework.Word{uint64(round + i)}}
			b.Publish(framework.Version{Tx: framework.TxIndex(i)}, []framework.Write{{Key: k}}, nil)
			h := b.table.find(b.seed.hash(&k)).history
			if len(h.entries) != 1 || h.base.known || h.visited != b.change {
				t.Fatalf("round %d: a new cell has %v", round, h)
			}
		}
		if n := len(b.histories.arrays); n != 3 {
			t.Fatalf("round %d: %d arrays, want 3", round, n)
		}
		a.End()
		b.Release()
		if b.Len() != 0 || len(b.txs) != 0 {
			t.Fatalf("round %d: a released block knows %d cells, %d transactions", round, b.Len(), len(b.txs))
		}
		m = *memories.Get().(*memory)
	}
}
