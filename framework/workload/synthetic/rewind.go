package synthetic

import (
	"context"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// attempt is what is kept of an attempt that has ended: its reads. A program is a function of them, so going on
// from a read means to run it again from the start, with known answers and without burning, up to there.
type attempt struct {
	tx   framework.Tx
	inc  framework.Incarnation
	log  log
	vals []framework.Word
}

// log is what an attempt asked its view.
type log struct {
	// keys are all reads, in order. A key may occur again.
	keys []framework.Key
	// spent[i] is the cost that was burned when keys[i] was asked for.
	spent []time.Duration
	// called are the classes, each with the number of reads that were asked for before it.
	called []called
}

type called struct {
	reads int
	class *framework.Class
}

func (l *log) reset() {
	l.keys, l.spent, l.called = l.keys[:0], l.spent[:0], l.called[:0]
}

func (l *log) set(o *log) {
	l.keys = append(l.keys[:0], o.keys...)
	l.spent = append(l.spent[:0], o.spent...)
	l.called = append(l.called[:0], o.called...)
}

// first returns where in the log the read of that number is: reads are numbered by first occurrence of their key.
func (l *log) first(read int) (int, bool) {
	seen := make(map[framework.Key]struct{}, read)
	for i, k := range l.keys {
		if _, again := seen[k]; again {
			continue
		}
		if len(seen) == read {
			return i, true
		}
		seen[k] = struct{}{}
	}
	return 0, false
}

// attempts keeps the last attempt of each transaction, as long as there is room.
type attempts struct {
	mu   sync.Mutex
	last map[framework.TxIndex]*attempt // guarded by mu
	free []*attempt                     // guarded by mu
	// kept is the number of reads in last. guarded by mu
	kept  int
	limit int
}

func newAttempts(limit int) *attempts {
	return &attempts{last: map[framework.TxIndex]*attempt{}, limit: limit}
}

// keep remembers the attempt that a machine has just ended. It copies all but the body of the transaction,
// which nobody changes.
func (s *attempts) keep(v framework.Version, m *machine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(v.Tx)
	if s.kept+len(m.log.keys) > s.limit {
		return
	}
	a := s.unused()
	a.tx, a.inc = *m.tx, v.Inc
	a.log.set(&m.log)
	a.vals = append(a.vals[:0], m.vals...)
	s.last[v.Tx] = a
	s.kept += len(a.log.keys)
}

// unused returns an attempt whose memory can be filled. mu must be held.
func (s *attempts) unused() *attempt {
	n := len(s.free)
	if n == 0 {
		return new(attempt)
	}
	a := s.free[n-1]
	s.free = s.free[:n-1]
	return a
}

// drop forgets a transaction. mu must be held.
func (s *attempts) drop(tx framework.TxIndex) {
	const maxFree, maxFreeReads = 64, 64
	a := s.last[tx]
	if a == nil {
		return
	}
	delete(s.last, tx)
	s.kept -= len(a.log.keys)
	if len(s.free) < maxFree && cap(a.log.keys) <= maxFreeReads {
		a.tx.Body = nil
		clear(a.log.called)
		s.free = append(s.free, a)
	}
}

// rewind prepares a machine to go on from a read of an attempt. It reports false if it cannot.
func (s *attempts) rewind(from framework.Version, read int, m *machine) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.last[from.Tx]
	if a == nil || a.inc != from.Inc || read < 0 {
		return false
	}
	at, ok := a.log.first(read)
	if !ok {
		return false
	}
	m.again = a.tx
	m.old = append(m.old[:0], a.vals[:min(at, len(a.vals))]...)
	m.oldCalled = m.oldCalled[:0]
	for _, c := range a.log.called {
		if c.reads <= at {
			m.oldCalled = append(m.oldCalled, c.class)
		}
	}
	m.oldSpent = append(m.oldSpent[:0], a.log.spent[:at+1]...)
	return true
}

// rewinder adds the ability [framework.Rewinder] to an executor that keeps attempts.
type rewinder struct{ executor *executor }

// Resume implements [framework.Rewinder].
func (r rewinder) Resume(
	ctx context.Context, from framework.Version, read int, v framework.Version,
	view framework.View, out *framework.Outcome,
) error {
	e := r.executor
	if err := e.ready(ctx); err != nil {
		return err
	}
	m := machines.Get().(*machine) //nolint:forcetypeassert // the pool holds nothing else
	if from.Tx != v.Tx || !e.attempts.rewind(from, read, m) {
		machines.Put(m)
		return framework.ErrNoCheckpoint
	}
	m.reset(e, &m.again, view, out)
	m.spent = m.oldSpent[len(m.oldSpent)-1]
	return e.attempt(ctx, v, m)
}

// Forget implements [framework.Rewinder].
func (r rewinder) Forget(tx framework.TxIndex) {
	s := r.executor.attempts
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(tx)
}

// logSpent notes how much was burned when the first n reads were asked for, as far as it is not yet noted: in
// this attempt, or in the one before as long as that is replayed.
func (m *machine) logSpent(n int) {
	for i := len(m.log.spent); i < n; i++ {
		if i < len(m.oldSpent) {
			m.log.spent = append(m.log.spent, m.oldSpent[i])
			continue
		}
		m.log.spent = append(m.log.spent, m.spent)
	}
}

// replayed returns how many of the reads from number first on are answered from the attempt before.
func (m *machine) replayed(first, n int) int {
	return max(0, min(n, len(m.old))-first)
}

// logClass returns a class, from the attempt before as long as it is replayed.
func (m *machine) logClass(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	n := len(m.log.called)
	var class *framework.Class
	if n < len(m.oldCalled) {
		class = m.oldCalled[n]
	} else {
		var err error
		if class, err = m.view.Class(ctx, hash); err != nil {
			return nil, err
		}
	}
	m.log.called = append(m.log.called, called{reads: len(m.log.keys), class: class})
	return class, nil
}

// forgetReplay ends the replay of an attempt; what it held goes to the garbage collector.
func (m *machine) forgetReplay() {
	clear(m.oldCalled)
	m.old, m.oldSpent, m.oldCalled = m.old[:0], m.oldSpent[:0], m.oldCalled[:0]
	m.again = framework.Tx{}
}
