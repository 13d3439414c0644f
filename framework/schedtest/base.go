package schedtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// errBase is the error of a base state that fails because the test wants it to: one that is the same error in
// another process.
var errBase = fmt.Errorf("state, as the test wants it: %w", framework.ErrPluginGone)

var baseTests = []test{
	{"failing read", func(s *suite, t conform.T) { s.failingBase(t, true) }},
	{"failing class", func(s *suite, t conform.T) { s.failingBase(t, false) }},
	{"failing read of an addition", baseAdd},
	{"error hidden by the VM", baseHidden},
}

// failingBase checks that an error of the base ends the run and comes back.
func (s *suite) failingBase(t conform.T, read bool) {
	t.Helper()
	b := repeat(20, func(a *attempt) {
		a.bump(key(int(a.Tx) % 3))
		if a.Tx == 10 {
			a.get(key(50))
			a.call(word(classHash))
		}
	}).with(framework.Write{Key: declared(word(classHash)), Value: word(1)})
	b.base.classes[word(classHash)] = &framework.Class{Hash: word(classHash)}
	if read {
		b.base.read = failOn(key(50))
	} else {
		b.base.class = func(context.Context, framework.Word) error { return errBase }
	}
	if r := s.fails(t, play{scene: b}, framework.ErrPluginGone); len(r.finals) > 10 {
		t.Errorf("%d finals, want none from the transaction that could not be executed", len(r.finals))
	}
}

// failOn returns a cells.read that fails for one key.
func failOn(bad framework.Key) func(context.Context, []framework.Key) error {
	return func(_ context.Context, keys []framework.Key) error {
		for _, k := range keys {
			if k == bad {
				return errBase
			}
		}
		return nil
	}
}

// baseAdd: a cell that only an addition touches is read to fold it; the error comes back.
func baseAdd(s *suite, t conform.T) {
	b := repeat(5, func(a *attempt) { a.add(key(50), key(51), word(1)) })
	b.base.read = failOn(key(50))
	s.fails(t, play{scene: b}, framework.ErrPluginGone)
}

// baseHidden: an error of the base is no fault of the VM, nor of the transaction, whatever the VM makes of it.
func baseHidden(s *suite, t conform.T) {
	b := newScene(func(a *attempt) {
		if a.get(key(50)); a.err != nil {
			a.err = errors.New("the VM lost the cause")
		}
	})
	b.base.read = failOn(key(50))
	s.fails(t, play{scene: b}, framework.ErrPluginGone)
}
