package patricia

import "github.com/switchyard-dev/switchyard/framework/felt"

// node is a branch or a leaf with the edge above it.
type node struct {
	key    felt.Felt // the path to the node
	bottom felt.Felt // below the edge: the value of a leaf, the hash of a branch
	top    felt.Felt // above the edge
	kids   [2]*node  // of a branch that is loaded
	raw    []byte    // of a branch that is not, what its page says below it; nil if it is the first of a page that is not read
	depth  uint8     // Height for a leaf
	from   uint8     // where the edge begins: 0 for the root, else one below the parent

	staleBottom bool // bottom is out of date; top is then too
	staleTop    bool
	moved       bool // the page of the branch has to be written although bottom is up to date
}

func (n *node) leaf() bool { return n.depth == Height }

// edge returns the length of the edge.
func (n *node) edge() int { return int(n.depth) - int(n.from) }

// base returns the depth at which the page of the branch n begins.
func (n *node) base() int { return int(n.depth) / levels * levels }

// inside reports whether n is a branch of a page that begins at a depth above it.
func (n *node) inside(base int) bool { return !n.leaf() && int(n.depth) < base+levels }

// attach makes from the depth at which the edge of n begins.
func (n *node) attach(from int) {
	if int(n.from) != from {
		n.from = uint8(from)
		n.staleTop = true
	}
}

// touched reports whether the page of the branch n has to be written.
func (n *node) touched() bool { return n.staleBottom || n.moved }

// chunk is how many nodes are allocated at a time.
const chunk = 256

// slab allocates nodes.
type slab []node

func (s *slab) node() *node {
	if len(*s) == 0 {
		*s = make([]node, chunk)
	}
	n := &(*s)[0]
	*s = (*s)[1:]
	return n
}
