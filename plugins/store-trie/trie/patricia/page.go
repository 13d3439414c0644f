package patricia

import (
	"encoding/binary"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// A page is what lies below its first branch; the page of the empty prefix begins with the record of the root instead,
// and goes on with what lies below it if it is a branch of that page. What lies below a branch is
//
//	record of the left child, record of the right child,
//	size of what is below the left child if both children are branches of the page: 2 bytes,
//	what is below the left child if that is a branch of the page, the same of the right one
//
// so a reader that goes left or right need not look at what it leaves aside, and a writer copies that as it is.
//
//	record = kind leaf: 1, path, length of the value, value, top if there is an edge
//	       | kind branch: 0, length of the edge, path, bottom, top if there is an edge
//
// A path is the bits of the edge as a number in as many bytes as it takes. Numbers are big-endian; the value is without
// leading zeros, hashes have 32 bytes.
const (
	kindBranch byte = iota
	kindLeaf
)

// pageID names a page of a trie.
type pageID struct {
	base uint8     // length of the prefix, a multiple of levels
	path felt.Felt // the prefix
}

// pageOf returns the page that the branch n belongs to.
func pageOf(n *node) pageID {
	base := n.base()
	return pageID{base: uint8(base), path: prefix(&n.key, base)}
}

// append appends the name of the page. Names begin with the base, so that the upper pages of a trie lie side by side.
func (id pageID) append(dst []byte) []byte {
	dst = append(dst, id.base)
	left := id.path
	left = shiftLeft(&left, 256-Height) // the first bit becomes the first bit of the first byte
	b := left.Bytes()
	return append(dst, b[:(int(id.base)+7)/8]...)
}

// writer writes pages.
type writer struct {
	buf  []byte
	next []*node // branches of other pages, whose pages were loaded or have to be written
}

// record appends what a parent knows of n.
func (w *writer) record(n *node) {
	if n.leaf() {
		w.buf = append(w.buf, kindLeaf)
	} else {
		w.buf = append(w.buf, kindBranch, byte(n.edge()))
	}
	if n.edge() > 0 {
		seg := segment(&n.key, int(n.from), int(n.depth))
		b := seg.Bytes()
		w.buf = append(w.buf, b[32-(n.edge()+7)/8:]...)
	}
	b := n.bottom.Bytes()
	if n.leaf() {
		skip := 32 - (n.bottom.BitLen()+7)/8
		w.buf = append(w.buf, byte(32-skip))
		w.buf = append(w.buf, b[skip:]...)
	} else {
		w.buf = append(w.buf, b[:]...)
	}
	if n.edge() > 0 {
		w.buf = n.top.AppendBytes(w.buf)
	}
}

// branch appends what of the page of that base lies below the branch n.
func (w *writer) branch(n *node, base int) {
	if n.kids[0] == nil {
		w.buf = append(w.buf, n.raw...)
		return
	}
	left, right := n.kids[0], n.kids[1]
	w.record(left)
	w.record(right)
	sized := left.inside(base) && right.inside(base)
	if sized {
		w.buf = append(w.buf, 0, 0)
	}
	at := len(w.buf)
	w.below(left, base)
	if sized {
		binary.BigEndian.PutUint16(w.buf[at-2:], uint16(len(w.buf)-at)) //nolint:gosec // 126 records of less than 100 bytes
	}
	w.below(right, base)
}

// below appends what of kid belongs to the page of that base, and remembers what belongs to others.
func (w *writer) below(kid *node, base int) {
	switch {
	case kid.leaf():
	case kid.inside(base):
		w.branch(kid, base)
	case kid.touched() || kid.kids[0] != nil:
		w.next = append(w.next, kid)
	}
}

// loadedBelow remembers what was loaded below the branch n, without writing its page.
func (w *writer) loadedBelow(n *node, base int) {
	if n.kids[0] == nil {
		return
	}
	for _, kid := range n.kids {
		switch {
		case kid.leaf():
		case kid.inside(base):
			w.loadedBelow(kid, base)
		case kid.kids[0] != nil:
			w.next = append(w.next, kid)
		}
	}
}

// reader reads parts of a page into nodes of a slab. After an error it returns nodes that mean nothing.
type reader struct {
	buf  []byte
	slab *slab
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
	}
}

func (r *reader) bytes(n int) []byte {
	if len(r.buf) < n {
		r.fail("it ends early")
		return make([]byte, n)
	}
	b := r.buf[:n]
	r.buf = r.buf[n:]
	return b
}

// felt reads a number of n bytes, at most 32.
func (r *reader) felt(n int) (z felt.Felt) {
	var b [32]byte
	copy(b[32-n:], r.bytes(n))
	if err := z.SetBytes(b[:]); err != nil {
		r.fail("%v", err)
	}
	return z
}

// record reads a child whose path begins with path and whose edge begins at depth from.
func (r *reader) record(path felt.Felt, from int) *node {
	n := r.slab.node()
	n.from, n.depth = uint8(from), Height
	switch kind := r.bytes(1)[0]; kind {
	case kindLeaf:
	case kindBranch:
		depth := from + int(r.bytes(1)[0])
		if depth >= Height {
			r.fail("a branch at depth %d", depth)
			depth = from
		}
		n.depth = uint8(depth)
	default:
		r.fail("a node of kind %d", kind)
	}
	n.key = path
	if edge := n.edge(); edge > 0 {
		seg := r.felt((edge + 7) / 8)
		if seg.BitLen() > edge {
			r.fail("a path of %d bits, want %d", seg.BitLen(), edge)
			seg = felt.Felt{}
		}
		n.key = extend(&path, &seg, int(n.depth))
	}
	size := 32
	if n.leaf() {
		if size = int(r.bytes(1)[0]); size > 32 {
			r.fail("a value of %d bytes", size)
			size = 0
		}
	}
	n.bottom = r.felt(size)
	n.top = n.bottom
	if n.edge() > 0 {
		n.top = r.felt(32)
	}
	if n.bottom.IsZero() || n.top.IsZero() {
		r.fail("a node without a hash")
	}
	return n
}

// branch reads the children of the branch n from all that its page says below n.
func (r *reader) branch(n *node, base int) {
	for side := range n.kids {
		path := n.key
		if side == 1 {
			setBit(&path, int(n.depth))
		}
		n.kids[side] = r.record(path, int(n.depth)+1)
	}
	left, right := n.kids[0], n.kids[1]
	switch {
	case left.inside(base) && right.inside(base):
		left.raw = r.bytes(int(binary.BigEndian.Uint16(r.bytes(2))))
		right.raw = r.rest()
	case left.inside(base):
		left.raw = r.rest()
	case right.inside(base):
		right.raw = r.rest()
	}
}

// rest returns what is left.
func (r *reader) rest() []byte { return r.bytes(len(r.buf)) }

// end checks that all is read.
func (r *reader) end() error {
	if len(r.buf) > 0 {
		r.fail("%d bytes too many", len(r.buf))
	}
	return r.err
}
