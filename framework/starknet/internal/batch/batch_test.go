package batch_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/batch"
)

func TestSameAsOneByOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, count := range []int{0, 1, 3, 40} {
		lists := make([][]felt.Felt, count)
		var chains, sponges []felt.Felt
		for i := range lists {
			for range rng.IntN(12) {
				lists[i] = append(lists[i], felt.FromUint64(rng.Uint64()))
			}
			chains = append(chains, crypto.PedersenChain(lists[i]...))
			sponges = append(sponges, crypto.PoseidonMany(lists[i]...))
		}
		if diff := cmp.Diff(chains, append([]felt.Felt(nil), batch.Chains(lists)...)); diff != "" {
			t.Errorf("Chains of %d lists (-want +got):\n%s", count, diff)
		}
		if diff := cmp.Diff(sponges, append([]felt.Felt(nil), batch.Sponges(lists)...)); diff != "" {
			t.Errorf("Sponges of %d lists (-want +got):\n%s", count, diff)
		}
	}
}
