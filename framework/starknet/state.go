package starknet

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// ContractState is what the leaf of a contract in the commitment stands for.
type ContractState struct {
	ClassHash   felt.Felt
	StorageRoot felt.Felt
	Nonce       felt.Felt
}

// Hash returns the leaf of the contract in the contracts trie:
//
//	H(H(H(class hash, storage root), nonce), 0)
//
// and 0, which is no leaf, for a contract that has none of them.
//
// Source: starkware-libs/sequencer, commitment.cairo of crates/apollo_starknet_os_program.
func (c *ContractState) Hash() felt.Felt {
	if *c == (ContractState{}) {
		return felt.Felt{}
	}
	h := crypto.Pedersen(crypto.Pedersen(c.ClassHash, c.StorageRoot), c.Nonce)
	return crypto.Pedersen(h, felt.Felt{})
}

var classLeafTag = felt.MustShortString("CONTRACT_CLASS_LEAF_V0")

// ClassLeaf returns the leaf of a Sierra class in the classes trie, given the hash of its code: 0, which is no
// leaf, if that is 0.
func ClassLeaf(compiled felt.Felt) felt.Felt {
	if compiled.IsZero() {
		return felt.Felt{}
	}
	return crypto.Poseidon(classLeafTag, compiled)
}

var stateTag = felt.MustShortString("STARKNET_STATE_V0")

// StateRoot returns the commitment to the whole state by the rules of version v, given the roots of the contracts
// trie and the classes trie:
//
//	both 0:                           0
//	classes root 0, before 0.14.0:    the contracts root
//	else:                             PN(S("STARKNET_STATE_V0"), contracts root, classes root)
//
// Source: eqlabs/pathfinder, crates/common/src/lib.rs, StateCommitment::calculate.
func StateRoot(v Version, contracts, classes felt.Felt) felt.Felt {
	switch {
	case contracts.IsZero() && classes.IsZero():
		return felt.Felt{}
	case classes.IsZero() && v.Less(V0_14_0):
		return contracts
	}
	return crypto.PoseidonMany(stateTag, contracts, classes)
}
