package schedtest

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var endTests = []test{
	{"before the run", endBefore},
	{"at zero", func(s *suite, t conform.T) { s.endAt(t, mixed(20), 0) }},
	{"from a final", endFromFinal},
	{"below what is final", endBelowFinal},
	{"from an attempt", endFromAttempt},
	{"beyond what was pushed", endBeyond},
	{"never reached", endNeverReached},
	{"while idle", endIdle},
	{"stops what runs above", often(endStopsAbove)},
	{"leaves nothing of what is above", often(endLeavesNothing)},
	{"without a queue", endWithoutQueue},
}

// mixed returns a block of transactions of all kinds.
func mixed(n int) *scene {
	kinds := []*scene{bank(3, n), failures(n), pointers(n), counter(n)}
	programs := make([]program, n)
	for i := range programs {
		programs[i] = kinds[i%len(kinds)].programs[i]
	}
	return newScene(programs...).with(set(0, word(100)), set(1, word(100)), set(2, word(100)))
}

// endAt runs a block whose end was sent before Run is called.
func (s *suite) endAt(t conform.T, b *scene, n framework.TxIndex) {
	t.Helper()
	end := make(chan framework.TxIndex, 1)
	end <- n
	r := s.prefix(t, play{scene: b, end: end}, n)
	checkForgotten(t, &r)
}

// endBefore: an end sent before the run is obeyed for every n.
func endBefore(s *suite, t conform.T) {
	const size = 12
	for n := range framework.TxIndex(size + 1) {
		t.Run(fmt.Sprint(n), func(t conform.T) { s.endAt(t, mixed(size), n) })
	}
}

// endFromFinal: an end sent by the host while it looks at outcomes is obeyed at once, as far as it can be.
func endFromFinal(s *suite, t conform.T) {
	const size = 16
	for n := framework.TxIndex(1); n <= size; n += 3 {
		b := mixed(size)
		end := make(chan framework.TxIndex, 1)
		handed := framework.TxIndex(0)
		most := framework.TxIndex(size)
		final := func(f []framework.Final) error {
			handed += framework.TxIndex(len(f))
			if len(end) == 0 && most == size && handed > n/2 {
				end <- n
				most = max(n, handed)
			}
			return nil
		}
		s.ended(t, play{scene: b, end: end, final: final}, n, &most)
	}
}

// endBelowFinal: an end below what is final already stops at what was handed out.
func endBelowFinal(s *suite, t conform.T) {
	for n := range framework.TxIndex(4) {
		end := make(chan framework.TxIndex, 1)
		most := framework.TxIndex(0)
		final := func(f []framework.Final) error {
			if last := f[len(f)-1].Tx; last >= 5 && most == 0 {
				most = last + 1
				end <- n
			}
			return nil
		}
		s.ended(t, play{scene: mixed(30), end: end, final: final}, n, &most)
	}
}

// ended runs a block that ends at n and checks that there are at least n finals and no more than most.
func (s *suite) ended(t conform.T, p play, n framework.TxIndex, most *framework.TxIndex) {
	t.Helper()
	want := p.oracle(t.Context())
	r := s.run(t, p)
	if r.err != nil {
		t.Fatalf("Run: %v", r.err)
	}
	got := framework.TxIndex(len(r.finals))
	if got < n || got > *most {
		t.Errorf("%d finals of a block that ends at %d, want no more than %d", got, n, *most)
	}
	if d := differsAll(want[:min(got, framework.TxIndex(len(want)))], r.finals); d != "" {
		t.Errorf("not the result of serial execution: %s", d)
	}
	checkStats(t, &r)
}

// endFromAttempt: an end that is sent while attempts run is obeyed, sooner or later.
func endFromAttempt(s *suite, t conform.T) {
	const n, size = 10, 2000
	end := make(chan framework.TxIndex, 1)
	b := repeat(size, func(a *attempt) {
		a.bump(key(int(a.Tx) % 5))
		if a.Tx == n/2 && a.stage.once("end") {
			end <- n
		}
	})
	most := framework.TxIndex(size / 2)
	s.ended(t, play{scene: b, end: end}, n, &most)
}

// endBeyond: the feed goes on to n, and only then the block ends.
func endBeyond(s *suite, t conform.T) {
	b := mixed(20)
	q := framework.NewQueue(b.txs[:5]...)
	final := func(f []framework.Final) error {
		switch f[len(f)-1].Tx {
		case 4:
			q.EndAt(15)
			q.Push(b.txs[5:9]...)
		case 8:
			q.Push(b.txs[9:]...)
		}
		return nil
	}
	s.prefix(t, play{scene: b, feed: q, end: q.End(), final: final}, 15)
}

// endNeverReached: a feed that ends below n ends the block.
func endNeverReached(s *suite, t conform.T) {
	b := mixed(10)
	q := b.queue()
	q.EndAt(50)
	s.equal(t, play{scene: b, feed: q, end: q.End()})
}

// endIdle: a block can be ended when all is executed and nothing comes.
func endIdle(s *suite, t conform.T) {
	b := mixed(10)
	q := framework.NewQueue(b.txs...)
	final, wait := whenIdle(9, func() { q.EndAt(10) })
	defer wait()
	s.equal(t, play{scene: b, feed: q, end: q.End(), final: final})
}

// endStopsAbove: an attempt above the end that runs until it is aborted is aborted.
func endStopsAbove(s *suite, t conform.T) {
	end := make(chan framework.TxIndex, 1)
	b := newScene(
		func(a *attempt) {
			a.bump(key(0))
			a.await("spinning")
			if a.stage.once("end") {
				end <- 1
			}
		},
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) { // not what serial execution shows
				a.reach("spinning")
				a.spin()
			}
		},
	)
	most := framework.TxIndex(2)
	s.ended(t, play{scene: b, end: end}, 1, &most)
	zero := make(chan framework.TxIndex, 1)
	b = newScene(
		func(a *attempt) {
			if a.await("spinning") && a.stage.once("end") {
				zero <- 0
				a.await("aborted") // so that only the end can abort the other
			}
			a.bump(key(0))
		},
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				a.reach("spinning")
				a.spin()
				a.reach("aborted")
			}
		},
	)
	s.ended(t, play{scene: b, end: zero}, 0, &most)
}

// endLeavesNothing: writes, usage and classes of a transaction above the end are in no final below it.
func endLeavesNothing(s *suite, t conform.T) {
	end := make(chan framework.TxIndex, 1)
	b := newScene(
		func(a *attempt) { a.await("ended"); a.bump(key(0)) },
		func(a *attempt) { a.gets(key(0), key(1)); a.call(word(5)) },
		func(a *attempt) {
			a.put(key(1), word(9))
			a.declare(word(5), "above")
			if a.stage.once("end") {
				end <- 2
			}
		},
	)
	b.vm = endedBy(b, 2)
	most := framework.TxIndex(3)
	s.ended(t, play{scene: b, end: end}, 2, &most)
}

// endWithoutQueue: the scheduler obeys the end by itself; the feed need not stop at it.
func endWithoutQueue(s *suite, t conform.T) {
	b := mixed(40)
	end := make(chan framework.TxIndex, 1)
	end <- 7
	s.prefix(t, play{scene: b, feed: &pieces{txs: b.txs, size: 3}, end: end}, 7)
}
