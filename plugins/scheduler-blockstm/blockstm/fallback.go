package blockstm

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
)

// This file is for the day on which the machine fails: it panics, or the observer does, which is called in the middle of
// it. Nothing that the machine believes counts then but what was final already. All attempts are stopped, and the
// transactions that are left are executed one after the other.

// breakDown notes that the machine has panicked; p is what it panicked with, nil if it did not. r.mu must be held.
func (r *run) breakDown(p any) {
	if p == nil || r.broken {
		return
	}
	r.broken = true
	r.cancel()
	for _, h := range r.all {
		h.aborted.Store(true)
		select {
		case h.orders <- order{slot: noSlot}:
		default: // it has one, and will see
		}
	}
	if !r.over {
		r.over = true
		close(r.done)
	}
}

// locked calls f with the lock held.
func (r *run) locked(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.breakDown(recover()) }()
	f()
}

// enter takes the lock for a call that comes from the VM.
func (h *hand) enter() {
	h.mu.Lock()
	h.away = false
}

// leave ends such a call, which has panicked with p unless that is nil, and returns what it returns. A panic that is not
// the machine's goes on.
func (h *hand) leave(p any, err error) error {
	if p != nil && !h.away {
		h.breakDown(p)
		p, err = nil, framework.ErrAborted
	}
	h.away = true
	h.mu.Unlock()
	if p != nil {
		panic(p)
	}
	return err
}

// fallback executes the transactions that are not final one after the other, from the final state. No attempt is under
// way any more.
func (r *run) fallback(ctx context.Context) (framework.Stats, error) {
	defer r.forget()
	if d := &r.delivery; len(d.finals) > 0 && r.err == nil { // made final, but not handed out
		r.err = r.tell(d)
		r.handed += framework.TxIndex(len(d.finals))
	}
	if r.err != nil {
		return r.stats, r.err
	}
	r.core.Recover(r.handed)
	s := newSequence(ctx, r.Job)
	s.start, s.stats, s.next, s.end = r.start, r.stats, r.handed, r.ended
	s.state = framework.NewOverlay(ctx, &finalState{r}, nil)
	s.begun = r.begun
	defer func() { r.handed = s.next }()
	for !s.ended() && int(s.next) < len(r.txs) {
		if err := s.step(ctx, r.txs[s.next]); err != nil {
			return s.stats, err
		}
	}
	s.drawn = r.drawn
	_, _, err := s.run(ctx)
	return s.stats, err
}

// forget tells the VM of the transactions that are left out.
func (r *run) forget() {
	if r.forgetter == nil {
		return
	}
	for i := int(r.handed); i < len(r.txs); i++ {
		r.forgetter.Forget(framework.TxIndex(i))
	}
}

// begun returns how many attempts of a transaction the VM has seen.
func (r *run) begun(i framework.TxIndex) framework.Incarnation {
	if v := r.record(i).begun; v.Tx == i {
		return v.Inc
	}
	return 0
}

// finalState is the state after the transactions that are final.
type finalState struct{ r *run }

var _ framework.State = (*finalState)(nil)

// Read implements [framework.State].
func (s *finalState) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if err := s.r.Base.Read(ctx, keys, out); err != nil {
		return err
	}
	for i := range keys {
		if w, known := s.r.core.Known(s.r.keys.number(&keys[i])); known {
			out[i] = w
		}
	}
	return nil
}

// Class implements [framework.State].
func (s *finalState) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	if c := s.r.classes.below(hash, s.r.handed); c != nil {
		return c, nil
	}
	return s.r.Base.Class(ctx, hash)
}

// Close implements [framework.State]; the base belongs to who made it.
func (s *finalState) Close() error { return nil }
