package schedtest

import (
	"math"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var addTests = []test{
	{"folded in finals", addFolded},
	{"carried", addCarried},
	{"read by a later transaction", addRead},
	{"read while it changes", often(addReadStale)},
	{"read half", addHalf},
	{"read by the same transaction", addOwnRead},
	{"to what is written", addWritten},
	{"does not hide a write from readers above", often(addShield)},
	{"of a rejected transaction vanishes", addRejected},
	{"of an earlier attempt vanishes", often(addPhantom)},
	{"several pairs", addPairs},
	{"crosswise pairs", addCrosswise},
	{"that does not fit", addOverflow},
	{"that does not fit in the base", addOverflowBase},
	{"that does not fit because of those below", often(addOverflowBelow)},
	{"that seemed not to fit", often(addOverflowUndone)},
	{"that seemed not to fit and is not made", often(addOverflowDropped)},
	{"that does not fit twice", addOverflowTwice},
}

// The balance that most tests add to.
var (
	lowKey  = framework.Key{Space: 3, Slot: word(1)}
	highKey = framework.Key{Space: 3, Slot: word(2)}
)

// most is the largest half of a balance.
var most = framework.Word{math.MaxUint64, math.MaxUint64}

// give returns a program that adds to the balance.
func give(n uint64) program { return func(a *attempt) { a.add(lowKey, highKey, word(n)) } }

// look is a program that reads the balance.
func look(a *attempt) { a.gets(lowKey, highKey) }

// adders returns a block of many transactions that add and some that read.
func adders(n int) *scene {
	return repeat(n, func(a *attempt) {
		if a.Tx%10 == 9 {
			look(a)
			return
		}
		a.bump(key(int(a.Tx)))
		a.add(lowKey, highKey, word(uint64(a.Tx)))
	})
}

// addFolded: finals hold the cells with their values, the outcomes the additions.
func addFolded(s *suite, t conform.T) {
	b := repeat(30, give(3)).with(framework.Write{Key: lowKey, Value: word(100)})
	r := s.equal(t, play{scene: b})
	for i := range r.finals {
		f := &r.finals[i]
		want := framework.Write{Key: lowKey, Value: word(100 + 3*uint64(i+1))}
		if len(f.Writes) != 2 || f.Writes[0] != want {
			t.Fatalf("final %d: folded writes %v, want %v first", i, f.Writes, want)
		}
	}
	s.equal(t, play{scene: adders(100)})
}

// addCarried: the lower half carries into the upper.
func addCarried(s *suite, t conform.T) {
	b := newScene(give(1), look, give(math.MaxUint64), func(a *attempt) {
		a.add(lowKey, highKey, framework.Word{math.MaxUint64, math.MaxUint64, 5})
	}, look).with(framework.Write{Key: lowKey, Value: most})
	s.equal(t, play{scene: b})
}

// addRead: a reader sees all additions below it.
func addRead(s *suite, t conform.T) {
	b := newScene(give(1), give(2), look, give(4), func(a *attempt) {
		w := a.gets(lowKey, highKey)
		a.put(key(0), w[0])
	}, give(8), look)
	s.equal(t, play{scene: b})
}

// addReadStale: a reader runs again if an addition below it changes, or comes late.
func addReadStale(s *suite, t conform.T) {
	reader := func(a *attempt) { look(a); a.reach("read") }
	s.equal(t, play{scene: newScene(
		func(a *attempt) { a.await("read"); a.put(key(0), word(6)) },
		func(a *attempt) { a.add(lowKey, highKey, a.get(key(0))) },
		give(1000),
		reader,
	)})
	s.equal(t, play{scene: newScene(
		func(a *attempt) { a.await("read"); a.add(lowKey, highKey, word(100)) },
		give(1000),
		reader,
	)})
}

// addHalf: each half of a balance can be read and written alone.
func addHalf(s *suite, t conform.T) {
	b := newScene(
		give(math.MaxUint64),
		func(a *attempt) { a.add(lowKey, highKey, framework.Word{1, math.MaxUint64, 0, 3}) },
		func(a *attempt) { a.get(highKey) },
		func(a *attempt) { a.get(lowKey) },
		func(a *attempt) { a.put(highKey, word(9)) },
		give(2),
		look,
		func(a *attempt) { a.put(lowKey, most) },
		give(2),
		look,
	)
	s.equal(t, play{scene: b})
}

// addOwnRead: a transaction may read a balance and add to it; it reads the value before its addition.
func addOwnRead(s *suite, t conform.T) {
	b := repeat(20, func(a *attempt) {
		w := a.peeks(lowKey)[0] // receipts do not hold cells that the transaction adds to
		if w[0]%3 == 0 {
			a.put(key(0), w)
		}
		a.add(lowKey, highKey, word(uint64(a.Tx)+1))
	})
	s.equal(t, play{scene: b})
}

// addWritten: additions go on from what was written below them.
func addWritten(s *suite, t conform.T) {
	b := newScene(
		give(5),
		func(a *attempt) { a.put(lowKey, word(1000)); a.put(highKey, word(1)) },
		give(6),
		func(a *attempt) { w := a.get(lowKey); a.put(lowKey, word(w[0]*2)) },
		give(7),
		look,
		func(a *attempt) { a.put(lowKey, word(0)) },
		give(8),
	)
	s.equal(t, play{scene: b})
}

// addShield: the value below an addition changes when a reader above the addition has read the sum.
func addShield(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("read"); a.put(lowKey, word(50)) },
		give(1),
		give(2),
		func(a *attempt) {
			a.await("ended")
			look(a)
			a.reach("read")
		},
		give(4),
		look,
	)
	b.vm = endedBy(b, 2)
	s.equal(t, play{scene: b})
}

