package vmlink

import (
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// FeatureProposals is the feature of a link's hello that says that a side knows proposals. Without it the replica shows only what
// the scheduler has published.
const FeatureProposals = "proposals"

// maxRestarts is how often a run is begun again before the scheduler's side is told.
const maxRestarts = 8

// proposes reports whether what the run comes to is proposed. A VM that is a publisher itself gets what the scheduler publishes,
// before anybody reads it.
func (r *run) proposes() bool { return r.h.proposals && !r.finish && r.b.publisher == nil }

// inVain reports whether the run has to be begun again: it has read what is another value now, and nobody knows what it has
// read.
func (r *run) inVain() bool {
	if r.b == nil || !r.reads.Stopped() || !r.proposes() || r.order.flags&orderResume != 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.spoken && r.starts < maxRestarts && r.halted.Load() == haltNone
}

// restart forgets what the run has done.
func (r *run) restart() {
	r.mu.Lock() // a probe may come at any time
	defer r.mu.Unlock()
	r.b.ended(r, false)
	r.began = false
	r.reads.End()
	r.reads.Reset()
	r.out.Reset()
	r.calls, r.told, r.seen = r.calls[:0], 0, 0
	r.starts++
}

// appendAfter appends the message that says whose proposals the run has read.
func (r *run) appendAfter(dst []byte) []byte {
	runs := r.reads.Proposals()
	if len(runs) == 0 || !r.h.proposals {
		return dst
	}
	dst, at := openMessage(dst, tagAfter, r.id)
	dst = le.AppendUint32(dst, uint32(len(runs))) //nolint:gosec // far below
	for _, id := range runs {
		dst = le.AppendUint64(dst, id)
	}
	return closeMessage(dst, at)
}

// patience is how long a result waits for those that it depends on. It may be that one of them waits, in the view, for a
// transaction that has no slot.
const patience = time.Millisecond

// after takes in whose proposals the run of an attempt has read. s.mu must be held.
func (s *session) after(a *attempt, payload []byte) error {
	d := codec.NewDecoder(payload)
	a.after = a.after[:0]
	for n := d.Count("runs", 8); n > 0; n-- {
		if id := d.Uint64(); s.unsettled[id] || s.live[id] != nil && id != a.id {
			a.after = append(a.after, id)
		}
	}
	return d.End()
}

// block has the result of an attempt wait for those that it depends on. s.mu must be held.
func (s *session) block(a *attempt, result event) {
	a.late = result
	s.blocked = append(s.blocked, a)
}

// unblock hands on the results of some attempts, in the order in which they came. s.mu must be held.
func (s *session) unblock(which func(a *attempt) bool) {
	s.blocked = slices.DeleteFunc(s.blocked, func(a *attempt) bool {
		if !which(a) {
			return false
		}
		a.deliver(a.late)
		a.late = event{}
		return true
	})
}

// hurry hands on the result of an attempt that is to end.
func (s *session) hurry(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unblock(func(b *attempt) bool { return a == b })
}

// drop forgets the result of a run that ends, unless the scheduler gets it. s.mu must be held.
func (s *session) drop(a *attempt) {
	s.blocked = slices.DeleteFunc(s.blocked, func(b *attempt) bool { return a == b })
	a.late.free()
	if !a.believed {
		s.settled(a.id)
	}
}

// settle says that the scheduler has done with the result of a run what it does.
func (s *session) settle(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled(id)
}

// settled is settle. s.mu must be held.
func (s *session) settled(id uint64) {
	delete(s.unsettled, id)
	for _, a := range s.blocked {
		a.after = slices.DeleteFunc(a.after, func(other uint64) bool { return other == id })
	}
	s.unblock(func(a *attempt) bool { return len(a.after) == 0 })
}

// returned notes that the result of a run is returned to the scheduler.
func (e *executor) returned(a *attempt) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.s == a.s && a.s.proposals {
		e.runs[a.order.version.Tx], a.believed = a.id, true
	}
}

// settle notes that the scheduler has done with the last result of a transaction what it does: published it, or begun another
// attempt.
func (e *executor) settle(i framework.TxIndex) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settled(i)
}

// settled is settle. e.mu must be held.
func (e *executor) settled(i framework.TxIndex) {
	if id, ok := e.runs[i]; ok {
		delete(e.runs, i)
		e.s.settle(id)
	}
}
