package proof

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// trie is the part of a trie that a proof shows. The hash of each node is what it should be.
type trie struct {
	root  felt.Felt
	nodes map[felt.Felt]*Node
}

// newTrie returns the trie of the nodes, whose hashes it checks. batch is the hash of the trie.
func newTrie(root felt.Felt, nodes []Node, batch func([]felt.Felt, [][2]felt.Felt)) (*trie, error) {
	pairs := make([][2]felt.Felt, len(nodes))
	for i := range nodes {
		if err := nodes[i].check(); err != nil {
			return nil, err
		}
		pairs[i] = nodes[i].pair()
	}
	hashes := make([]felt.Felt, len(nodes))
	batch(hashes, pairs)
	t := &trie{root: root, nodes: make(map[felt.Felt]*Node, len(nodes))}
	for i := range nodes {
		length := felt.FromUint64(uint64(nodes[i].Length))
		if hashes[i].Add(&hashes[i], &length); hashes[i] != nodes[i].Hash {
			return nil, fmt.Errorf("%w: node %v hashes to %v", ErrInvalid, nodes[i].Hash, hashes[i])
		}
		t.nodes[hashes[i]] = &nodes[i]
	}
	return t, nil
}

// check returns ErrInvalid unless n is a node that a trie can have.
func (n *Node) check() error {
	for _, f := range []*felt.Felt{&n.Hash, &n.Left, &n.Right, &n.Child, &n.Path} {
		if !f.Valid() {
			return fmt.Errorf("%w: node %v holds a number not below the prime", ErrInvalid, n.Hash)
		}
	}
	if n.Length > Height || n.Length > 0 && n.Path.BitLen() > int(n.Length) {
		return fmt.Errorf("%w: node %v has the path %v of length %d", ErrInvalid, n.Hash, n.Path, n.Length)
	}
	return nil
}

// leaf returns the value at key, 0 if the trie has none there.
func (t *trie) leaf(key *felt.Felt) (felt.Felt, error) {
	at := t.root
	if at.IsZero() {
		return at, nil
	}
	for below := uint(Height); below > 0; {
		n := t.nodes[at]
		switch {
		case n == nil:
			return felt.Felt{}, fmt.Errorf("%w: node %v is missing", ErrInvalid, at)
		case n.Length == 0:
			below--
			if at = n.Left; key.Bit(below) == 1 {
				at = n.Right
			}
		case uint(n.Length) > below:
			return felt.Felt{}, fmt.Errorf("%w: edge %v leads below the leaves", ErrInvalid, at)
		default:
			below -= uint(n.Length)
			if !n.along(key, below) {
				return felt.Felt{}, nil
			}
			at = n.Child
		}
	}
	return at, nil
}

// along reports whether the edge n, whose child is below bits above the leaves, is on the way to key.
func (n *Node) along(key *felt.Felt, below uint) bool {
	for i := range uint(n.Length) {
		if n.Path.Bit(i) != key.Bit(below+i) {
			return false
		}
	}
	return true
}
