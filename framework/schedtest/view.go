package schedtest

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var viewTests = []test{
	{"own writes are not seen", often(viewOwnWrites)},
	{"a key read again has the same value", often(viewAgain)},
	{"a key may occur twice", viewTwice},
	{"many keys at once", viewMany},
	{"no keys", func(s *suite, t conform.T) { s.equal(t, play{scene: repeat(3, func(a *attempt) { a.gets() })}) }},
	{"slices belong to the caller", viewSlices},
	{"zero hides what is below", viewZero},
	{"words are compared in full", often(viewFullWords)},
	{"keys are compared in full", viewFullKeys},
	{"writes given up vanish", often(viewPhantom)},
	{"a reader of a changed value runs again", often(viewStale)},
	{"a reader of a removed value runs again", often(viewRemoved)},
	{"a chain of readers runs again", often(viewCascade)},
	{"reads of a reverted part count", often(viewReverted)},
	{"aborted when invalid", often(viewAborted)},
	{"read ends an invalid attempt", often(viewReadAborted)},
}

// meanwhile returns a block whose first transaction writes key 0 when all others have run once without it.
func meanwhile(value framework.Word, readers ...program) *scene {
	b := newScene(append([]program{func(a *attempt) {
		if a.await("ended") {
			yield(50) // what has ended is to become known
		}
		a.put(key(0), value)
	}}, readers...)...)
	b.vm = endedBy(b, framework.TxIndex(len(readers)))
	return b
}

// meanwhile runs such a block.
func (s *suite) meanwhile(t conform.T, value framework.Word, readers ...program) {
	t.Helper()
	s.equal(t, play{scene: meanwhile(value, readers...)})
}

// viewOwnWrites: an attempt does not see what it, or an earlier attempt of the transaction, has written.
func viewOwnWrites(s *suite, t conform.T) {
	s.meanwhile(t, word(7), func(a *attempt) {
		a.put(key(1), word(50))
		a.gets(key(0), key(1))
		a.bump(key(2))
	}, func(a *attempt) { a.gets(key(1), key(2)) })
	s.equal(t, play{scene: counter(20)})
}

// viewAgain: while an attempt runs, the value of a key that it has read does not change for it.
func viewAgain(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("read once"); a.put(key(0), word(7)) },
		func(a *attempt) {
			first := a.get(key(0))
			a.reach("read once")
			a.await("published")
			if a.get(key(0)) != first && a.err == nil {
				a.say("the value has changed")
			}
		},
		func(a *attempt) { a.get(key(1)) },
	)
	b.vm = &observed{Executor: b.vm, ended: func(v framework.Version) {
		if v.Tx == 0 {
			b.stage.reach("published")
		}
	}}
	s.equal(t, play{scene: b})
	s.equal(t, play{scene: repeat(60, func(a *attempt) {
		for range 5 {
			a.get(key(0))
		}
		a.bump(key(0))
	})})
}

// viewTwice: a key that occurs twice in one read has one value.
func viewTwice(s *suite, t conform.T) {
	s.equal(t, play{scene: repeat(20, func(a *attempt) {
		w := a.gets(key(0), key(1), key(0), key(0))
		a.put(key(0), word(w[0][0]+w[2][0]+w[3][0]+1))
	})})
}

// viewMany: written, unwritten and repeated keys can be mixed in one read.
func viewMany(s *suite, t conform.T) {
	b := repeat(10, func(a *attempt) {
		var keys []framework.Key
		for i := range 300 {
			keys = append(keys, key((i*7+int(a.Tx))%100))
		}
		w := a.gets(keys...)
		a.put(key(int(a.Tx)*9), word(w[3][0]+w[200][0]+1))
	})
	for i := 0; i < 100; i += 3 {
		b.with(set(i, word(uint64(i))))
	}
	s.equal(t, play{scene: b})
}

// viewSlices: keys and out belong to the VM, which changes them as soon as Read has returned.
func viewSlices(s *suite, t conform.T) {
	s.equal(t, play{scene: repeat(30, func(a *attempt) {
		keys := []framework.Key{key(0), key(int(a.Tx))}
		out := make([]framework.Word, 2)
		if a.err = a.view.Read(a.ctx, keys, out); a.err != nil {
			return
		}
		w := slices.Clone(out)
		keys[0], keys[1] = key(70), key(71)
		out[0], out[1] = word(88), word(89)
		a.say("%x", w)
		a.put(key(0), word(w[0][0]+w[1][0]+1))
	})})
}

