package schedtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var cancelTests = []test{
	{"before the run", cancelBefore},
	{"while idle", often(cancelIdle)},
	{"while an attempt computes", often(cancelComputing)},
	{"while an attempt waits", often(cancelWaiting)},
	{"while the base is read", cancelReading},
	{"while the host looks", cancelFinal},
	{"at any point", cancelAnywhere},
	{"by its deadline", cancelDeadline},
	{"leaves the scheduler usable", cancelUsable},
}

// checkCancelled checks that a run ended because of its context.
func checkCancelled(t conform.T, r *result, want error) {
	t.Helper()
	if !errors.Is(r.err, want) {
		t.Errorf("Run: error %q does not wrap %q (errors.Is)", fmt.Sprint(r.err), want)
	}
	for i := range r.finals {
		if err := r.finals[i].Fault; err != nil {
			t.Errorf("final %d: the end of the context became the fault %v", i, err)
		}
	}
}

// cancelBefore: a context that has ended before Run is called ends a block that has something in it.
func cancelBefore(s *suite, t conform.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := s.run(t, play{scene: counter(10), ctx: ctx})
	checkCancelled(t, &r, context.Canceled)
}

// cancelIdle: a run that waits for its feed can be cancelled.
func cancelIdle(s *suite, t conform.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := mixed(10)
	defer cancel()
	final, wait := whenIdle(9, cancel)
	defer wait()
	r := s.fails(t, play{scene: b, ctx: ctx, feed: framework.NewQueue(b.txs...), final: final}, context.Canceled)
	if len(r.finals) != 10 {
		t.Errorf("%d finals, want the 10 that were handed out before", len(r.finals))
	}
}

// cancelComputing: an attempt that only asks whether it is aborted is told that the run is over.
func cancelComputing(s *suite, t conform.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := s.run(t, play{ctx: ctx, scene: repeat(8, func(a *attempt) { a.get(key(0)); cancel(); a.spin() })})
	checkCancelled(t, &r, context.Canceled)
}

// cancelWaiting: an attempt that waits for something of its own sees its context end. Run waits for it.
func cancelWaiting(s *suite, t conform.T) {
	const linger = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	r := s.run(t, play{ctx: ctx, scene: repeat(8, func(a *attempt) {
		cancel()
		<-a.ctx.Done()
		a.err = a.ctx.Err()
		<-time.After(linger)
	})})
	checkCancelled(t, &r, context.Canceled)
}

// cancelReading: a base that answers only when the context ends does not hold the run up.
func cancelReading(s *suite, t conform.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := counter(10)
	b.base.read = func(ctx context.Context, _ []framework.Key) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}
	r := s.run(t, play{ctx: ctx, scene: b})
	checkCancelled(t, &r, context.Canceled)
}

// cancelFinal: a run that is cancelled while the host looks at a final hands out no more than it must.
func cancelFinal(s *suite, t conform.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := mixed(500)
	final := func(f []framework.Final) error {
		if f[len(f)-1].Tx >= 5 {
			cancel()
		}
		return nil
	}
	s.fails(t, play{scene: b, ctx: ctx, final: final}, context.Canceled)
}

// cancelAnywhere: whenever the context ends, Run returns its error, and what came out before is right.
func cancelAnywhere(s *suite, t conform.T) {
	for i := range 25 {
		ctx, cancel := context.WithCancel(t.Context())
		b := mixed(30)
		b.vm = &observed{Executor: b.vm, ended: func(v framework.Version) {
			if int(v.Tx) == i && !b.stage.rehearsing() {
				cancel()
			}
		}}
		q := framework.NewQueue(b.txs...) // left open: the run cannot end by itself
		s.fails(t, play{scene: b, ctx: ctx, feed: q}, context.Canceled)
		cancel()
	}
}

// cancelDeadline: a deadline is an end, too.
func cancelDeadline(s *suite, t conform.T) {
	ctx, cancel := context.WithTimeout(t.Context(), maxPatience/10)
	defer cancel()
	b := mixed(10)
	s.fails(t, play{scene: b, ctx: ctx, feed: framework.NewQueue(b.txs...)}, context.DeadlineExceeded)
}

// cancelUsable: a scheduler runs the next block as if nothing had been.
func cancelUsable(s *suite, t conform.T) {
	sched := s.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := s.run(t, play{sched: sched, ctx: ctx, scene: repeat(8, func(a *attempt) { cancel(); a.spin() })})
	checkCancelled(t, &r, context.Canceled)
	s.equal(t, play{sched: sched, scene: mixed(40)})
	s.fails(t, play{sched: sched, scene: mixed(4), final: func([]framework.Final) error { return errTest }}, errTest)
	s.equal(t, play{sched: sched, scene: mixed(40)})
}
