package schedtest

import (
	"context"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var abilityTests = []test{
	{"forget every final transaction", abilityForget},
	{"forget what is left out", often(abilityForgetDropped)},
	{"resume where reads hold", often(abilityResume)},
	{"resume of a fault", abilityResumeFault},
	{"no checkpoint", abilityNoCheckpoint},
	{"wrong predictions", abilityPredict},
	{"learn what is final", abilityLearn},
	{"publish every write set", often(abilityPublish)},
	{"publish before it is read", often(abilityPublishFirst)},
	{"publish what ended a block", abilityPublishEnded},
}

// abilities gives the VM of a block all abilities.
func abilities(b *scene) *scene {
	b.vm = newAble(b)
	return b
}

// checkForgotten checks that Forget was called for every final transaction, and for every other that was begun.
func checkForgotten(t reporter, r *result) {
	t.Helper()
	if _, ok := r.guard.inner.VM.(framework.Rewinder); !ok {
		return
	}
	for i, h := range r.guard.txs {
		if h.incarnation > 0 && h.forgotten == 0 {
			t.Errorf("Forget(%d) was not called", i)
		}
	}
}

// abilityForget: the VM may drop what it kept of a transaction that is final.
func abilityForget(s *suite, t conform.T) {
	for _, b := range []*scene{mixed(40), counter(40), s.torn(func(a *attempt) { a.err = errTest })} {
		r := s.equal(t, play{scene: abilities(b)})
		checkForgotten(t, &r)
	}
}

// abilityForgetDropped: and of one that is left out.
func abilityForgetDropped(s *suite, t conform.T) {
	for n := range framework.TxIndex(10) {
		b := abilities(independent(20))
		end := make(chan framework.TxIndex, 1)
		final := func(f []framework.Final) error {
			if len(end) == 0 && f[0].Tx == 0 {
				end <- n
			}
			return nil
		}
		r := s.run(t, play{scene: b, end: end, final: final})
		if r.err != nil {
			t.Fatalf("Run: %v", r.err)
		}
		checkForgotten(t, &r)
	}
	// The first transaction ends the block while those above have run.
	end := make(chan framework.TxIndex, 1)
	b := newScene(func(a *attempt) {
		a.await("ended")
		if a.stage.once("end") {
			end <- 0
		}
	}, func(a *attempt) { a.bump(key(0)) })
	b.vm = endedBy(b, 1)
	r := s.run(t, play{scene: abilities(b), end: end})
	if r.err != nil {
		t.Fatalf("Run: %v", r.err)
	}
	checkForgotten(t, &r)
}

// abilityResume: an attempt that goes on from a read comes to the same as one from the start. The guard checks that the
// reads before hold, and that only the last attempt, ended, is resumed.
func abilityResume(s *suite, t conform.T) {
	for _, b := range []*scene{
		mixed(60), counter(60), pointers(80), adders(60), bank(2, 60), full(40),
		meanwhile(word(5), func(a *attempt) {
			a.gets(key(5), key(6), key(0))
			a.bump(key(1))
		}, func(a *attempt) { a.get(key(1)); a.bump(key(0)) }),
		meanwhile(word(5),
			func(a *attempt) { a.get(key(5)); a.bump(key(0)) },
			func(a *attempt) { w := a.get(key(0)); a.get(key(5)); a.put(key(2), w) },
		),
	} {
		s.equal(t, play{scene: abilities(b)})
	}
}

// abilityResumeFault: an attempt that failed can be resumed like any other.
func abilityResumeFault(s *suite, t conform.T) {
	s.equal(t, play{scene: abilities(s.torn(func(a *attempt) { a.err = errTest }))})
	s.equal(t, play{scene: abilities(s.torn(func(a *attempt) { a.spin() }))})
}

// abilityNoCheckpoint: if the VM cannot resume, the attempt begins from the start.
func abilityNoCheckpoint(s *suite, t conform.T) {
	for _, b := range []*scene{mixed(60), counter(60), pointers(60)} {
		vm := newAble(b)
		vm.none = true
		b.vm = vm
		r := s.equal(t, play{scene: b})
		if r.stats.Resumptions != 0 {
			t.Errorf("Stats.Resumptions = %d with a VM that cannot resume", r.stats.Resumptions)
		}
	}
}

// abilityPredict: guesses that are not certain, however wrong, change nothing; nor do certain ones, which are right.
func abilityPredict(s *suite, t conform.T) {
	guesses := map[string]func(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted{
		"none":   nil,
		"others": guess(func(i int) framework.Predicted { return framework.Predicted{Key: key(50 + i), Rule: 1} }),
		"writes": guess(func(i int) framework.Predicted {
			return framework.Predicted{Key: key(i), Access: framework.AccessWrite, Rule: uint64(i) + 1}
		}),
		"additions": guess(func(i int) framework.Predicted {
			return framework.Predicted{Key: key(i), Access: framework.AccessAdd, Rule: 2}
		}),
	}
	for name, g := range guesses {
		t.Run(name, func(t conform.T) {
			for _, b := range []*scene{mixed(40), pointers(40), adders(40)} {
				vm := newAble(b)
				vm.guess = g
				b.vm = vm
				s.equal(t, play{scene: b})
			}
		})
	}
	t.Run("certain", func(t conform.T) {
		b := counter(40)
		vm := newAble(b)
		vm.guess = func(_ *framework.Tx, dst []framework.Predicted) []framework.Predicted {
			return append(dst, framework.Predicted{Key: key(0), Access: framework.AccessWrite})
		}
		b.vm = vm
		s.equal(t, play{scene: b})
	})
}

// guess returns a Predict that appends five guesses.
func guess(f func(i int) framework.Predicted) func(*framework.Tx, []framework.Predicted) []framework.Predicted {
	return func(_ *framework.Tx, dst []framework.Predicted) []framework.Predicted {
		for i := range 5 {
			dst = append(dst, f(i))
		}
		return dst
	}
}

// abilityLearn: if the scheduler tells the VM what a transaction has read and written, it is what it did.
func abilityLearn(s *suite, t conform.T) {
	b := meanwhile(word(1), func(a *attempt) {
		if a.get(key(0)) == (framework.Word{}) {
			a.bump(key(8))
		} else {
			a.bump(key(9))
		}
	})
	vm := newAble(b)
	b.vm = vm
	s.equal(t, play{scene: b})
	vm.mu.Lock()
	defer vm.mu.Unlock()
	got, ok := vm.learnt[b.txs[1].ID]
	if !ok {
		return // a scheduler need not learn
	}
	reads, writes := []framework.Key{key(0), key(9)}, []framework.Key{key(9)}
	slices.SortFunc(got[0], framework.Key.Compare)
	if !slices.Equal(got[0], reads) || !slices.Equal(got[1], writes) {
		t.Errorf("Learn(reads %v, writes %v), want %v, %v", got[0], got[1], reads, writes)
	}
}

// abilityPublish: what is published last of each transaction is what its final says.
func abilityPublish(s *suite, t conform.T) {
	for _, b := range []*scene{
		mixed(40), counter(40), adders(40), s.torn(func(a *attempt) { a.err = errTest }),
		meanwhile(word(1), func(a *attempt) {
			if a.bump(key(1)); a.get(key(0)) != (framework.Word{}) {
				a.reject()
			}
		}),
	} {
		r := s.equal(t, play{scene: abilities(b)})
		checkPublished(t, &r)
	}
}

// checkPublished checks that the finals follow from what was published.
func checkPublished(t reporter, r *result) {
	t.Helper()
	if _, ok := r.guard.inner.VM.(framework.Publisher); !ok {
		return
	}
	state := framework.NewOverlay(context.Background(), r.guard.inner.Base, r.guard.inner.Block.Start)
	for i := range r.finals {
		f := &r.finals[i]
		p := r.guard.txs[f.Tx].published
		if p == nil {
			p = new(publication)
		}
		writes, err := state.Fold(context.Background(), &framework.Outcome{Writes: p.writes, Adds: p.adds})
		if err != nil || !slices.Equal(writes, f.Writes) {
			t.Errorf("of transaction %d, %v and %v were published, which comes to %v (%v), want %v",
				f.Tx, p.writes, p.adds, writes, err, f.Writes)
			return
		}
		if e := r.guard.txs[f.Tx].estimated; e != nil && *e == p.version {
			t.Errorf("the final attempt %v is an estimate", *e)
		}
		state.Apply(f.Writes, nil)
	}
}

// abilityPublishFirst: a value can be read only when it was published. The VM looks for what it reads among what it
// was told; finals are told of in time, too.
func abilityPublishFirst(s *suite, t conform.T) {
	const size = 40
	told := new(ledger)
	b := repeat(size, func(a *attempt) {
		w := a.get(key(0))
		if a.err == nil && a.stage.parallel() && !told.knows(w) {
			t.Errorf("attempt %v reads %v, which was not published", a.Version, w)
		}
		a.put(key(0), word(w[0]*10+uint64(a.Tx)+1))
	})
	p := s.busyHost(b) // who hands out late reads what is not final
	b.vm = &telling{able: newAble(b), told: told}
	told.note(framework.Write{Key: key(0)})
	busy := p.final
	p.final = func(finals []framework.Final) error {
		for i := range finals {
			for _, w := range finals[i].Writes {
				if !told.knows(w.Value) {
					t.Errorf("final %d has %v, which was not published", finals[i].Tx, w.Value)
				}
			}
		}
		return busy(finals)
	}
	s.equal(t, p)
}

// ledger is a set of values.
type ledger struct {
	mu     sync.Mutex
	values []framework.Word // guarded by mu
}

func (l *ledger) note(w framework.Write) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.values = append(l.values, w.Value)
}

func (l *ledger) knows(w framework.Word) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.values, w)
}

// telling is an executor that notes what was published.
type telling struct {
	*able
	told *ledger
}

// Publish implements [framework.Publisher].
func (x *telling) Publish(_ framework.Version, writes []framework.Write, _ []framework.Add) {
	for _, w := range writes {
		x.told.note(w)
	}
}

// abilityPublishEnded: the same when a block ends early.
func abilityPublishEnded(s *suite, t conform.T) {
	end := make(chan framework.TxIndex, 1)
	end <- 7
	r := s.prefix(t, play{scene: abilities(mixed(20)), end: end}, 7)
	checkPublished(t, &r)
}
