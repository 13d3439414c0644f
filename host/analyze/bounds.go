package analyze

import "time"

// Bounds is what the block allows, and how far the scheduler came.
type Bounds struct {
	WorkUs float64 `json:"work_us"` // of all transactions, one after the other
	// CriticalTxUs is the longest chain of transactions that depend on each other; CriticalReadUs likewise, if each begins
	// at once and waits only at the read concerned.
	CriticalTxUs   float64 `json:"critical_tx_us"`
	CriticalReadUs float64 `json:"critical_read_us"`
	// BoundTx and BoundRead are the speed-ups that these allow with the workers that there were; AnyTx and AnyRead with
	// any number.
	BoundTx   float64 `json:"bound_tx"`
	BoundRead float64 `json:"bound_read"`
	AnyTx     float64 `json:"bound_tx_any_workers"`
	AnyRead   float64 `json:"bound_read_any_workers"`
	// GrahamUs is what any schedule that leaves no worker idle without need takes at most. What takes longer is the
	// scheduler's fault, not the block's.
	GrahamUs float64 `json:"graham_us"`
	Speedup  float64 `json:"speedup"` // work over the time it took
	// Efficiency is the time that the read bound allows over the time it took.
	Efficiency float64 `json:"efficiency"`
	// Waste is the time that attempts took over the work.
	Waste float64 `json:"waste"`
}

func (s *study) bounds(g *graph, t *Time) Bounds {
	critical, _ := g.longest()
	read := g.longestRead()
	b := Bounds{
		WorkUs: micros(g.work), CriticalTxUs: micros(critical), CriticalReadUs: micros(read),
		BoundTx: g.bound(critical, s.workers), BoundRead: g.bound(read, s.workers),
		AnyTx: g.bound(critical, 0), AnyRead: g.bound(read, 0),
		GrahamUs: micros(g.work)/float64(s.workers) + micros(critical)*(1-1/float64(s.workers)),
		Speedup:  ratio(g.work, s.length),
		Waste:    ratio(t.UsefulUs+t.AbortedUs, micros(g.work)),
	}
	b.Efficiency = ratio(b.Speedup, b.BoundRead)
	return b
}

// overhead returns how long a worker is usually without an attempt between two, though the second could have begun: the
// lower quartile, since not only what a transaction depends on holds it up.
func (s *study) overhead() time.Duration {
	var delays []time.Duration
	for _, g := range s.gaps() {
		if g.between {
			delays = append(delays, g.delay)
		}
	}
	return quartile(delays)
}
