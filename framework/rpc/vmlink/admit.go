package vmlink

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
)

// admit orders the runs that wait, the lowest transactions first, as far as there are credits. When none are left, it waits
// until half of them are there, if the VM has something to do: several orders then travel in one frame, and what crosses
// costs the wake-up of a process, not bytes. Attempts during which the
// VM has died go before all others, each as the only one that runs, so that it shows which of them kills it. s.mu must
// be held.
func (s *session) admit() {
	if s.spent && s.busy > 0 && s.credits < s.total/2 {
		return
	}
	s.spent = false
	for s.credits > 0 && len(s.waiting) > 0 {
		at := s.first()
		a := s.waiting[at]
		if s.busy > 0 && (a.deaths > 0 || s.suspected()) {
			return
		}
		s.waiting = slices.Delete(s.waiting, at, at+1)
		s.credits--
		s.occupy(a, true)
		a.ordered = true
		if len(a.order.tx.Body) > largeMessage {
			a.deliver(event{kind: eventAdmitted})
			continue
		}
		s.out.add(1, a.appendOrder)
	}
	s.spent = s.credits == 0
}

// flush sends the orders that were added, unless those whose results came with the last frame will probably add more in a
// moment and the VM has enough to do.
func (s *session) flush() {
	s.mu.Lock()
	s.admit()
	hold := s.returning > 0 && s.busy-s.out.orders() >= s.total/2
	s.mu.Unlock()
	if !hold {
		s.out.flush()
	}
}

// first returns which of the runs that wait goes first. s.mu must be held.
func (s *session) first() int {
	at := 0
	for i, a := range s.waiting {
		b := s.waiting[at]
		if (a.deaths > 0) != (b.deaths > 0) {
			if a.deaths > 0 {
				at = i
			}
		} else if a.order.version.Tx < b.order.version.Tx {
			at = i
		}
	}
	return at
}

// suspected reports whether a run during whose attempts the VM has died is busy. s.mu must be held.
func (s *session) suspected() bool {
	if s.suspects == 0 {
		return false
	}
	for _, a := range s.live {
		if a.busy && a.deaths > 0 {
			return true
		}
	}
	return false
}

// occupy says whether the VM is busy with a run: not if the run waits for an answer, or if what it has said is being looked
// at, for which its view may wait for another transaction; and not when it has ended. s.mu must be held.
func (s *session) occupy(a *attempt, busy bool) {
	if busy = busy && !a.over; a.busy == busy {
		return
	}
	a.busy = busy
	if busy {
		s.busy++
		return
	}
	s.busy--
	s.admit()
}

// release gives the credit of a run back. s.mu must be held.
func (s *session) release(a *attempt) {
	if a.ordered && !a.released {
		a.released = true
		s.credits++
		s.admit()
	}
}

// wrecked takes note that the link has broken under an attempt.
func (s *session) wrecked(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.broken {
		s.broken = true
		for _, other := range s.live {
			if s.busy == 1 && other.busy {
				s.culprit = other
			}
		}
	}
	if a.ordered {
		a.deaths++
		a.alone = s.culprit == a
	}
}

// deadly is how often a VM may die of one attempt.
const deadly = 3

// convict returns the fault of an attempt that has killed the VM too often, the last time as the only one that ran there.
// A further attempt of its transaction is not given as many chances.
func (e *executor) convict(a *attempt) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	tx := a.order.version.Tx
	if a.deaths == 0 && e.deadly[tx] {
		a.deaths = deadly - 1
	}
	if a.deaths < deadly || !a.alone {
		return nil
	}
	if e.deadly == nil {
		e.deadly = map[framework.TxIndex]bool{}
	}
	e.deadly[tx] = true
	e.client.mu.Lock()
	died := e.client.died
	e.client.mu.Unlock()
	err := errors.New("it killed the VM again and again")
	if died = strings.TrimSpace(died); died != "" {
		err = fmt.Errorf("%w: %s", err, died)
	}
	return &framework.Fault{Plugin: "vm", Block: e.block.Number, Version: a.order.version, Err: err}
}
