package patricia

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Node is a node as the protocol defines it, under its hash: an edge if Length is not 0, else a binary node.
type Node struct {
	Hash        felt.Felt
	Left, Right felt.Felt // of a binary node
	Child, Path felt.Felt // of an edge
	Length      uint8
}

// Walk calls visit with the nodes on the way to key, from the root on. It returns the value there, 0 if there is none:
// the last node is then an edge that leads elsewhere, or there is no node at all. It reads the pages that it needs.
func (t *Trie) Walk(key felt.Felt, visit func(Node)) (felt.Felt, error) {
	m := merger{trie: t, slab: t.slab}
	defer func() {
		t.slab = m.slab
		t.loaded = append(t.loaded, m.loaded...)
	}()
	for n := t.root; n != nil; {
		if n.edge() > 0 {
			path := segment(&n.key, int(n.from), int(n.depth))
			visit(Node{Hash: n.top, Child: n.bottom, Path: path, Length: uint8(n.edge())})
		}
		switch {
		case common(&n.key, &key) < int(n.depth):
			return felt.Felt{}, nil
		case n.leaf():
			return n.bottom, nil
		}
		if m.load(n); m.err != nil {
			return felt.Felt{}, fmt.Errorf("trie %x: %w", t.name, m.err)
		}
		visit(Node{Hash: n.bottom, Left: n.kids[0].top, Right: n.kids[1].top})
		n = n.kids[bit(&key, int(n.depth))]
	}
	return felt.Felt{}, nil
}

// Check computes every hash of the page of the root from what lies below and compares it with what was read. It returns
// ErrDamaged at the first difference. It is called right after Open.
func (t *Trie) Check(batch BatchHash) error {
	if t.root == nil {
		return nil
	}
	m := merger{trie: t, slab: t.slab}
	err := m.check(t.root, batch)
	if t.slab = m.slab; err != nil {
		return fmt.Errorf("trie %x: %w", t.name, err)
	}
	return nil
}

// check checks n and what lies below it in its page.
func (m *merger) check(n *node, batch BatchHash) error {
	var hash [1]felt.Felt
	if n.raw != nil {
		if m.load(n); m.err != nil {
			return m.err
		}
		for _, kid := range n.kids {
			if err := m.check(kid, batch); err != nil {
				return err
			}
		}
		batch(hash[:], [][2]felt.Felt{{n.kids[0].top, n.kids[1].top}})
		if hash[0] != n.bottom {
			return fmt.Errorf("%w: a branch at depth %d has the hash %v, want %v", ErrDamaged, n.depth, n.bottom, hash[0])
		}
	}
	hash[0] = n.bottom
	if n.edge() > 0 {
		batch(hash[:], [][2]felt.Felt{{n.bottom, segment(&n.key, int(n.from), int(n.depth))}})
		length := felt.FromUint64(uint64(n.edge()))
		hash[0].Add(&hash[0], &length)
	}
	if hash[0] != n.top {
		return fmt.Errorf("%w: an edge at depth %d has the hash %v, want %v", ErrDamaged, n.from, n.top, hash[0])
	}
	return nil
}