// addRejected: a rejected transaction adds nothing; a reverted one adds what its outcome says.
func addRejected(s *suite, t conform.T) {
	b := repeat(24, func(a *attempt) {
		w := a.get(key(0))
		a.add(lowKey, highKey, word(1))
		switch a.Tx % 4 {
		case 1:
			a.reject()
			return
		case 2:
			a.revert()
			a.add(lowKey, highKey, word(100))
		case 3:
			look(a)
			a.reject()
			return
		}
		a.put(key(0), word(w[0]+1))
	})
	s.equal(t, play{scene: b})
}

// addPhantom: an addition that only an earlier attempt made was not made.
func addPhantom(s *suite, t conform.T) {
	s.meanwhile(t, word(5),
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				a.add(lowKey, highKey, word(1))
			} else {
				a.add(key(40), key(41), word(2))
			}
		},
		look,
		func(a *attempt) { a.gets(key(40), key(41)) },
	)
}

// addPairs: one transaction adds to several balances.
func addPairs(s *suite, t conform.T) {
	b := repeat(20, func(a *attempt) {
		for i := range 4 {
			a.add(key(40+2*i), key(41+2*i), word(uint64(int(a.Tx)*i)+1))
		}
		if a.Tx%7 == 6 {
			a.bump(key(60))
		}
	})
	s.equal(t, play{scene: b})
}

// addCrosswise: transactions may pair the same cells in different ways.
func addCrosswise(s *suite, t conform.T) {
	b := repeat(18, func(a *attempt) {
		i := int(a.Tx)
		a.add(key(40+i%3), key(40+(i+1)%3), framework.Word{math.MaxUint64, math.MaxUint64 / 2, uint64(i)})
	})
	s.equal(t, play{scene: b})
}

// exact checks that the outcomes of those transactions have no additions left.
func exact(t conform.T, r *result, txs ...framework.TxIndex) {
	t.Helper()
	for _, i := range txs {
		if int(i) >= len(r.finals) || len(r.finals[i].Outcome.Adds) > 0 {
			t.Errorf("transaction %d did not end without additions", i)
		}
	}
}

// addOverflow: an addition that does not fit is executed again without additions, and the VM decides.
func addOverflow(s *suite, t conform.T) {
	b := newScene(
		give(1),
		func(a *attempt) { a.add(lowKey, highKey, framework.Word{0, 0, math.MaxUint64, math.MaxUint64}) },
		func(a *attempt) { a.add(lowKey, highKey, framework.Word{0, 0, 1}) },
		give(2),
	)
	r := s.equal(t, play{scene: b})
	exact(t, &r, 2)
}

// addOverflowBase: a cell above 128 bits in the base takes no addition.
func addOverflowBase(s *suite, t conform.T) {
	b := repeat(4, give(1)).with(framework.Write{Key: highKey, Value: framework.Word{0, 0, 1}})
	r := s.equal(t, play{scene: b})
	exact(t, &r, 0, 1, 2, 3)
}

// addOverflowBelow: the test is made with the values that the transactions below leave, not with those of the time
// of the attempt.
func addOverflowBelow(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("added"); a.put(lowKey, most); a.put(highKey, most) },
		func(a *attempt) { a.add(lowKey, highKey, word(1)); a.reach("added") },
		look,
	)
	r := s.equal(t, play{scene: b})
	exact(t, &r, 0, 1, 2)
}

// addOverflowUndone: an addition that did not fit for a while comes to the same as one that always did.
func addOverflowUndone(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("read"); a.put(lowKey, word(5)) },
		func(a *attempt) { a.add(lowKey, highKey, word(1)) },
		func(a *attempt) {
			a.await("ended")
			look(a)
			a.add(key(40), key(41), word(1))
			a.reach("read")
		},
	).with(framework.Write{Key: lowKey, Value: most}, framework.Write{Key: highKey, Value: most})
	b.vm = endedBy(b, 1)
	s.equal(t, play{scene: b})
}

// addOverflowDropped: an addition does not fit, but in the end it is not made. In mode Exact the VM would stop at it, so
// the mode must not outlive the reads of the attempt that called for it.
func addOverflowDropped(s *suite, t conform.T) {
	b := meanwhile(word(1), func(a *attempt) {
		changed := a.get(key(0)) != framework.Word{}
		a.add(lowKey, highKey, word(1))
		switch {
		case a.out.Status == framework.Reverted:
			a.say("overflow")
		case changed:
			a.say("not made")
			a.revert()
		}
	}, func(a *attempt) { a.bump(key(1)) })
	s.equal(t, play{scene: b.with(framework.Write{Key: lowKey, Value: most}, framework.Write{Key: highKey, Value: most})})
}

// addOverflowTwice: of many additions to a nearly full balance some fit and some do not, and readers see it.
func addOverflowTwice(s *suite, t conform.T) { s.equal(t, play{scene: full(20)}) }

// full returns a block of additions to a nearly full balance.
func full(n int) *scene {
	return repeat(n, func(a *attempt) {
		if a.Tx%5 == 4 {
			look(a)
			return
		}
		a.add(lowKey, highKey, word(uint64(a.Tx%5)*2+1))
	}).with(framework.Write{Key: lowKey, Value: framework.Word{math.MaxUint64 - 9, math.MaxUint64}},
		framework.Write{Key: highKey, Value: most})
}
