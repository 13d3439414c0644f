package patricia

import (
	"sync"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// BatchHash sets dst[i] to the hash of pairs[i].
type BatchHash func(dst []felt.Felt, pairs [][2]felt.Felt)

// share is how many hashes of a batch must be there for each goroutine.
const share = 64

// Hasher computes the hashes of tries that are out of date. It keeps its memory from one run to the next.
type Hasher struct {
	batch   BatchHash
	workers int
	levels  [][]*node // by level, the nodes of which one hash is due; see collect
	pairs   [][2]felt.Felt
	hashes  []felt.Felt
	count   int
}

// NewHasher returns a hasher by that hash that uses at most so many goroutines.
func NewHasher(batch BatchHash, workers int) *Hasher {
	return &Hasher{batch: batch, workers: max(workers, 1)}
}

// Count returns how many hashes were computed so far.
func (h *Hasher) Count() int { return h.count }

// Run brings the hashes of all tries up to date. What does not depend on each other is computed as one batch,
// whatever trie it belongs to.
func (h *Hasher) Run(tries ...*Trie) {
	for i := range h.levels {
		h.levels[i] = h.levels[i][:0]
	}
	for _, t := range tries {
		if t.root != nil {
			h.collect(t.root)
		}
	}
	for level := range h.levels {
		h.run(h.levels[level])
	}
}

// collect puts the hashes that are due for n into levels: each one above those that it depends on. It returns the
// level at which the top of n is there. A node that has both hashes due is in the level of its bottom and, if it has
// an edge, in the one above.
func (h *Hasher) collect(n *node) int {
	if !n.staleTop {
		return 0
	}
	level := 0
	if n.staleBottom {
		level = max(h.collect(n.kids[0]), h.collect(n.kids[1]))
		h.add(level, n)
		level++
	}
	if n.edge() > 0 {
		h.add(level, n)
		level++
	} else {
		n.top = n.bottom // of a leaf; that of a branch follows its bottom
		n.staleTop = n.staleBottom
	}
	return level
}

func (h *Hasher) add(level int, n *node) {
	for len(h.levels) <= level {
		h.levels = append(h.levels, nil)
	}
	h.levels[level] = append(h.levels[level], n)
}

// run computes one hash for each of the nodes.
func (h *Hasher) run(nodes []*node) {
	n := len(nodes)
	h.count += n
	if cap(h.pairs) < n {
		h.pairs, h.hashes = make([][2]felt.Felt, n+n/4), make([]felt.Felt, n+n/4)
	}
	workers := min(h.workers, (n+share-1)/share)
	var wait sync.WaitGroup
	for w := 1; w < workers; w++ {
		wait.Go(func() { h.part(nodes, w*n/workers, (w+1)*n/workers) })
	}
	if workers > 0 {
		h.part(nodes, 0, n/workers)
	}
	wait.Wait()
}

// part computes the hashes of nodes[lo:hi].
func (h *Hasher) part(nodes []*node, lo, hi int) {
	pairs, hashes := h.pairs[lo:hi], h.hashes[lo:hi]
	nodes = nodes[lo:hi]
	for i, n := range nodes {
		if n.staleBottom {
			pairs[i] = [2]felt.Felt{n.kids[0].top, n.kids[1].top}
		} else {
			pairs[i] = [2]felt.Felt{n.bottom, segment(&n.key, int(n.from), int(n.depth))}
		}
	}
	h.batch(hashes, pairs)
	for i, n := range nodes {
		n.take(hashes[i])
	}
}

// take takes the next hash that is due.
func (n *node) take(hash felt.Felt) {
	if n.staleBottom {
		n.bottom = hash
		n.staleBottom = false
		n.moved = true // until its page is written
		if n.edge() == 0 {
			n.top = hash
			n.staleTop = false
		}
		return
	}
	length := felt.FromUint64(uint64(n.edge()))
	n.top.Add(&hash, &length)
	n.staleTop = false
}
