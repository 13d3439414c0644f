package mempool

import "container/heap"

// heads is a heap of accounts by the transaction that each can hand out next.
type heads struct {
	list   []*account
	before func(a, b *entry) bool
}

var _ heap.Interface = (*heads)(nil)

// Len implements [heap.Interface].
func (h *heads) Len() int { return len(h.list) }

// Less implements [heap.Interface].
func (h *heads) Less(i, j int) bool { return h.before(h.list[i].head(), h.list[j].head()) }

// Swap implements [heap.Interface].
func (h *heads) Swap(i, j int) {
	h.list[i], h.list[j] = h.list[j], h.list[i]
	h.list[i].index, h.list[j].index = i, j
}

// Push implements [heap.Interface].
func (h *heads) Push(x any) {
	a, _ := x.(*account)
	a.index = len(h.list)
	h.list = append(h.list, a)
}

// Pop implements [heap.Interface].
func (h *heads) Pop() any {
	last := len(h.list) - 1
	a := h.list[last]
	h.list = h.list[:last]
	return a
}
