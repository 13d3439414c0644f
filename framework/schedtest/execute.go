package schedtest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var executeTests = []test{
	{"outcome is reset", often(executeReset)},
	{"outcome is not shared", executePrivate},
	{"incarnations count attempts", executeIncarnations},
	{"transaction and mode as fed", executeModes},
	{"job is not changed", executeJob},
	{"context of the run", executeContext},
	{"only what the feed hands out", executeFed},
}

// executeReset: an attempt finds an empty outcome, whatever the one before left in it. The guard looks, too.
func executeReset(s *suite, t conform.T) {
	s.meanwhile(t, word(5), func(a *attempt) {
		if a.get(key(0)) == (framework.Word{}) {
			a.out.Status = framework.Reverted
			a.out.Usage.Counters = append(a.out.Usage.Counters, 100, 200, 300)
			a.out.Usage.Once = append(a.out.Usage.Once, framework.Charge{Key: key(9)})
			a.put(key(3), word(3))
			a.out.Classes = append(a.out.Classes, framework.Class{Hash: word(3)})
			a.say("left behind")
		}
	})
	s.equal(t, play{scene: mixed(60)})
}

// executePrivate: attempts that run or wait for their turn at the same time have outcomes of their own.
func executePrivate(s *suite, t conform.T) {
	var mu sync.Mutex
	inUse := map[*framework.Outcome]framework.Version{}
	b := repeat(40, func(a *attempt) {
		mu.Lock()
		if other, ok := inUse[a.out]; ok && a.stage.parallel() {
			a.err = fmt.Errorf("attempts %v and %v have the same outcome", a.Version, other)
		}
		inUse[a.out] = a.Version
		mu.Unlock()
		if a.Tx < 8 && a.Tx%2 == 0 {
			a.await(fmt.Sprint(a.Tx + 1))
		}
		a.reach(fmt.Sprint(a.Tx))
		for range a.Tx % 5 {
			a.bump(key(int(a.Tx)))
		}
		mu.Lock()
		delete(inUse, a.out)
		mu.Unlock()
	})
	s.equal(t, play{scene: b})
}

// executeIncarnations: attempts of a transaction are numbered from 0 without gaps; the guard counts.
func executeIncarnations(s *suite, t conform.T) {
	s.meanwhile(t, word(5), func(a *attempt) { a.bump(key(0)) }, func(a *attempt) { a.bump(key(0)) })
	s.equal(t, play{scene: counter(60)})
}

// executeModes: an attempt is given the transaction of the feed, with its mode; the guard compares.
func executeModes(s *suite, t conform.T) {
	b := repeat(16, func(a *attempt) { a.say("%x %b %x", a.tx.ID, a.tx.Mode, a.tx.Body) })
	for i := range b.txs {
		b.txs[i].Mode = framework.Mode(i % 3)
		if i%2 == 1 {
			b.txs[i].Mode |= framework.Query | framework.SkipValidate
		}
	}
	s.equal(t, play{scene: b})
}

// executeJob: blocks, bodies and headers are nobody's to change.
func executeJob(s *suite, t conform.T) {
	b := adders(30)
	b.block.Start = []framework.Write{set(3, word(3)), set(4, word(4))}
	b.block.Capacity = []uint64{5, 6}
	start, capacity, header := slices.Clone(b.block.Start), slices.Clone(b.block.Capacity), bytes.Clone(b.block.Header)
	s.equal(t, play{scene: b})
	if !slices.Equal(start, b.block.Start) || !slices.Equal(capacity, b.block.Capacity) || !bytes.Equal(header, b.block.Header) {
		t.Errorf("the block was changed: %+v", b.block)
	}
	for i, tx := range b.txs {
		if tx.ID != word(uint64(1000+i)) || !bytes.Equal(tx.Body, []byte{byte(i), 0}) || tx.Mode != framework.SkipFee {
			t.Errorf("transaction %d was changed: %+v", i, tx)
		}
	}
}

// executeContext: the context of attempts ends with that of the run.
func executeContext(s *suite, t conform.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := newScene(func(a *attempt) {
		cancel()
		<-a.ctx.Done()
		a.err = a.ctx.Err()
	})
	r := s.run(t, play{scene: b, ctx: ctx})
	checkCancelled(t, &r, context.Canceled)
}

// executeFed: no attempt is made of a transaction that has not arrived; the guard looks.
func executeFed(s *suite, t conform.T) {
	b := mixed(20)
	s.equal(t, play{scene: b, feed: &pieces{txs: b.txs, size: 1}})
}
