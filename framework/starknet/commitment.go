package starknet

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/batch"
)

// Commit fills in the counts and commitments of h from what a block contains: receipts[i] is that of txs[i],
// and names its hash. diff may be nil before 0.13.2, where it is not committed to. The version of h decides on
// the formulas; ErrVersion if it is none.
func (h *Header) Commit(txs []Transaction, receipts []Receipt, diff *StateDiff) error {
	v, err := ParseVersion(h.Protocol)
	if err != nil {
		return fmt.Errorf("block %d: %w", h.Number, err)
	}
	if len(txs) != len(receipts) {
		return fmt.Errorf("block %d: %w: %d transactions, %d receipts", h.Number, ErrCount, len(txs), len(receipts))
	}
	hashes := make([]felt.Felt, len(receipts))
	var events uint64
	for i := range receipts {
		hashes[i] = receipts[i].TransactionHash
		events += uint64(len(receipts[i].Events))
	}
	h.Commitments = Commitments{
		TransactionCount: uint64(len(txs)),
		EventCount:       events,
		Transactions:     TransactionCommitment(v, txs, hashes),
		Events:           EventCommitment(v, receipts),
	}
	if v.Less(V0_13_2) {
		return nil
	}
	h.Receipts = ReceiptCommitment(receipts)
	if diff != nil {
		h.StateDiff, h.StateDiffLength = diff.Hash(), diff.Len()
	}
	return nil
}

// TransactionCommitment returns the root over the transactions of a block, by the rules of version v. hashes[i]
// is the hash of txs[i]. The leaf of a transaction is
//
//	before 0.11.1:  H(hash, HC(signature)), where only invokes have a signature
//	before 0.13.2:  H(hash, HC(signature))
//	before 0.13.4:  PN(hash, signature..), where an empty signature counts as [0]
//	from then on:   PN(hash, signature..)
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/block_hash/transaction_commitment.rs; for the older
// rules cairo-lang, starkware/starknet/core/os/block_hash/block_hash.py.
func TransactionCommitment(v Version, txs []Transaction, hashes []felt.Felt) felt.Felt {
	lists := make([][]felt.Felt, len(txs))
	if v.Less(V0_13_2) {
		for i, t := range txs {
			if t.Kind() == KindInvoke || !v.Less(V0_11_1) {
				lists[i] = t.Signatures()
			}
		}
		pairs := make([][2]felt.Felt, len(txs))
		for i, h := range batch.Chains(lists) {
			pairs[i] = [2]felt.Felt{hashes[i], h}
		}
		leaves := make([]felt.Felt, len(txs))
		crypto.PedersenBatch(leaves, pairs)
		return root64(leaves, crypto.PedersenBatch)
	}
	for i, t := range txs {
		lists[i] = append(append(lists[i], hashes[i]), t.Signatures()...)
		if v.Less(V0_13_4) && len(lists[i]) == 1 {
			lists[i] = append(lists[i], felt.Felt{})
		}
	}
	return root64(batch.Sponges(lists), crypto.PoseidonBatch)
}

// EventCommitment returns the root over the events of a block in their order, by the rules of version v. The
// leaf of an event is
//
//	before 0.13.2:  HC(from, HC(keys), HC(data))
//	from then on:   PN(from, transaction hash, number of keys, keys.., number of data, data..)
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/block_hash/event_commitment.rs; for the older rule
// cairo-lang, starkware/starknet/core/os/block_hash/block_hash.py.
func EventCommitment(v Version, receipts []Receipt) felt.Felt {
	if v.Less(V0_13_2) {
		return oldEventCommitment(receipts)
	}
	var lists [][]felt.Felt
	for i := range receipts {
		for _, e := range receipts[i].Events {
			list := append([]felt.Felt{e.From, receipts[i].TransactionHash, feltOfLen(e.Keys)}, e.Keys...)
			list = append(append(list, feltOfLen(e.Data)), e.Data...)
			lists = append(lists, list)
		}
	}
	return root64(batch.Sponges(lists), crypto.PoseidonBatch)
}

