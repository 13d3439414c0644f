package schedtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// play is one run of a scene. Only the scene must be set.
type play struct {
	*scene
	sched    framework.Scheduler // nil: a new one
	ctx      context.Context     // nil: that of the test
	feed     framework.Feed      // nil: all transactions at once
	end      <-chan framework.TxIndex
	final    func([]framework.Final) error
	observer framework.Observer
	wrap     func(framework.Job) framework.Job
}

// result is what a run came to.
type result struct {
	finals []framework.Final
	stats  framework.Stats
	err    error
	guard  *guard
}

// equal runs a scene and checks that the result is the oracle's.
func (s *suite) equal(t conform.T, p play) result {
	t.Helper()
	return s.prefix(t, p, framework.TxIndex(len(p.txs)))
}

// prefix runs a scene and checks that the result is the oracle's up to transaction n.
func (s *suite) prefix(t conform.T, p play, n framework.TxIndex) result {
	t.Helper()
	want := p.oracle(t.Context())
	r := s.run(t, p)
	if r.err != nil {
		t.Fatalf("Run: %v", r.err)
	}
	if d := differsAll(want[:n], r.finals); d != "" {
		t.Errorf("not the result of serial execution: %s", d)
	}
	checkStats(t, &r)
	return r
}

// run runs a scene under guard and looks for what is left when Run has returned.
func (s *suite) run(t conform.T, p play) result {
	t.Helper()
	if p.sched == nil {
		p.sched = s.open(t)
	}
	if p.stage != nil {
		p.stage.patience = s.patience
	}
	if p.ctx == nil {
		p.ctx = t.Context()
	}
	p.wrap = s.wrap(t)
	before := goroutines()
	r := p.start(t, s.Deadline)
	defer r.guard.retire()
	if errors.Is(r.err, errHangs) {
		t.Fatalf("%v", r.err)
	}
	settle(t, before)
	return r
}

// wrap returns what Config.Wrap does in this test.
func (s *suite) wrap(t conform.T) func(framework.Job) framework.Job {
	if s.Wrap == nil {
		return nil
	}
	return func(j framework.Job) framework.Job { return s.Wrap(t, j) }
}

// reporter is told what is wrong.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// errHangs says that a run has not come to an end in time.
var errHangs = errors.New("Run hangs")

// start runs a scene and waits for Run to return, but no longer than until the deadline.
func (p *play) start(rep reporter, deadline time.Duration) result {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	g := newGuard(rep, p.job())
	job := g.job()
	if p.wrap != nil {
		job = p.wrap(job)
	}
	r := result{guard: g}
	done := make(chan struct{})
	var stats framework.Stats
	var err error
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panic: %v", v)
				g.complain("Run panics: %v", v)
			}
		}()
		stats, err = p.sched.Run(ctx, job)
		g.returned()
	}()
	select {
	case <-done:
		r.stats, r.err = stats, err
	case <-time.After(deadline):
		now := g.situation()
		g.retire()
		r.err = fmt.Errorf("%w: it has not returned after %v (Config.Deadline): %s\n%s", errHangs, deadline, now, stacks())
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r.finals = g.finals
	return r
}

// job returns the job of a play as the host would make it.
func (p *play) job() framework.Job {
	j := framework.Job{Block: &p.block, Feed: p.feed, VM: p.vm, Base: p.base, Final: p.final, End: p.end, Observer: p.observer}
	if j.Feed == nil {
		j.Feed = p.queue()
	}
	if j.Final == nil {
		j.Final = func([]framework.Final) error { return nil }
	}
	return j
}

// queue returns a closed feed of all transactions.
func (b *scene) queue() *framework.Queue {
	q := framework.NewQueue(slices.Clone(b.txs)...)
	q.Close()
	return q
}

// goroutines returns how many there are once those that are about to end have ended.
func goroutines() int {
	least := runtime.NumGoroutine()
	for range 3 {
		time.Sleep(100 * time.Microsecond)
		least = min(least, runtime.NumGoroutine())
	}
	return least
}

// settle waits for the goroutines of a run to be gone.
func settle(t reporter, before int) {
	t.Helper()
	const patience = 2 * time.Second
	for start := time.Now(); runtime.NumGoroutine() > before; {
		if time.Since(start) > patience {
			t.Errorf("%d goroutines are left of %d before Run:\n%s", runtime.NumGoroutine(), before, stacks())
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// stacks returns the stacks of all goroutines.
func stacks() []byte {
	buf := make([]byte, 1<<16)
	return buf[:runtime.Stack(buf, true)]
}

// checkStats checks that the statistics of a run without error are possible.
func checkStats(t reporter, r *result) {
	t.Helper()
	if r.stats.Transactions != len(r.finals) {
		t.Errorf("Stats.Transactions = %d, but %d outcomes were handed out", r.stats.Transactions, len(r.finals))
	}
	if r.stats.Executions < uint64(len(r.finals)) {
		t.Errorf("Stats.Executions = %d for %d transactions", r.stats.Executions, len(r.finals))
	}
	if r.stats.Resumptions > r.stats.Executions {
		t.Errorf("Stats.Resumptions = %d of %d executions", r.stats.Resumptions, r.stats.Executions)
	}
}
