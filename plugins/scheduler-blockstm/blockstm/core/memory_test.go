package core

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tidwall/btree"

	"github.com/switchyard-dev/switchyard/framework"
)

// BenchmarkChain compares a sorted slice of entries with a B-tree: a transaction looks for what it reads, puts its
// entry, and the lowest one is removed, as when it becomes final. The length of a chain is at most that of the window.
func BenchmarkChain(b *testing.B) {
	for _, n := range []int{2, 16, 64, 256, 1024, 16384} {
		b.Run(fmt.Sprintf("slice/entries=%d", n), func(b *testing.B) {
			x := &cell{}
			for i := range n {
				x.put(framework.TxIndex(i))
			}
			rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // chooses entries
			for b.Loop() {
				i := framework.TxIndex(rnd.IntN(n))
				if e := x.below(i); e != nil && e.tx >= i {
					b.Fatal(e)
				}
				x.remove(i)
				x.put(i)
			}
		})
		b.Run(fmt.Sprintf("btree/entries=%d", n), func(b *testing.B) {
			tree := btree.NewBTreeGOptions(func(a, b entry) bool { return a.tx < b.tx }, btree.Options{NoLocks: true})
			for i := range n {
				tree.Set(entry{tx: framework.TxIndex(i)})
			}
			rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // chooses entries
			for b.Loop() {
				i := framework.TxIndex(rnd.IntN(n))
				tree.Descend(entry{tx: i - 1}, func(e entry) bool {
					if e.tx >= i {
						b.Fatal(e)
					}
					return false
				})
				tree.Delete(entry{tx: i})
				tree.Set(entry{tx: i})
			}
		})
	}
}

// BenchmarkSearch compares the two ways to look for an entry near the top of a chain.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{4, 16, 64, 256} {
		x := &cell{}
		for i := range n {
			x.put(framework.TxIndex(i))
		}
		b.Run(fmt.Sprintf("one by one/entries=%d", n), func(b *testing.B) {
			for b.Loop() {
				i := len(x.entries)
				for i > 0 && x.entries[i-1].tx >= framework.TxIndex(n/2) {
					i--
				}
			}
		})
		b.Run(fmt.Sprintf("halving/entries=%d", n), func(b *testing.B) {
			for b.Loop() {
				x.search(framework.TxIndex(n / 2))
			}
		})
	}
}
