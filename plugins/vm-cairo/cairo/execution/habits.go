package execution

import (
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// habits are what calls of the same entry point have in common, and all transactions of accounts: the forms of the cells
// that most of them have touched, learnt from those that are over. It is safe for concurrent use, and its zero value knows
// nothing.
type habits struct {
	mu    sync.RWMutex
	calls map[called]*habit // guarded by mu
}

// called is what is called: an entry point of a contract, or neither for the transaction itself.
type called struct{ to, selector felt.Felt }

// habit is what calls of one entry point have touched.
type habit struct {
	calls  int // all of them
	learnt int // those that were learnt from
	// forms are in the order in which they were first touched, and at says where each is.
	forms []uses
	at    map[form]int
}

// uses counts how many calls have touched a cell of a form, and how many of them have written it.
type uses struct {
	form             form
	touched, written int
}

const (
	// maxCalled is how many entry points are known at most, and maxForms how many forms of each.
	maxCalled = 1024
	maxForms  = 256
	// halfLife is after how many calls the counts are halved, so that what is no longer so is forgotten.
	halfLife = 256
	// Of an entry point that was called often, only every so many calls are learnt from.
	often, every = 64, 16
)

// known returns the habit of what is called, a new one if there is none. The lock must be held.
func (h *habits) known(c called) *habit {
	if b := h.calls[c]; b != nil {
		return b
	}
	if h.calls == nil || len(h.calls) >= maxCalled {
		h.calls = map[called]*habit{}
	}
	b := &habit{at: map[form]int{}}
	h.calls[c] = b
	return b
}

// due counts a transaction that calls these, and reports whether it is one to learn from: not every one is, of calls that
// come often.
func (h *habits) due(calls []called) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	due := false
	for _, c := range calls {
		b := h.known(c)
		b.calls++
		due = due || b.calls <= often || b.calls%every == 0
	}
	return due
}

// touch is a cell that a transaction has touched.
type touch struct {
	key     framework.Key
	written bool
}

// learn counts the cells that a call has touched, and returns those that it was not guessed to touch, in the same slice.
func (h *habits) learn(c called, g *words, cells []touch, memo *crypto.PedersenMemo) []touch {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.known(c)
	if b.learnt++; b.learnt >= halfLife {
		b.halve()
	}
	left := cells[:0]
	for _, t := range cells {
		var f form
		f.trace(g, t.key, memo)
		if u := b.count(&f, t.written); u == nil || !b.usual(u) {
			left = append(left, t)
		}
	}
	return left
}

// count counts a cell, if there is room for its form; nil if there is none.
func (b *habit) count(f *form, written bool) *uses {
	i, ok := b.at[*f]
	if !ok {
		if i = len(b.forms); i == maxForms {
			return nil
		}
		b.forms = append(b.forms, uses{form: *f})
		b.at[*f] = i
	}
	u := &b.forms[i]
	u.touched++
	if written {
		u.written++
	}
	return u
}

// usual reports whether most calls touch a cell.
func (b *habit) usual(u *uses) bool { return 2*u.touched > b.learnt }

// halve halves all counts, and drops those that come to 0.
func (b *habit) halve() {
	b.learnt /= 2
	kept := b.forms[:0]
	clear(b.at)
	for _, u := range b.forms {
		if u.touched /= 2; u.touched > 0 {
			u.written /= 2
			b.at[u.form] = len(kept)
			kept = append(kept, u)
		}
	}
	b.forms = kept
}

// guess calls f for every cell that a call will probably touch.
func (h *habits) guess(c called, g *words, memo *crypto.PedersenMemo, f func(k framework.Key, access framework.Access, rule uint64)) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	b := h.calls[c]
	if b == nil {
		return
	}
	for i := range b.forms {
		u := &b.forms[i]
		if !b.usual(u) {
			continue
		}
		access := framework.AccessRead
		if 2*u.written > u.touched {
			access = framework.AccessWrite
		}
		if k, ok := u.form.find(g, memo); ok {
			f(k, access, u.form.rule())
		}
	}
}
