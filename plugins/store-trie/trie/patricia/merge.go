package patricia

import (
	"fmt"
	"sort"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// fork is how many updates a subtree must have to be worth a goroutine of its own.
const fork = 256

// Apply merges updates into the trie: sorted by key, each key once, keys below 2^251. It sets Old of each to the value
// that it replaces; one that changes nothing leaves no trace. workers may run at a time. The hashes are out of date
// until a [Hasher] has run.
func (t *Trie) Apply(updates []Update, workers int) error {
	if len(updates) == 0 {
		return nil
	}
	m := merger{trie: t, slab: t.slab, workers: workers}
	root := m.apply(t.root, 0, updates)
	if m.err != nil {
		return fmt.Errorf("trie %x: %w", t.name, m.err)
	}
	if root != nil {
		root.attach(0)
	}
	t.changed = t.changed || root != t.root || root != nil && root.staleTop
	t.root, t.slab = root, m.slab
	t.loaded = append(t.loaded, m.loaded...)
	return nil
}

// merger merges on one goroutine. After an error it returns nodes that mean nothing.
type merger struct {
	trie    *Trie
	slab    slab
	loaded  []loaded
	workers int // how many goroutines it may be, itself included
	err     error
}

// apply returns what takes the place of n, which may be nil, after updates, whose paths agree with that of n up to the
// depth from. The caller attaches it.
func (m *merger) apply(n *node, from int, updates []Update) *node {
	switch {
	case len(updates) == 0 || m.err != nil:
		return n
	case n == nil:
		return m.build(updates)
	}
	at := min(int(n.depth), common(&n.key, &updates[0].Key), common(&n.key, &updates[len(updates)-1].Key))
	switch {
	case at < int(n.depth):
		return m.split(n, at, updates)
	case n.leaf():
		return m.set(n, &updates[0])
	}
	m.load(n)
	if m.err != nil {
		return n
	}
	left, right := cut(updates, at)
	a, b := m.both(n, left, right)
	return m.join(n, a, b)
}

// set changes the value of the leaf n.
func (m *merger) set(n *node, u *Update) *node {
	u.Old = n.bottom
	switch {
	case u.Value.IsZero():
		return nil
	case u.Value != n.bottom:
		n.bottom = u.Value
		n.staleTop = true
	}
	return n
}

// split makes a branch in the edge above n, at a depth where some of the updates leave it.
func (m *merger) split(n *node, at int, updates []Update) *node {
	left, right := cut(updates, at)
	turned := bit(&n.key, at) == 1 // n is on the right
	if turned {
		left, right = right, left
	}
	same, other := m.apply(n, at+1, left), m.build(right)
	switch {
	case other == nil:
		return same
	case same == nil:
		return other
	case !same.leaf() && at/levels == int(same.depth)/levels:
		m.load(same) // its page gets another first branch
	}
	branch := m.branch(&same.key, at)
	if turned {
		return m.join(branch, other, same)
	}
	return m.join(branch, same, other)
}

// build returns the trie of updates alone.
func (m *merger) build(updates []Update) *node {
	switch len(updates) {
	case 0:
		return nil
	case 1:
		if updates[0].Value.IsZero() {
			return nil
		}
		n := m.slab.node()
		n.key, n.bottom, n.depth, n.staleTop = updates[0].Key, updates[0].Value, Height, true
		return n
	}
	at := common(&updates[0].Key, &updates[len(updates)-1].Key)
	left, right := cut(updates, at)
	return m.join(m.branch(&updates[0].Key, at), m.build(left), m.build(right))
}

// branch returns a new branch on the way to key.
func (m *merger) branch(key *felt.Felt, depth int) *node {
	n := m.slab.node()
	n.key, n.depth = prefix(key, depth), uint8(depth)
	n.from = Height // so that attaching makes top stale
	return n
}

// join makes a and b, which may be nil, the children of the branch n and returns it, or what is left of it.
func (m *merger) join(n, a, b *node) *node {
	if a != nil && b != nil {
		if a == n.kids[0] && b == n.kids[1] && !a.staleTop && !b.staleTop {
			return n
		}
		a.attach(int(n.depth) + 1)
		b.attach(int(n.depth) + 1)
		n.kids = [2]*node{a, b}
		n.staleBottom, n.staleTop = true, true
		return n
	}
	rest := a
	if rest == nil {
		rest = b
	}
	if rest != nil && !rest.leaf() && rest.depth/levels == n.depth/levels {
		rest.moved = true // it may be the first branch of the page now
	}
	return rest
}

// cut splits updates at the bit of a depth, up to which they agree.
func cut(updates []Update, depth int) (left, right []Update) {
	i := sort.Search(len(updates), func(i int) bool { return bit(&updates[i].Key, depth) == 1 })
	return updates[:i], updates[i:]
}

// both applies updates to the children of n, at the same time if it is worth it.
func (m *merger) both(n *node, left, right []Update) (a, b *node) {
	from := int(n.depth) + 1
	if m.workers < 2 || len(left) < fork || len(right) < fork {
		return m.apply(n.kids[0], from, left), m.apply(n.kids[1], from, right)
	}
	half := m.workers / 2
	other := merger{trie: m.trie, workers: half}
	m.workers -= half
	done := make(chan struct{})
	go func() {
		defer close(done)
		a = other.apply(n.kids[0], from, left)
	}()
	b = m.apply(n.kids[1], from, right)
	<-done
	m.workers += half
	m.loaded = append(m.loaded, other.loaded...)
	if m.err == nil {
		m.err = other.err
	}
	return a, b
}

// load reads the children of the branch n unless that was done: from the page that n is in, or from the one that it is
// the first of.
func (m *merger) load(n *node) {
	if n.kids[0] != nil {
		return
	}
	raw, base := n.raw, n.base()
	if raw == nil {
		id := pageOf(n)
		var ok bool
		raw, ok, m.err = m.trie.source.Page(m.trie.pageName(id))
		if m.err == nil && !ok {
			m.err = fmt.Errorf("%w: the one at depth %d of %v is missing", ErrDamaged, id.base, id.path)
		}
		if m.err != nil {
			return
		}
		m.loaded = append(m.loaded, loaded{id, raw})
	}
	r := reader{buf: raw, slab: &m.slab}
	r.branch(n, base)
	m.err = r.end()
}
