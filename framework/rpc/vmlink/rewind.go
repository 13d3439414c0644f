package vmlink

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// memo is what the scheduler's side knows of the last attempt of a transaction: what it takes to go on from it.
type memo struct {
	version framework.Version // as the scheduler numbers it
	number  uint32            // of its last run, at the VM
	tx      framework.Tx
	reads   []framework.Write // the first reads of that run, as the view has answered them
}

// remember keeps an attempt that has ended.
func (e *executor) remember(a *attempt) {
	if !a.ran {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.s != a.s {
		return
	}
	if e.memos == nil {
		e.memos = map[framework.TxIndex]*memo{}
	}
	i := a.order.version.Tx
	m := e.memos[i]
	if m == nil {
		m = new(memo)
		e.memos[i] = m
	}
	m.version, m.number, m.tx = a.order.version, a.last, a.order.tx
	m.reads = append(m.reads[:0], a.known.log[:a.agreed]...)
}

// rewinder is the ability of an executor to go on from the middle of an attempt.
type rewinder struct{ e *executor }

// Resume implements [framework.Rewinder].
func (r rewinder) Resume(ctx context.Context, from framework.Version, read int, v framework.Version,
	view framework.View, out *framework.Outcome) error {
	a := newAttempt(r.e, view)
	defer a.free()
	a.order.version = v
	known := false
	return r.e.linked(ctx, a, func() error {
		if known = known || r.e.recall(a, from, read); !known {
			return framework.ErrNoCheckpoint
		}
		return r.e.execute(ctx, a, out)
	})
}

// recall prepares an attempt to go on from a read of another, or from an earlier read, if the run at the VM has not
// come as far with the values that the view has answered.
func (e *executor) recall(a *attempt, from framework.Version, read int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := e.memos[from.Tx]
	if m == nil || m.version != from || read < 0 || e.s != a.s {
		return false
	}
	read = min(read, len(m.reads))
	a.order.tx = m.tx
	a.order.flags |= orderResume
	a.order.from, a.order.read = m.number, uint32(read)
	for i := range m.reads[:read] {
		a.known.add(&m.reads[i].Key, &m.reads[i].Value)
	}
	a.agreed = read
	a.order.pins = append(a.order.pins[:0], a.known.log...)
	return true
}

// Forget implements [framework.Rewinder].
func (r rewinder) Forget(tx framework.TxIndex) {
	e := r.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	delete(e.memos, tx)
	delete(e.sets, tx)                                          // it is final: to a VM that is started again the values are as good as the base
	e.s.tell(tagForget, e.id, le.AppendUint64(nil, uint64(tx))) //nolint:gosec // two's complement, as Decoder.Int64 reads it
}

// predictor is the ability of an executor to guess what a transaction will touch.
type predictor struct{ e *executor }

// Predict implements [framework.Predictor]. It guesses nothing if the link is gone.
func (p predictor) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	s, id, err := p.e.session()
	if err != nil {
		return dst
	}
	answer, err := s.conn.Call(s.ctx, kindPredict, codec.AppendTx(le.AppendUint64(nil, id), tx), nil)
	if err != nil {
		return dst
	}
	d := codec.NewDecoder(answer)
	guesses := d.Predicted(nil)
	if d.End() != nil {
		return dst
	}
	return append(dst, guesses...)
}

// Learn implements [framework.Predictor].
func (p predictor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	s, id, err := p.e.session()
	if err != nil {
		return
	}
	b := codec.AppendTx(nil, tx)
	b = codec.AppendKeys(b, reads)
	s.tell(tagLearn, id, codec.AppendKeys(b, writes))
}
