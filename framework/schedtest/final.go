package schedtest

import (
	"context"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var finalTests = []test{
	{"in order without gaps", finalOrder},
	{"as soon as they are", finalEarly},
	{"error stops the run", finalError},
	{"error at the last", finalErrorLast},
	{"one call at a time", often(finalAlone)},
	{"does not change while the host looks", often(finalStable)},
}

// finalOrder: transactions that end in the opposite order come out in the order of the feed.
func finalOrder(s *suite, t conform.T) {
	const size = 6
	b := repeat(size, func(a *attempt) {
		if a.Tx%2 == 0 {
			a.await(fmt.Sprint(a.Tx + 1)) // the one above ends first
		}
		a.bump(key(int(a.Tx)))
		a.reach(fmt.Sprint(a.Tx))
	})
	s.equal(t, play{scene: b})
	s.equal(t, play{scene: independent(300)})
}

// finalEarly: an outcome is handed out when the transactions up to it are final, not when the block ends. A
// transaction waits for the final of one far below it.
func finalEarly(s *suite, t conform.T) {
	const size = 200
	b := repeat(size, func(a *attempt) {
		if a.Tx == size-1 && a.stage.parallel() && !a.await("first final") {
			a.say("no outcome was handed out")
		}
		a.bump(key(int(a.Tx)))
	})
	final := func([]framework.Final) error { b.stage.reach("first final"); return nil }
	s.equal(t, play{scene: b, final: final})
}

// finalError: the error of the host ends the run and comes back.
func finalError(s *suite, t conform.T) {
	for _, at := range []framework.TxIndex{0, 1, 17} {
		b := mixed(40)
		final := func(f []framework.Final) error {
			if f[len(f)-1].Tx >= at {
				return fmt.Errorf("host: %w", errTest)
			}
			return nil
		}
		s.fails(t, play{scene: b, final: final}, errTest)
	}
}

// finalErrorLast: the error counts, too, if nothing is left to do.
func finalErrorLast(s *suite, t conform.T) {
	b := counter(3)
	final := func(f []framework.Final) error {
		if f[len(f)-1].Tx == 2 {
			return errTest
		}
		return nil
	}
	s.fails(t, play{scene: b, final: final}, errTest)
}

// finalAlone: while the host is busy with one call, others wait. The host stays until further attempts have run.
func finalAlone(s *suite, t conform.T) {
	s.equal(t, s.busyHost(mixed(60)))
}

// busyHost returns a run whose host, in each of its first calls, waits for attempts of higher transactions.
func (s *suite) busyHost(b *scene) play {
	calls := 0
	b.vm = &observed{Executor: b.vm, ended: func(v framework.Version) { b.stage.reach(fmt.Sprint("ended ", v.Tx)) }}
	final := func(f []framework.Final) error {
		if calls++; calls <= 3 && b.stage.parallel() {
			next := min(int(f[len(f)-1].Tx)+2, len(b.txs)-1)
			b.stage.await(context.Background(), fmt.Sprint("ended ", next))
		}
		return nil
	}
	return play{scene: b, final: final}
}

// observed is an executor that says when an attempt has ended.
type observed struct {
	framework.Executor
	ended func(v framework.Version)
}

// Execute implements [framework.Executor].
func (o *observed) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	defer o.ended(v)
	return o.Executor.Execute(ctx, tx, v, view, out)
}

// finalStable: what a final points to stays as it is until the host has returned, though attempts go on.
func finalStable(s *suite, t conform.T) {
	s.equal(t, s.busyHost(independent(60)))
	s.equal(t, s.busyHost(adders(60)))
}
