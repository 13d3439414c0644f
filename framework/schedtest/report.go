package schedtest

import (
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var reportTests = []test{
	{"no observer", func(s *suite, t conform.T) { s.equal(t, play{scene: mixed(20)}) }},
	{"events are plausible", reportEvents},
	{"events of a block that ends early", reportEnded},
	{"statistics", reportStats},
	{"statistics of a failed run", reportFailed},
}

// recorder keeps events.
type recorder struct {
	mu     sync.Mutex
	events []framework.Event // guarded by mu
}

// Observe implements [framework.Observer].
func (r *recorder) Observe(e *framework.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, *e)
	*e = framework.Event{} // it is valid until Observe returns; who emits it must not need it afterwards
}

// check checks that events could have happened, and that they tell of all finals.
func (r *recorder) check(t conform.T, finals int) {
	t.Helper()
	began := map[framework.Version]bool{}
	final := map[framework.TxIndex]bool{}
	for i, e := range r.events {
		if e.At < 0 || e.At > time.Hour || e.Worker < 0 || e.Kind > framework.Stopped || e.Cause > framework.Cancelled {
			t.Errorf("event %d is impossible: %+v", i, e)
		}
		switch e.Kind {
		case framework.Started, framework.Resumed:
			if final[e.Version.Tx] {
				t.Errorf("attempt %v begins when the transaction is final", e.Version)
			}
			began[e.Version] = true
			continue
		case framework.Finalized:
			if final[e.Version.Tx] {
				t.Errorf("transaction %d becomes final twice", e.Version.Tx)
			}
			final[e.Version.Tx] = true
		case framework.Aborted:
			if e.Cause == framework.NoCause {
				t.Errorf("attempt %v is aborted without a cause", e.Version)
			}
		}
		if !began[e.Version] {
			t.Errorf("event %d of attempt %v, which has not begun: %+v", i, e.Version, e)
		}
	}
	if len(final) != finals {
		t.Errorf("events tell of %d finals, want %d", len(final), finals)
	}
}

// reportEvents: events are facts: nothing happens to an attempt before it began, each final is told of once.
func reportEvents(s *suite, t conform.T) {
	for _, b := range []*scene{mixed(40), counter(40), s.torn(func(a *attempt) { a.err = errTest })} {
		rec := new(recorder)
		r := s.equal(t, play{scene: b, observer: rec})
		rec.check(t, len(r.finals))
	}
}

// reportEnded: the same when a block ends early.
func reportEnded(s *suite, t conform.T) {
	end := make(chan framework.TxIndex, 1)
	end <- 9
	rec := new(recorder)
	r := s.prefix(t, play{scene: mixed(40), observer: rec, end: end}, 9)
	rec.check(t, len(r.finals))
}

// reportStats: statistics count what happened; the guard has counted attempts.
func reportStats(s *suite, t conform.T) {
	for _, b := range []*scene{mixed(40), counter(40), adders(40), newScene()} {
		r := s.equal(t, play{scene: b})
		began := uint64(0)
		for _, h := range r.guard.txs {
			began += uint64(h.incarnation)
		}
		if r.stats.Executions != began {
			t.Errorf("Stats.Executions = %d, but %d attempts began", r.stats.Executions, began)
		}
		if r.stats.Resumptions != 0 {
			t.Errorf("Stats.Resumptions = %d with a VM that cannot resume", r.stats.Resumptions)
		}
	}
}

// reportFailed: statistics count up to the error.
func reportFailed(s *suite, t conform.T) {
	final := func(f []framework.Final) error {
		if f[len(f)-1].Tx >= 5 {
			return errTest
		}
		return nil
	}
	r := s.fails(t, play{scene: mixed(40), final: final}, errTest)
	if r.stats.Transactions != len(r.finals) {
		t.Errorf("Stats.Transactions = %d, but %d outcomes were handed out", r.stats.Transactions, len(r.finals))
	}
}
