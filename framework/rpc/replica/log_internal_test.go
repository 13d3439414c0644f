package replica

import (
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestLog compares a log with a map, through growth, cuts and resets. Hashes are few, so that keys share them.
func TestLog(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var l log
	for range 200 {
		want := map[framework.Key]int{}
		hash := func(k *framework.Key) uint64 { return k.Slot[0] % 300 * 0x9e3779b97f4a7c15 }
		for range r.IntN(1500) {
			k := framework.Key{Slot: framework.Word{r.Uint64N(2000)}}
			n, ok := l.find(hash(&k), &k)
			if m, known := want[k]; ok != known || n != m {
				t.Fatalf("find(%v) = %d, %v, want %d, %v", k, n, ok, m, known)
			}
			if !ok {
				want[k] = len(l.reads)
				l.add(hash(&k), &k, &framework.Word{7})
			}
			if n, ok := l.find(hash(&k), nil); !ok || l.hashes[n] != hash(&k) {
				t.Fatalf("find(%v, nil) = %d, %v", hash(&k), n, ok)
			}
			if r.IntN(50) == 0 {
				n := r.IntN(len(l.reads) + 1)
				for _, w := range l.reads[n:] {
					delete(want, w.Key)
				}
				l.cut(n)
			}
		}
		if len(l.reads) != len(want) {
			t.Fatalf("%d reads, want %d", len(l.reads), len(want))
		}
		l.reset()
	}
}
