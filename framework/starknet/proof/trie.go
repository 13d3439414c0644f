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
			return felt.Felt{}, fmt.Errorf("%w: node %v is missing", ErrUnproven, at)
		case n.Length == 0:
			below--
			if at = n.Left; key.Bit(below) == 1 {
				at = n.Right
			}
		case uint(n.Length) > below:
			return felt.Felt{}, errBelow(at)
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

func errBelow(at felt.Felt) error {
	return fmt.Errorf("%w: edge %v leads below the leaves", ErrInvalid, at)
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

// entry is a leaf of a trie and its key.
type entry struct{ key, leaf felt.Felt }

// maxVisits bounds the walks of entries: equal subtrees may hang at many places, and a proof that somebody made up may
// have very many of them.
const maxVisits = 1 << 18

// entries returns the leaves that the nodes reach, by ascending key. Every place on the way takes one of the budget.
func (t *trie) entries(budget *int) (found []entry, err error) {
	var visit func(at, path felt.Felt, depth uint)
	visit = func(at, path felt.Felt, depth uint) {
		n := t.nodes[at]
		switch *budget--; {
		case err != nil:
		case *budget < 0:
			err = fmt.Errorf("%w: its nodes reach more than %d places", ErrInvalid, maxVisits)
		case depth == Height:
			found = append(found, entry{path, at})
		case n == nil: // the proof goes on elsewhere
		case n.Length == 0:
			visit(n.Left, path, depth+1)
			visit(n.Right, setBits(path, depth, 1, felt.One), depth+1)
		case depth+uint(n.Length) > Height:
			err = errBelow(at)
		default:
			visit(n.Child, setBits(path, depth, uint(n.Length), n.Path), depth+uint(n.Length))
		}
	}
	if !t.root.IsZero() {
		visit(t.root, felt.Felt{}, 0)
	}
	return found, err
}

// setBits returns path with bits, which are length ones, from a depth on, where it has none yet.
func setBits(path felt.Felt, depth, length uint, bits felt.Felt) felt.Felt {
	shift := Height - depth - length
	words, rest := shift/64, shift%64
	for i := uint(0); i+words < 4; i++ {
		path[i+words] |= bits[i] << rest
		if i+words+1 < 4 {
			path[i+words+1] |= bits[i] >> 1 >> (63 - rest)
		}
	}
	return path
}
