package starknet

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Regime is a formula for block hashes.
type Regime uint8

// The formulas.
const (
	// Pre0_7 ignores sequencer, time and events and has the chain in it:
	//	HC(number, root, 0, 0, transactions, txc, 0, 0, 0, 0, chain, parent)
	Pre0_7 Regime = iota
	// From0_7:
	//	HC(number, root, sequencer, time, transactions, txc, events, evc, 0, 0, parent)
	From0_7
	// From0_13_2:
	//	PN(S("STARKNET_BLOCK_HASH0"), number, root, sequencer, time, counts, sdc, txc, evc, rcc,
	//	   l1 wei, l1 fri, data wei, data fri, S(version), 0, parent)
	From0_13_2
	// From0_13_4 has the tag STARKNET_BLOCK_HASH1 and, in place of the four prices,
	//	PN(S("STARKNET_GAS_PRICES0"), l1 wei, l1 fri, data wei, data fri, l2 wei, l2 fri)
	From0_13_4
)

// first0_7 is the first block of a network that is hashed by the formula of 0.7. Networks that are not here
// began later.
var first0_7 = map[ChainID]framework.BlockNumber{Mainnet: 833, Goerli: 47028}

// RegimeOf returns the formula that h is hashed by on a chain. It returns ErrVersion if the protocol of h is
// no version.
func RegimeOf(h *Header, chain ChainID) (Regime, error) {
	v, err := ParseVersion(h.Protocol)
	switch {
	case err != nil:
		return 0, fmt.Errorf("block %d: %w", h.Number, err)
	case !v.Less(V0_13_4):
		return From0_13_4, nil
	case !v.Less(V0_13_2):
		return From0_13_2, nil
	case v == Version{} && h.Number < first0_7[chain]:
		return Pre0_7, nil
	}
	return From0_7, nil
}

var (
	blockHash0Tag = felt.MustShortString("STARKNET_BLOCK_HASH0")
	blockHash1Tag = felt.MustShortString("STARKNET_BLOCK_HASH1")
	gasPricesTag  = felt.MustShortString("STARKNET_GAS_PRICES0")
)

// unpublished are the addresses that UnpublishedSequencer returns.
var unpublished = map[ChainID]felt.Felt{
	Mainnet: felt.MustParse("0x21f4b90b0377c82bf330b7b5295820769e72d79d8acd0effa0ebde6e9988bc5"),
	Goerli:  felt.MustParse("0x46a89ae102987331d369645031b49c27738ed096f2789c24449966da4c6de6b"),
	Goerli2: felt.MustParse("0x46a89ae102987331d369645031b49c27738ed096f2789c24449966da4c6de6b"),
}

// UnpublishedSequencer returns the address that blocks of a network at 0.8.0 and 0.8.1 are hashed with although
// they do not say it, and whether the network has such blocks. A part of them cannot be verified with any known
// address.
//
// Source: eqlabs/pathfinder, crates/block-commitments/src/lib.rs.
func UnpublishedSequencer(chain ChainID) (felt.Felt, bool) {
	a, ok := unpublished[chain]
	return a, ok
}

// BlockHash returns the hash of a block, by the formula of its version. All other fields of h but Hash must be
// right; see [Commitments]. It returns ErrVersion if the protocol of h is no version that can be hashed.
//
// Blocks of 0.7 are hashed with sequencer 0. Those of 0.8.0 and 0.8.1 do not say their sequencer; see
// [UnpublishedSequencer].
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/block_hash/block_hash_calculator.rs; for the older
// formulas cairo-lang, starkware/starknet/core/os/block_hash/block_hash.py.
func BlockHash(h *Header, chain ChainID) (felt.Felt, error) {
	r, err := RegimeOf(h, chain)
	if err != nil {
		return felt.Felt{}, err
	}
	return r.Hash(h, chain)
}

// PartialBlockHash is BlockHash with the state root and the parent taken as 0: what is known of the hash before
// the state is committed.
func PartialBlockHash(h *Header, chain ChainID) (felt.Felt, error) {
	p := *h
	p.StateRoot, p.Parent = felt.Felt{}, felt.Felt{}
	return BlockHash(&p, chain)
}

// Hash returns the hash of h by the formula r, whatever the version of h. It returns ErrVersion if the protocol
// of h cannot be hashed as a short string.
func (r Regime) Hash(h *Header, chain ChainID) (felt.Felt, error) {
	switch r {
	case Pre0_7:
		return crypto.PedersenChain(
			felt.FromUint64(uint64(h.Number)), h.StateRoot, felt.Felt{}, felt.Felt{},
			felt.FromUint64(h.TransactionCount), h.Transactions, felt.Felt{}, felt.Felt{},
			felt.Felt{}, felt.Felt{}, felt.Felt(chain), h.Parent,
		), nil
	case From0_7:
		return crypto.PedersenChain(
			felt.FromUint64(uint64(h.Number)), h.StateRoot, h.Sequencer, felt.FromUint64(h.Timestamp),
			felt.FromUint64(h.TransactionCount), h.Transactions, felt.FromUint64(h.EventCount), h.Events,
			felt.Felt{}, felt.Felt{}, h.Parent,
		), nil
	}
	var version felt.Felt
	if err := version.SetShortString(h.Protocol); err != nil {
		return felt.Felt{}, fmt.Errorf("block %d: %w: %q", h.Number, ErrVersion, h.Protocol)
	}
	tag := blockHash0Tag
	prices := []felt.Felt{
		h.L1Gas.Wei.Felt(), h.L1Gas.Fri.Felt(), h.L1DataGas.Wei.Felt(), h.L1DataGas.Fri.Felt(),
	}
	if r == From0_13_4 {
		tag = blockHash1Tag
		prices = []felt.Felt{h.gasPricesHash()}
	}
	var p crypto.Sponge
	p.Write(tag, felt.FromUint64(uint64(h.Number)), h.StateRoot, h.Sequencer, felt.FromUint64(h.Timestamp),
		h.packedCounts(), h.StateDiff, h.Transactions, h.Events, h.Receipts)
	p.Write(prices...)
	p.Write(version, felt.Felt{}, h.Parent)
	return p.Sum(), nil
}

func (h *Header) gasPricesHash() felt.Felt {
	return crypto.PoseidonMany(gasPricesTag,
		h.L1Gas.Wei.Felt(), h.L1Gas.Fri.Felt(), h.L1DataGas.Wei.Felt(), h.L1DataGas.Fri.Felt(),
		h.L2Gas.Wei.Felt(), h.L2Gas.Fri.Felt())
}

// packedCounts is one number of 32 bytes: the three counts, 8 bytes each, then the highest bit of a byte for
// blobs, then zeros. The reduction takes care of counts that no block can have.
func (h *Header) packedCounts() felt.Felt {
	var da uint64
	if h.L1DA == Blob {
		da = 1 << 63
	}
	var z felt.Felt
	return *z.SetWords([4]uint64{da, h.StateDiffLength, h.EventCount, h.TransactionCount})
}
