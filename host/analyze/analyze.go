// Package analyze says what a scheduler made of a block: when which attempt ran, which of them were in vain and why, what
// the transactions wait for, what the block allows, and how far the scheduler came. It works on a recorded
// [trace.Block], and its results depend on nothing else.
package analyze

import (
	"context"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
)

// Report is what was found out about one block. Times are in microseconds.
type Report struct {
	Label     string                `json:"label,omitempty"`
	Scheduler string                `json:"scheduler"`
	Placement string                `json:"placement,omitempty"`
	Block     framework.BlockNumber `json:"block"`
	Txs       int                   `json:"txs"`
	Workers   int                   `json:"workers"`
	Attempts  int                   `json:"attempts"`
	// Dropped is how many events are missing: then all that follows is only about the rest.
	Dropped uint64  `json:"dropped_events,omitempty"`
	WallUs  float64 `json:"wall_us"`
	CPUUs   float64 `json:"cpu_us,omitempty"`

	// Verdict says it in one sentence.
	Verdict string   `json:"verdict"`
	Time    Time     `json:"worker_time"`
	Bounds  Bounds   `json:"bounds"`
	Aborts  []Abort  `json:"aborts"`
	Causes  []Total  `json:"aborts_by_cause"`
	HotKeys []HotKey `json:"hot_keys"`
	Graph   Graph    `json:"graph"`
	Chart   Chart    `json:"chart"`
	// Scaling is what a simulation predicts; empty without a simulator.
	Scaling []Scaled `json:"scaling,omitempty"`
}

// Config says what to find out beside what the trace says.
type Config struct {
	// Simulator predicts other schedules. It may be nil.
	Simulator trace.Simulator
	// Hinted is for how many transactions in a hundred the predictions assume known accesses.
	Hinted int
	// Workers are the numbers of workers to predict for.
	Workers []int
}

// study is a block while it is looked at.
type study struct {
	Config
	block    *trace.Block
	attempts []*trace.Attempt
	works    []trace.Work
	graph    *graph
	length   time.Duration
	workers  int
}

// Block analyses a block.
func Block(ctx context.Context, b *trace.Block, c Config) (*Report, error) {
	s := &study{Config: c, block: b, attempts: b.Attempts(), length: b.Length(), workers: max(b.Workers(), 1)}
	s.works = trace.Works(s.attempts)
	r := &Report{
		Label: b.Label, Scheduler: b.Scheduler, Placement: b.Placement, Block: b.Number, Txs: len(s.works), Workers: s.workers,
		Attempts: len(s.attempts), Dropped: b.Dropped, WallUs: micros(s.length), CPUUs: micros(b.CPU),
	}
	g := dependencies(s.works)
	s.graph = g
	parts := s.parts()
	r.Time = s.time(parts)
	r.Bounds = s.bounds(g, &r.Time)
	r.Aborts = s.aborts(parts)
	r.Causes = totals(r.Aborts)
	r.Graph = g.report(s.works)
	r.Chart = s.chart(parts)
	if err := s.predict(ctx, r); err != nil {
		return nil, err
	}
	var err error
	if r.HotKeys, err = s.hotKeys(ctx, g, r.Aborts); err != nil {
		return nil, err
	}
	r.Verdict = verdict(r, s.longestKey(g))
	return r, nil
}

// micros returns a duration in microseconds.
func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// ratio returns a/b, 0 if b is 0.
func ratio[T ~int64 | ~float64](a, b T) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// part is what became of an attempt: so much of its time, from its beginning, counted for the transaction's outcome.
type part struct {
	*trace.Attempt
	useful time.Duration
}

// parts tells for each attempt how much of it was of use. Of one that was given up, that is what the next one took over, if that
// in turn was of use.
func (s *study) parts() []part {
	parts := make([]part, len(s.attempts))
	next := map[framework.TxIndex]time.Duration{} // by transaction: up to which offset its later attempts use what was before
	for i, a := range slices.Backward(s.attempts) {
		limit, later := next[a.Version.Tx]
		switch {
		case !later && a.Final:
			limit = a.Kept + a.Ran()
		case !later:
			limit = 0
		}
		parts[i] = part{a, min(max(limit-a.Kept, 0), a.Ran())}
		next[a.Version.Tx] = min(limit, a.Kept)
	}
	return parts
}

// Time is how the workers spent their time, which adds up to Total: workers times the time that the block took.
type Time struct {
	UsefulUs  float64 `json:"useful_us"`  // with what counted in the end
	AbortedUs float64 `json:"aborted_us"` // with attempts, or parts of them, that were in vain
	ParkedUs  float64 `json:"parked_us"`  // with nothing, after the attempt there had parked, until that went on
	IdleUs    float64 `json:"idle_us"`    // with nothing else, or with what events do not tell of
	TotalUs   float64 `json:"total_us"`
}

// time adds up what the workers did.
func (s *study) time(parts []part) Time {
	var t Time
	for _, p := range parts {
		t.UsefulUs += micros(p.useful)
		t.AbortedUs += micros(p.Ran() - p.useful)
	}
	for _, gap := range s.gaps() {
		t.ParkedUs += micros(gap.parked)
		t.IdleUs += micros(gap.length - gap.parked)
	}
	t.TotalUs = micros(s.length) * float64(s.workers)
	return t
}

// gap is a time when a worker had no attempt.
type gap struct {
	length, parked time.Duration
	between        bool // after an attempt had ended, and before another one
	// delay is how long the one that follows could have begun already: all that it depends on had ended.
	delay time.Duration
}

// stretch is a span of an attempt, until when that waited if it parked then, and from when on it could have begun, if it is
// known.
type stretch struct {
	trace.Span
	parked, ready time.Duration
}

// ready returns, for each transaction, when all that it depends on had ended.
func (s *study) ready() map[framework.TxIndex]time.Duration {
	ended := map[framework.TxIndex]time.Duration{}
	for _, a := range s.attempts {
		if n := len(a.Spans); n > 0 && a.Final {
			ended[a.Version.Tx] = a.Spans[n-1].To
		}
	}
	ready := map[framework.TxIndex]time.Duration{}
	for _, e := range s.graph.edges {
		to := framework.TxIndex(e.to)
		ready[to] = max(ready[to], ended[framework.TxIndex(e.from)])
	}
	return ready
}

// gaps returns all times when a worker had no attempt.
func (s *study) gaps() []gap {
	lanes := make([][]stretch, s.workers)
	ready := s.ready()
	for _, a := range s.attempts {
		for n, span := range a.Spans {
			x := stretch{Span: span}
			if n == 0 {
				x.ready = ready[a.Version.Tx]
			}
			if n < len(a.Waits) {
				x.parked = a.Waits[n].To
				if x.parked <= a.Waits[n].From {
					x.parked = s.length // it never went on
				}
			}
			lanes[span.Worker] = append(lanes[span.Worker], x)
		}
	}
	var gaps []gap
	for _, lane := range lanes {
		slices.SortStableFunc(lane, func(a, b stretch) int { return int(a.From - b.From) })
		at, parked, begun := time.Duration(0), time.Duration(0), false
		for _, x := range append(lane, stretch{Span: trace.Span{From: s.length, To: s.length}}) {
			g := gap{length: max(x.From-at, 0), between: begun && parked == 0 && x.From < s.length}
			g.parked = min(max(min(parked, x.From)-at, 0), g.length)
			g.delay = g.length
			if x.ready <= x.From {
				g.delay = min(g.delay, x.From-x.ready)
			}
			gaps = append(gaps, g)
			at, parked, begun = max(at, x.To), x.parked, true
		}
	}
	return gaps
}
