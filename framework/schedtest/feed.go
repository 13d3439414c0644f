package schedtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var feedTests = []test{
	{"empty", func(s *suite, t conform.T) { s.equal(t, play{scene: newScene()}) }},
	{"one transaction", func(s *suite, t conform.T) { s.equal(t, play{scene: counter(1)}) }},
	{"in pieces", feedPieces},
	{"each after the final before", feedOneByOne},
	{"in bursts", feedBursts},
	{"while idle", often(feedIdle)},
	{"closed while idle", feedClosedIdle},
	{"fails at once", func(s *suite, t conform.T) { s.failingFeed(t, 0) }},
	{"fails later", func(s *suite, t conform.T) { s.failingFeed(t, 9) }},
	{"fails wrapped", feedFailsWrapped},
}

// errTest is the error of a part that fails because the test wants it to.
var errTest = errors.New("failure wanted by the test")

// pieces is a feed that hands out a few transactions at a time, and then err, or io.EOF.
type pieces struct {
	txs  []framework.Tx
	size int
	err  error
}

// Next implements [framework.Feed].
func (p *pieces) Next(context.Context) ([]framework.Tx, error) {
	if len(p.txs) == 0 {
		if p.err != nil {
			return nil, p.err
		}
		return nil, io.EOF
	}
	n := min(p.size, len(p.txs))
	txs := make([]framework.Tx, n)
	copy(txs, p.txs)
	p.txs = p.txs[n:]
	return txs, nil
}

// whenIdle returns a Job.Final that calls f soon after transaction last became final, from a goroutine of its own. wait
// waits for it.
func whenIdle(last framework.TxIndex, f func()) (final func([]framework.Final) error, wait func()) {
	var wg sync.WaitGroup
	final = func(finals []framework.Final) error {
		if finals[len(finals)-1].Tx == last {
			wg.Go(func() {
				yield(100)
				f()
			})
		}
		return nil
	}
	return final, wg.Wait
}

// feedPieces: how transactions are cut into slices makes no difference.
func feedPieces(s *suite, t conform.T) {
	for _, size := range []int{1, 2, 7, 100} {
		b := mixed(40)
		s.equal(t, play{scene: b, feed: &pieces{txs: b.txs, size: size}})
	}
}

// feedOneByOne: a transaction becomes final although none comes after it.
func feedOneByOne(s *suite, t conform.T) {
	b := mixed(30)
	q := framework.NewQueue(b.txs[0])
	final := func(f []framework.Final) error {
		if next := int(f[len(f)-1].Tx) + 1; next < len(b.txs) {
			q.Push(b.txs[next])
		} else {
			q.Close()
		}
		return nil
	}
	s.equal(t, play{scene: b, feed: q, end: q.End(), final: final})
}

// feedBursts: transactions arrive while others execute.
func feedBursts(s *suite, t conform.T) {
	b := mixed(60)
	q := framework.NewQueue()
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; i < len(b.txs); i += 6 {
			q.Push(b.txs[i : i+6]...)
			yield(i)
		}
		q.Close()
	})
	defer wg.Wait()
	s.equal(t, play{scene: b, feed: q, end: q.End()})
}

// feedIdle: transactions that arrive when all is executed are executed.
func feedIdle(s *suite, t conform.T) {
	b := mixed(20)
	q := framework.NewQueue(b.txs[:10]...)
	idle, wait := whenIdle(9, func() { q.Push(b.txs[10:]...) })
	defer wait()
	final := func(f []framework.Final) error {
		if f[len(f)-1].Tx == 19 {
			q.Close()
		}
		return idle(f)
	}
	s.equal(t, play{scene: b, feed: q, final: final})
}

// feedClosedIdle: a feed that ends when all is executed ends the block.
func feedClosedIdle(s *suite, t conform.T) {
	b := mixed(10)
	q := framework.NewQueue(b.txs...)
	final, wait := whenIdle(9, q.Close)
	defer wait()
	s.equal(t, play{scene: b, feed: q, final: final})
}

// failingFeed checks that the error of a feed comes back, and that what was handed out before is right.
func (s *suite) failingFeed(t conform.T, after int) {
	t.Helper()
	b := mixed(after)
	s.fails(t, play{scene: b, feed: &pieces{txs: b.txs, size: 2, err: errTest}}, errTest)
}

// fails runs a scene and checks that Run returns want, and that the finals before are those of the oracle.
func (s *suite) fails(t conform.T, p play, want error) result {
	t.Helper()
	read, class := p.base.read, p.base.class
	p.base.read, p.base.class = nil, nil
	finals := p.oracle(t.Context())
	p.base.read, p.base.class = read, class
	r := s.run(t, p)
	if !errors.Is(r.err, want) {
		t.Errorf("Run: error %q does not wrap %q (errors.Is)", fmt.Sprint(r.err), want)
	}
	if len(r.finals) > len(finals) {
		t.Fatalf("%d finals of %d transactions", len(r.finals), len(finals))
	}
	if d := differsAll(finals[:len(r.finals)], r.finals); d != "" {
		t.Errorf("not the result of serial execution: %s", d)
	}
	return r
}

// feedFailsWrapped: io.EOF ends the feed, also wrapped; what is not io.EOF does not.
func feedFailsWrapped(s *suite, t conform.T) {
	b := mixed(5)
	s.fails(t, play{scene: b, feed: &pieces{txs: b.txs, size: 2, err: io.ErrUnexpectedEOF}}, io.ErrUnexpectedEOF)
}
