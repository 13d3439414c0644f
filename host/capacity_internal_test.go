package host

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/config"
)

// TestCapacity limits blocks by name, by number, and by both.
func TestCapacity(t *testing.T) {
	named := func(limits map[starknet.Counter]uint64) []uint64 {
		all := make([]uint64, starknet.NumCounters)
		for c, n := range limits {
			all[c] = n
		}
		return all
	}
	for _, tt := range []struct {
		name  string
		block config.Block
		want  []uint64
	}{
		{"none", config.Block{}, nil},
		{"by number", config.Block{Capacity: []uint64{0, 7}}, []uint64{0, 7}},
		{
			"by name",
			config.Block{Limits: config.BlockLimits{Steps: 1, Gas: 2, L1Gas: 3, Events: 4, StateDiff: 5, Classes: 6}},
			named(map[starknet.Counter]uint64{
				starknet.CountSteps: 1, starknet.CountSierraGas: 2, starknet.CountL1Gas: 3, starknet.CountEvents: 4,
				starknet.CountStateDiff: 5, starknet.CountClasses: 6,
			}),
		},
		{
			"by both",
			config.Block{Capacity: []uint64{8, 9, 10}, Limits: config.BlockLimits{Events: 4}},
			named(map[starknet.Counter]uint64{starknet.CountL1Gas: 8, starknet.CountMessageSegment: 9, starknet.CountEvents: 4}),
		},
	} {
		if d := cmp.Diff(tt.want, capacity(&tt.block)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}