// viewZero: a cell that was emptied is empty, whatever the base holds.
func viewZero(s *suite, t conform.T) {
	s.equal(t, play{scene: repeat(8, func(a *attempt) {
		w := a.gets(key(0), key(1))
		a.put(key(0), framework.Word{})
		a.put(key(int(a.Tx)%3), word(w[1][0]+1))
	}).with(set(0, word(4)), set(1, word(5)))})
}

// viewFullWords: a value that differs in any limb is another value.
func viewFullWords(s *suite, t conform.T) {
	for limb := range 4 {
		var w framework.Word
		w[limb] = 1 << 63
		s.meanwhile(t, w, func(a *attempt) { a.put(key(1), a.get(key(0))) })
	}
}

// viewFullKeys: keys that differ in one limb, or in the space only, are different cells.
func viewFullKeys(s *suite, t conform.T) {
	keys := []framework.Key{{}, {Space: 1}, {Space: 255}}
	for limb := range 4 {
		var w framework.Word
		w[limb] = 1 << 62
		keys = append(keys, framework.Key{Owner: w}, framework.Key{Slot: w})
	}
	b := newScene()
	var programs []program
	for i, k := range keys {
		programs = append(programs, func(a *attempt) { a.gets(keys...); a.put(k, word(uint64(i)+1)) })
		b.with(framework.Write{Key: k, Value: word(uint64(i) + 100)})
	}
	base := b.base
	b = newScene(append(programs, programs...)...)
	b.base = base
	s.equal(t, play{scene: b})
}

// viewPhantom: a cell that only an earlier attempt has written was not written.
func viewPhantom(s *suite, t conform.T) {
	s.meanwhile(t, word(1), func(a *attempt) {
		if a.get(key(0)) == (framework.Word{}) {
			a.put(key(1), word(66))
		} else {
			a.put(key(2), word(77))
		}
	}, func(a *attempt) { a.gets(key(1), key(2)) })
}

// viewStale: what was read before it was written is read again.
func viewStale(s *suite, t conform.T) {
	s.meanwhile(t, word(5), func(a *attempt) { a.bump(key(0)) })
	s.meanwhile(t, word(5),
		func(a *attempt) { a.gets(key(1), key(2), key(0)); a.bump(key(1)) },
		func(a *attempt) { a.gets(key(0), key(1)) },
	)
}

// viewRemoved: a transaction has read what an attempt wrote, and the next attempt does not write.
func viewRemoved(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("read"); a.put(key(0), word(1)) },
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				a.put(key(1), word(9))
			}
			a.reach("written")
		},
		func(a *attempt) {
			a.await("ended")
			a.put(key(2), a.get(key(1)))
			a.reach("read")
		},
	).with(set(1, word(4)))
	b.vm = &observed{Executor: b.vm, ended: func(v framework.Version) {
		if v.Tx == 1 {
			b.stage.reach("ended")
		}
	}}
	s.equal(t, play{scene: b})
}

// viewCascade: one changed value changes all that follow from it.
func viewCascade(s *suite, t conform.T) {
	link := func(a *attempt) {
		w := a.get(key(int(a.Tx) - 1))
		w[0]++
		a.put(key(int(a.Tx)), w)
	}
	s.meanwhile(t, word(100), link, link, link, link, link, link)
}

// viewReverted: what a transaction has read decides its end, whether the end shows it or not.
func viewReverted(s *suite, t conform.T) {
	s.meanwhile(t, word(5),
		func(a *attempt) {
			if a.peeks(key(0))[0] == (framework.Word{}) {
				a.revert()
			} else {
				a.put(key(1), word(1))
			}
		},
		func(a *attempt) {
			if a.peeks(key(0))[0] == (framework.Word{}) {
				a.reject()
			} else {
				a.put(key(2), word(1))
			}
		},
		func(a *attempt) { a.gets(key(1), key(2)) },
	)
}

// viewAborted: an attempt that only asks whether it is aborted is told.
func viewAborted(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("spinning"); a.put(key(0), word(1)) },
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				a.reach("spinning")
				a.spin()
			}
		},
	)
	s.equal(t, play{scene: b})
}

// viewReadAborted: an attempt that reads on and on is ended by a read.
func viewReadAborted(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("reading"); a.put(key(0), word(1)) },
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				a.reach("reading")
				for i := 1; a.err == nil; i++ {
					a.peeks(key(i%50 + 1))
				}
			}
		},
	)
	s.equal(t, play{scene: b})
}
