package sequencer

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
)

func key(n uint64) framework.Key { return framework.Key{Slot: framework.Word{n}} }

func TestTotal(t *testing.T) {
	once := func(counter uint8, k, amount uint64) framework.Charge {
		return framework.Charge{Counter: counter, Key: key(k), Amount: amount}
	}
	tests := []struct {
		name     string
		capacity []uint64
		txs      []framework.Usage
		fit      []bool
		used     []uint64
	}{
		{"no limits", nil, []framework.Usage{{Counters: []uint64{1, 2}}, {Counters: []uint64{3}}}, []bool{true, true}, []uint64{}},
		{"exactly full", []uint64{4}, []framework.Usage{{Counters: []uint64{1}}, {Counters: []uint64{3}}}, []bool{true, true}, []uint64{4}},
		{"one too many", []uint64{4}, []framework.Usage{{Counters: []uint64{2}}, {Counters: []uint64{3}}}, []bool{true, false}, []uint64{2}},
		{"0 is no limit", []uint64{0, 1}, []framework.Usage{{Counters: []uint64{9, 1}}, {Counters: []uint64{9, 1}}}, []bool{true, false}, []uint64{0, 1}},
		{
			"charged once in a block", []uint64{5},
			[]framework.Usage{{Once: []framework.Charge{once(0, 1, 3), once(0, 1, 3)}}, {Once: []framework.Charge{once(0, 1, 3), once(0, 2, 2)}}},
			[]bool{true, true},
			[]uint64{5},
		},
		{
			"the same key in two counters", []uint64{3, 3},
			[]framework.Usage{{Once: []framework.Charge{once(0, 1, 3), once(1, 1, 3)}}},
			[]bool{true},
			[]uint64{3, 3},
		},
		{
			"what did not fit charges nothing", []uint64{4},
			[]framework.Usage{{Once: []framework.Charge{once(0, 1, 5)}}, {Once: []framework.Charge{once(0, 1, 4)}}},
			[]bool{false, true},
			[]uint64{4},
		},
		{"sums do not wrap around", []uint64{9}, []framework.Usage{{Counters: []uint64{2}}, {Counters: []uint64{math.MaxUint64}}}, []bool{true, false}, []uint64{2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			total := newTotal(tt.capacity)
			for i := range tt.txs {
				if got := total.add(&tt.txs[i]); got != tt.fit[i] {
					t.Errorf("transaction %d: fits %v, want %v", i, got, tt.fit[i])
				}
			}
			if diff := cmp.Diff(tt.used, total.used); diff != "" {
				t.Errorf("used differs (-want +got):\n%s", diff)
			}
		})
	}
}
