package schedtest

import (
	"errors"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var faultTests = []test{
	{"on the true state is final", faultTrue},
	{"of the first and of the last", faultEnds},
	{"leaves no trace", often(faultTrace)},
	{"on an impossible state is not seen", often(faultImpossible)},
	{"after a fault it runs again", often(faultAgain)},
	{"rejection on an impossible state is not seen", often(faultRejection)},
	{"loop on an impossible state is aborted", often(faultLoop)},
	{"loop on an impossible state is aborted though others wait for it", often(faultLoopAwaited)},
	{"abort returned wrapped", often(faultWrapped)},
	{"is kept in the order of errors", faultChain},
}

// faultTrue: the VM fails on what serial execution would show it: the transaction is rejected and the block goes on.
func faultTrue(s *suite, t conform.T) {
	b := repeat(30, func(a *attempt) {
		w := a.get(key(0))
		if w[0]%7 == 3 && a.Tx%2 == 1 {
			a.err = fmt.Errorf("fault at %d", w[0])
			return
		}
		a.put(key(0), word(w[0]+1))
	})
	r := s.equal(t, play{scene: b})
	faults := 0
	for i := range r.finals {
		if f := &r.finals[i]; f.Fault != nil {
			faults++
			if f.Outcome.Status != framework.Rejected || len(f.Writes) > 0 || len(f.Outcome.Receipt) > 0 {
				t.Errorf("final %d of a fault is not empty: %+v", f.Tx, f.Outcome)
			}
		}
	}
	if faults == 0 {
		t.Errorf("no fault has come out")
	}
}

// faultEnds: any transaction of a block may fail, all of them, too.
func faultEnds(s *suite, t conform.T) {
	fail := func(a *attempt) { a.err = errTest }
	bump := func(a *attempt) { a.bump(key(0)) }
	s.equal(t, play{scene: newScene(fail)})
	s.equal(t, play{scene: newScene(fail, bump, bump, fail)})
	s.equal(t, play{scene: repeat(20, fail)})
}

// faultTrace: what a failed attempt left in its outcome means nothing.
func faultTrace(s *suite, t conform.T) {
	b := repeat(20, func(a *attempt) {
		a.bump(key(int(a.Tx) % 2))
		a.call(word(classHash))
		if a.Tx%3 == 1 {
			a.put(key(0), word(1000))
			a.add(lowKey, highKey, word(7))
			a.declare(word(classHash), "code of nobody")
			a.err = errors.Join(a.err, errTest)
		}
	})
	s.equal(t, play{scene: b})
}

// pair is a program that keeps two cells equal, and reports a state in which they are not to found.
func pair(found program) program {
	return func(a *attempt) {
		one := a.get(key(0))
		if a.Tx == 1 {
			a.reach("read one")
			a.await("ended")
		}
		other := a.get(key(1))
		if a.err == nil && one != other {
			found(a)
			return
		}
		one[0]++
		a.put(key(0), one)
		a.put(key(1), one)
	}
}

// torn returns a block in which transaction 1 sees a state that no order of the transactions produces: it reads one
// cell before transaction 0 has written both, the other one after it.
func (s *suite) torn(found program) *scene {
	both := pair(found)
	programs := []program{func(a *attempt) { a.await("read one"); both(a) }}
	for range 10 {
		programs = append(programs, both)
	}
	b := newScene(programs...)
	b.vm = endedBy(b, 0)
	return b
}

// faultImpossible: an error of an attempt that saw what serial execution does not show is no fault.
func faultImpossible(s *suite, t conform.T) {
	r := s.equal(t, play{scene: s.torn(func(a *attempt) { a.err = errTest })})
	for i := range r.finals {
		if err := r.finals[i].Fault; err != nil {
			t.Errorf("final %d: fault %v on a state that does not exist", i, err)
		}
	}
}

// faultAgain: a transaction that failed on a value that is not final runs again when the value changes.
func faultAgain(s *suite, t conform.T) {
	s.meanwhile(t, word(5), func(a *attempt) {
		if a.get(key(0)) == (framework.Word{}) {
			a.err = errTest
		}
		a.bump(key(1))
	}, func(a *attempt) {
		if a.get(key(1)) == (framework.Word{}) && a.err == nil {
			a.err = errTest
		}
		a.bump(key(1))
	})
}

// faultRejection: the same for a transaction that was rejected.
func faultRejection(s *suite, t conform.T) {
	s.equal(t, play{scene: s.torn(func(a *attempt) { a.reject() })})
}

// faultLoop: the same for one that loops until it is aborted.
func faultLoop(s *suite, t conform.T) {
	s.equal(t, play{scene: s.torn(func(a *attempt) { a.spin() })})
}

// faultLoopAwaited: one that loops is aborted when all below it have executed, even if nothing else can be done meanwhile
// than hand out what is final: one transaction waits for what it will write, and there are no others. Those before show that
// transactions take long, and that who reads the cell writes it, and are handed out first.
func faultLoopAwaited(s *suite, t conform.T) {
	long := func(a *attempt) {
		for began := time.Now(); time.Since(began) < time.Millisecond; { // it takes processor time
		}
		a.bump(key(0))
	}
	b := newScene(long, long, long, long,
		func(a *attempt) {
			a.await("read")
			a.put(key(0), word(5))
		},
		func(a *attempt) {
			w := a.get(key(0))
			if a.reach("read"); w != word(5) {
				a.spin()
				return
			}
			a.put(key(0), word(6))
		},
		func(a *attempt) { a.bump(key(0)) },
	)
	const first = 4
	q := framework.NewQueue(b.txs[:first]...)
	final := func(f []framework.Final) error {
		if f[len(f)-1].Tx == first-1 {
			q.Push(b.txs[first:]...)
			q.Close()
		}
		return nil
	}
	s.equal(t, play{scene: b, feed: q, end: q.End(), final: final})
}

// faultWrapped: a VM may wrap the errors of its view.
func faultWrapped(s *suite, t conform.T) {
	b := s.torn(func(a *attempt) {
		a.spin()
		a.err = fmt.Errorf("vm: step 5: %w", a.err)
	})
	s.equal(t, play{scene: b})
}

// faultChain: the fault of a final is the error of the VM, found with errors.Is if it is one that travels.
func faultChain(s *suite, t conform.T) {
	b := newScene(func(a *attempt) { a.err = fmt.Errorf("vm: %w", framework.ErrUnsupported) })
	r := s.equal(t, play{scene: b})
	if len(r.finals) == 1 && !errors.Is(r.finals[0].Fault, framework.ErrUnsupported) {
		t.Errorf("fault %v, want framework.ErrUnsupported in it", r.finals[0].Fault)
	}
}
