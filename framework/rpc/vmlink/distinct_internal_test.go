package vmlink

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
)

func TestDistinct(t *testing.T) {
	for _, n := range []int{0, 1, 16, 17, 1000} {
		var keys, want []framework.Key
		for i := range n {
			k := framework.Key{Slot: framework.Word{uint64(i % 100)}} //nolint:gosec // not negative
			keys = append(keys, k)
			if i < 100 && i%3 != 0 {
				want = append(want, k)
			}
		}
		got := distinct(keys, func(k *framework.Key) bool { return k.Slot[0]%3 != 0 })
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("of %d keys (-want +got):\n%s", n, d)
		}
	}
}
