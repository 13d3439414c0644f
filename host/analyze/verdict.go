package analyze

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
)

// chained is the key that makes most of the critical path.
type chained struct {
	key     framework.Key
	txs     int     // transactions that wait for it on the path, and the first
	ifAdded float64 // what the block would allow without
}

// longestKey returns the key that makes most of the critical path.
func (s *study) longestKey(g *graph) chained {
	_, path := g.longest()
	counts := map[framework.Key]int{}
	var c chained
	for _, i := range path {
		if g.after[i] < 0 {
			continue
		}
		k := g.via[i]
		counts[k]++
		if counts[k]+1 > c.txs {
			c.key, c.txs = k, counts[k]+1
		}
	}
	if c.txs > 0 {
		without := dependencies(s.works, c.key)
		c.ifAdded = without.bound(without.longestRead(), 0)
	}
	return c
}

// verdict says in one sentence what limited the block. A block can be faster than its longest chain: who has read what a
// later attempt writes again did not wait for it.
func verdict(r *Report, c chained) string {
	if r.Txs == 0 {
		return "No transaction became final."
	}
	b := &r.Bounds
	reached := fmt.Sprintf("%.2fx of at most %.2fx with %d workers", b.Speedup, b.BoundRead, r.Workers)
	if r.Workers == 1 {
		reached = fmt.Sprintf("%.2fx with one worker", b.Speedup)
	}
	if b.Efficiency > 1.005 {
		reached += " (guesses came true)"
	}
	switch {
	case c.txs == 0:
		return fmt.Sprintf("No transaction depends on another: %s.", reached)
	case b.AnyRead < float64(r.Workers):
		return fmt.Sprintf("%d transactions are chained by %s: the block allows %.2fx, reached %s; if that were an addition, it would allow %.2fx.",
			c.txs, Name(c.key), b.AnyRead, reached, c.ifAdded)
	case b.Efficiency >= 0.9:
		return fmt.Sprintf("All workers were of use: %s; the block allows %.1fx, its longest chain being %d transactions by %s.",
			reached, b.AnyRead, c.txs, Name(c.key))
	case r.WallUs > b.GrahamUs:
		return fmt.Sprintf("The scheduler lost time: %s, and the block allows %.1fx.", reached, b.AnyRead)
	}
	return fmt.Sprintf("%s; the block allows %.1fx, its longest chain being %d transactions by %s.", reached, b.AnyRead, c.txs, Name(c.key))
}