func oldEventCommitment(receipts []Receipt) felt.Felt {
	var inner, outer [][]felt.Felt
	for i := range receipts {
		for _, e := range receipts[i].Events {
			inner = append(inner, e.Keys, e.Data)
			outer = append(outer, []felt.Felt{e.From, {}, {}})
		}
	}
	for i, h := range batch.Chains(inner) {
		outer[i/2][1+i%2] = h
	}
	return root64(batch.Chains(outer), crypto.PedersenBatch)
}

// ReceiptCommitment returns the root over the receipts of a block, from 0.13.2 on. The leaf of a receipt is
//
//	PN(transaction hash, fee, PN(n, {from, to, length, payload..}..), R, 0, l1 gas, l1 data gas)
//
// with the messages to L1 and R = 0, or TK(reason) if the transaction was reverted. The zero is the place of
// L2 gas, which is not in the receipt of block hashes.
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/block_hash/receipt_commitment.rs.
func ReceiptCommitment(receipts []Receipt) felt.Felt {
	messages := make([][]felt.Felt, len(receipts))
	leaves := make([][]felt.Felt, len(receipts))
	for i := range receipts {
		r := &receipts[i]
		messages[i] = []felt.Felt{feltOfLen(r.Messages)}
		for _, m := range r.Messages {
			messages[i] = append(append(messages[i], m.From, m.To, feltOfLen(m.Payload)), m.Payload...)
		}
		var reason felt.Felt
		if r.Reverted {
			reason = crypto.Keccak([]byte(r.RevertReason))
		}
		var gas Gas
		if r.Resources.Gas != nil {
			gas = *r.Resources.Gas
		}
		leaves[i] = []felt.Felt{
			r.TransactionHash, r.ActualFee.Felt(), {}, reason, {},
			felt.FromUint64(gas.L1), felt.FromUint64(gas.L1Data),
		}
	}
	for i, h := range batch.Sponges(messages) {
		leaves[i][2] = h
	}
	return root64(batch.Sponges(leaves), crypto.PoseidonBatch)
}

// height64 is the height of the tries over the parts of a block.
const height64 = 64

// pairHasher sets dst[i] to the hash of pairs[i].
type pairHasher func(dst []felt.Felt, pairs [][2]felt.Felt)

// root64 returns the root of the Merkle-Patricia trie of height 64 that has leaves[i] at key i, 0 if there are
// none.
//
// Since the keys are consecutive, a node without a sibling can only be the last of its level, or the only one,
// and the path of the edge that leads to it is all zeros. Such a node goes up as it is; once it meets a sibling,
// or the top, it is replaced by the edge over the levels that it has skipped.
func root64(leaves []felt.Felt, hash pairHasher) felt.Felt {
	if len(leaves) == 0 {
		return felt.Felt{}
	}
	level := slices.Clone(leaves)
	pairs := make([][2]felt.Felt, len(leaves)/2)
	height, skipped := 0, 0
	for ; len(level) > 1; height++ {
		half, last := len(level)/2, level[len(level)-1]
		alone := len(level)%2 == 1
		if !alone {
			level[len(level)-1] = edge(last, skipped, hash)
			skipped = 0
		}
		for i := range half {
			pairs[i] = [2]felt.Felt{level[2*i], level[2*i+1]}
		}
		hash(level[:half], pairs[:half])
		level = level[:half]
		if alone {
			level = append(level, last)
			skipped++
		}
	}
	return edge(level[0], height64-height, hash)
}

// edge returns the hash of an edge of that length, whose path is 0, to a node: the node itself if the length
// is 0.
func edge(node felt.Felt, length int, hash pairHasher) felt.Felt {
	if length == 0 {
		return node
	}
	var out [1]felt.Felt
	hash(out[:], [][2]felt.Felt{{node}})
	n := felt.FromUint64(uint64(length))
	return *out[0].Add(&out[0], &n)
}
