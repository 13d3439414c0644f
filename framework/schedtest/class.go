package schedtest

import (
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var classTests = []test{
	{"declared, deployed and called", classDeployed},
	{"of the base", classOfBase},
	{"not declared", classMissing},
	{"of a declaration that was aborted", often(classAborted)},
	{"of a declaration that was rejected", classRejected},
	{"of a declaration that came to nothing", often(classUndone)},
	{"not seen below", often(classAbove)},
	{"not seen by itself", often(classItself)},
	{"in finals", classFinals},
}

const classHash = 77

// deploy gives the contract in cell 20 the class, if that is declared. runContract calls it.
func deploy(a *attempt) {
	if a.get(declared(word(classHash))) == (framework.Word{}) {
		a.revert()
		return
	}
	a.put(key(20), word(classHash))
}

func runContract(a *attempt) {
	if hash := a.get(key(20)); hash != (framework.Word{}) {
		a.call(hash)
	}
}

// classDeployed: a class is declared, deployed and called in one block.
func classDeployed(s *suite, t conform.T) {
	b := newScene(runContract, func(a *attempt) { a.declare(word(classHash), "code") }, deploy, runContract, runContract)
	s.equal(t, play{scene: b})
}

// classOfBase: a class declared in an earlier block is found.
func classOfBase(s *suite, t conform.T) {
	b := newScene(runContract, deploy, runContract).with(framework.Write{Key: declared(word(classHash)), Value: word(1)})
	b.base.classes[word(classHash)] = &framework.Class{Hash: word(classHash), Body: []byte("old code")}
	s.equal(t, play{scene: b})
}

// classMissing: a class that nobody declared is framework.ErrNoClass, to everyone in the same way.
func classMissing(s *suite, t conform.T) {
	s.equal(t, play{scene: repeat(6, func(a *attempt) {
		if a.get(declared(word(classHash))); a.err != nil {
			return
		}
		_, err := a.view.Class(a.ctx, word(classHash))
		switch {
		case errors.Is(err, framework.ErrNoClass):
			a.say("no class")
		default:
			a.err = err
		}
	})})
}

// classAborted: the first attempt of a declaration is given up, the next declares another class: transactions above
// see only that one.
func classAborted(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("called"); a.put(key(0), word(1)) },
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				a.declare(word(78), "code of nobody")
			} else {
				a.declare(word(classHash), "code")
			}
			a.reach("declared")
		},
		func(a *attempt) {
			a.await("ended")
			a.call(word(78))
			a.call(word(classHash))
			deploy(a)
			a.reach("called")
		},
		runContract,
	)
	b.vm = endedBy(b, 1)
	s.equal(t, play{scene: b})
}

// endedBy returns the executor of b, with the point "ended" where an attempt of transaction i has ended.
func endedBy(b *scene, i framework.TxIndex) framework.Executor {
	return &observed{Executor: b.vm, ended: func(v framework.Version) {
		if v.Tx == i {
			b.stage.reach("ended")
		}
	}}
}

// classRejected: a declaration that fails declares nothing, and can be repeated.
func classRejected(s *suite, t conform.T) {
	try := func(a *attempt) {
		if a.get(declared(word(classHash))) != (framework.Word{}) {
			a.reject()
			return
		}
		a.declare(word(classHash), "code")
		if a.get(key(0)) == (framework.Word{}) {
			a.reject()
		}
	}
	b := newScene(try, runContract, func(a *attempt) { a.bump(key(0)) }, deploy, try, deploy, runContract, try)
	s.equal(t, play{scene: b})
}

// classUndone: a declaration that an attempt made and the next one does not make is no declaration.
func classUndone(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) { a.await("called"); a.put(key(0), word(1)) },
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				a.declare(word(classHash), "code")
			}
		},
		func(a *attempt) {
			a.await("ended")
			a.call(word(classHash))
			a.reach("called")
		},
		// A class that was declared in vain must not be found by its hash either.
		func(a *attempt) {
			if a.get(key(0)) == (framework.Word{}) {
				return // the declaration may still be on its way
			}
			if a.get(declared(word(classHash))) != (framework.Word{}) || a.err != nil {
				return
			}
			_, err := a.view.Class(a.ctx, word(classHash))
			if !errors.Is(err, framework.ErrNoClass) {
				a.err = err
				a.say("found")
			}
		},
	)
	b.vm = endedBy(b, 1)
	s.equal(t, play{scene: b})
}

// classAbove: what a transaction above declares is not there, even if it has run.
func classAbove(s *suite, t conform.T) {
	b := newScene(
		func(a *attempt) {
			a.await("ended")
			a.call(word(classHash))
			_, err := a.view.Class(a.ctx, word(classHash))
			if a.err == nil && !errors.Is(err, framework.ErrNoClass) {
				a.err = err
				a.say("found")
			}
		},
		func(a *attempt) { a.declare(word(classHash), "code") },
		func(a *attempt) { a.call(word(classHash)) },
	)
	b.vm = endedBy(b, 1)
	s.equal(t, play{scene: b})
}

// classItself: what an earlier attempt of a transaction has declared is not there for the next.
func classItself(s *suite, t conform.T) {
	s.meanwhile(t, word(1), func(a *attempt) {
		a.get(key(0))
		a.call(word(classHash))
		if a.err == nil && a.get(declared(word(classHash))) == (framework.Word{}) {
			a.declare(word(classHash), "code")
		}
	})
}

// classFinals: the finals of a block hold its classes, each once.
func classFinals(s *suite, t conform.T) {
	b := repeat(12, func(a *attempt) {
		hash := word(uint64(a.Tx/3) + 1)
		if a.get(declared(hash)) == (framework.Word{}) {
			a.declare(hash, "code")
		}
	})
	r := s.equal(t, play{scene: b})
	n := 0
	for i := range r.finals {
		n += len(r.finals[i].Outcome.Classes)
	}
	if n != 4 {
		t.Errorf("%d classes in the finals, want 4", n)
	}
}
