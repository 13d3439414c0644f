// Package proof has proofs of Starknet's state: their form, which is that of starknet_getStorageProof, and the
// verifier, which needs nothing but the root that one trusts.
//
// A store puts a [Proof], encoded as JSON, into the body of a [framework.Proof]; the answer of any other node to
// starknet_getStorageProof can be verified in the same way. The root that a proof is checked against is the
// commitment to the whole state that block headers hold.
package proof

import (
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// These errors can occur when a proof is asked for or looked at.
var (
	// ErrInvalid says that a proof does not prove anything about what was asked.
	ErrInvalid = errors.New("proof does not verify")
	// ErrUnproven says that the nodes of a proof do not reach what was asked. It is an ErrInvalid.
	ErrUnproven = fmt.Errorf("%w: not proven", ErrInvalid)
	// ErrQuery says that a cell is not one that Starknet's commitment covers.
	ErrQuery = errors.New("cell cannot be proven")
)

// Height is the length of the keys of all tries, in bits.
const Height = 251

// Proof is the answer to a [Request]. The order of the nodes in a list has no meaning.
type Proof struct {
	// Classes and Contracts are nodes of the two tries that the root commits to.
	Classes   []Node
	Contracts []Node
	// Leaves are the contracts of the request, in its order. One that does not exist is zero.
	Leaves []starknet.ContractState
	// Storage holds nodes of the storage trie of each contract in the storage part of the request, in its order.
	Storage [][]Node
	// ContractsRoot and ClassesRoot are the roots of the two tries, 0 if they are empty.
	ContractsRoot felt.Felt
	ClassesRoot   felt.Felt
	// BlockHash names the block to people. A store does not know it and leaves it zero.
	BlockHash felt.Felt
}

// Node is an inner node of a trie under its hash: an edge if Length is not 0, else a binary node.
type Node struct {
	Hash        felt.Felt
	Left, Right felt.Felt // of a binary node
	Child, Path felt.Felt // of an edge; Path is a number of Length bits
	Length      uint8
}

// pair returns what is hashed for the hash of a node. For an edge, Length is to be added to the hash.
func (n *Node) pair() [2]felt.Felt {
	if n.Length > 0 {
		return [2]felt.Felt{n.Child, n.Path}
	}
	return [2]felt.Felt{n.Left, n.Right}
}
