package analyze

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
)

// Abort is an attempt that was given up.
type Abort struct {
	Tx          framework.TxIndex     `json:"tx"`
	Incarnation framework.Incarnation `json:"incarnation"`
	Cause       string                `json:"cause"`
	Key         string                `json:"key,omitempty"`
	Writer      framework.TxIndex     `json:"writer"` // -1 if nobody's write was the cause
	AtUs        float64               `json:"at_us"`
	WastedUs    float64               `json:"wasted_us"`

	key framework.Key
}

// causes are the names of the causes.
var causes = [...]string{
	framework.NoCause:      "unknown",
	framework.ValueChanged: "value changed",
	framework.WaitsFor:     "waits for an estimate",
	framework.FoldFailed:   "addition does not fit",
	framework.BlockEnded:   "block ended",
	framework.Cancelled:    "cancelled",
}

// causedByKey reports whether a key was the cause.
func causedByKey(c framework.Cause) bool {
	return c == framework.ValueChanged || c == framework.WaitsFor
}

// aborts returns the attempts that were given up, in the order in which they began.
func (s *study) aborts(parts []part) []Abort {
	var all []Abort
	for _, p := range parts {
		if p.Cause == framework.NoCause {
			continue
		}
		a := Abort{
			Tx: p.Version.Tx, Incarnation: p.Version.Inc, Cause: causes[p.Cause], Writer: framework.NoTx,
			AtUs: micros(p.At), WastedUs: micros(p.Ran() - p.useful),
		}
		if causedByKey(p.Cause) {
			a.key, a.Key, a.Writer = p.Key, Name(p.Key), p.Writer.Tx
		}
		all = append(all, a)
	}
	return all
}

// Total adds up aborts that have something in common.
type Total struct {
	Name     string  `json:"name"`
	Count    int     `json:"count"`
	WastedUs float64 `json:"wasted_us"`
}

// totals adds up by cause, the most wasteful first.
func totals(aborts []Abort) []Total {
	var all []Total
	for i := range aborts {
		n := slices.IndexFunc(all, func(t Total) bool { return t.Name == aborts[i].Cause })
		if n < 0 {
			n = len(all)
			all = append(all, Total{Name: aborts[i].Cause})
		}
		all[n].Count++
		all[n].WastedUs += aborts[i].WastedUs
	}
	slices.SortFunc(all, func(a, b Total) int {
		return cmp.Or(cmp.Compare(b.WastedUs, a.WastedUs), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// HotKey is a cell for which transactions wait.
type HotKey struct {
	Key    string `json:"key"`
	Reads  int    `json:"reads"`
	Writes int    `json:"writes"`
	Adds   int    `json:"adds"`
	// Dependencies counts transactions that read what another one of the block wrote there, Critical those among them
	// on the critical path.
	Dependencies int     `json:"dependencies"`
	Critical     int     `json:"on_critical_path"`
	Aborts       int     `json:"aborts"`
	WastedUs     float64 `json:"wasted_us"`
	// IfAddedTx and IfAddedRead are what the block would allow, with any number of workers, if nobody read the cell
	// and all that change it added to it.
	IfAddedTx   float64 `json:"if_added_bound_tx"`
	IfAddedRead float64 `json:"if_added_bound_read"`
	// IfAddedSpeedup is what a simulation predicts for that case, with 16 workers; 0 without one.
	IfAddedSpeedup float64 `json:"if_added_speedup_16,omitempty"`
}

// mostHot is how many keys are looked at closely; whatIfWorkers the number of workers of their predictions.
const (
	mostHot       = 12
	whatIfWorkers = 16
)

// hotKeys returns the keys with the most dependencies and aborts.
func (s *study) hotKeys(ctx context.Context, g *graph, aborts []Abort) ([]HotKey, error) {
	byKey := map[framework.Key]*HotKey{}
	at := func(k framework.Key) *HotKey {
		h := byKey[k]
		if h == nil {
			h = &HotKey{}
			byKey[k] = h
		}
		return h
	}
	for _, e := range g.edges {
		at(e.key).Dependencies++
	}
	for i := range aborts {
		if aborts[i].Key != "" {
			h := at(aborts[i].key)
			h.Aborts++
			h.WastedUs += aborts[i].WastedUs
		}
	}
	_, critical := g.longest()
	for _, i := range critical {
		if g.after[i] >= 0 {
			at(g.via[i]).Critical++
		}
	}
	s.accesses(byKey)
	var all []HotKey
	for _, k := range hottest(byKey) {
		h := byKey[k]
		h.Key = Name(k)
		if err := s.whatIf(ctx, h, k); err != nil {
			return nil, err
		}
		all = append(all, *h)
	}
	return all, nil
}

// accesses counts who touches the keys.
func (s *study) accesses(byKey map[framework.Key]*HotKey) {
	for i := range s.works {
		w := &s.works[i]
		for _, r := range w.Reads {
			if h := byKey[r.Key]; h != nil {
				h.Reads++
			}
		}
		for _, k := range w.Writes {
			if h := byKey[k]; h != nil {
				h.Writes++
			}
		}
		for _, k := range w.Adds {
			if h := byKey[k]; h != nil {
				h.Adds++
			}
		}
	}
}

// hottest returns the keys with the most dependencies, and of those alike the ones with the most aborts.
func hottest(byKey map[framework.Key]*HotKey) []framework.Key {
	var keys []framework.Key
	for k := range byKey {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b framework.Key) int {
		x, y := byKey[a], byKey[b]
		return cmp.Or(
			cmp.Compare(y.Critical, x.Critical), cmp.Compare(y.Dependencies, x.Dependencies),
			cmp.Compare(y.Aborts, x.Aborts), a.Compare(b),
		)
	})
	return keys[:min(len(keys), mostHot)]
}

// whatIf finds out what would be if a key were only added to.
func (s *study) whatIf(ctx context.Context, h *HotKey, k framework.Key) error {
	g := dependencies(s.works, k)
	critical, _ := g.longest()
	h.IfAddedTx, h.IfAddedRead = g.bound(critical, 0), g.bound(g.longestRead(), 0)
	if s.Simulator == nil {
		return nil
	}
	p, err := s.simulate(ctx, without(s.works, k), s.bestPolicy(), whatIfWorkers)
	h.IfAddedSpeedup = ratio(g.work, p.Makespan)
	return err
}

// without returns transactions that do not touch a key.
func without(works []trace.Work, k framework.Key) []trace.Work {
	all := slices.Clone(works)
	for i := range all {
		w := &all[i]
		w.Reads = slices.DeleteFunc(slices.Clone(w.Reads), func(r trace.Access) bool { return r.Key == k })
		w.Writes = slices.DeleteFunc(slices.Clone(w.Writes), func(x framework.Key) bool { return x == k })
	}
	return all
}

// quartile returns the lower quartile, 0 of nothing.
func quartile(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/4]
}
