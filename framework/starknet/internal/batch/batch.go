// Package batch hashes many sequences of felts side by side. A hash of a sequence is a chain of steps that
// wait for each other; steps of different sequences do not, so they go in batches of one step of each.
package batch

import (
	"cmp"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Sponges returns [crypto.PoseidonMany] of each list.
func Sponges(lists [][]felt.Felt) []felt.Felt {
	out := make([]felt.Felt, len(lists))
	crypto.PoseidonManyBatch(out, lists)
	return out
}

// Chains returns [crypto.PedersenChain] of each list.
func Chains(lists [][]felt.Felt) []felt.Felt {
	order := longestFirst(lists)
	hashes := make([]felt.Felt, len(lists)) // in this order
	pairs := make([][2]felt.Felt, len(lists))
	for step, active := 0, len(lists); active > 0; step++ {
		for active > 0 && len(lists[order[active-1]]) < step {
			active--
		}
		for i, l := range order[:active] {
			next := felt.FromUint64(uint64(step)) // the length comes last
			if step < len(lists[l]) {
				next = lists[l][step]
			}
			pairs[i] = [2]felt.Felt{hashes[i], next}
		}
		crypto.PedersenBatch(hashes[:active], pairs[:active])
	}
	out := make([]felt.Felt, len(lists))
	for i, l := range order {
		out[l] = hashes[i]
	}
	return out
}

func longestFirst(lists [][]felt.Felt) []int {
	order := make([]int, len(lists))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(lists[b]), len(lists[a])) })
	return order
}
