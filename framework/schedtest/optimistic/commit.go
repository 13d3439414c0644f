package optimistic

import (
	"context"
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
)

// baseClass asks the base for a class.
func (r *run) baseClass(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	c, err := r.Base.Class(ctx, hash)
	if err != nil && !errors.Is(err, framework.ErrNoClass) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.fail(err)
	}
	return c, err
}

// commit hands out what has become final, unless another worker is doing so. r.mu must be held; it is
// released while the host looks at it.
func (r *run) commit(ctx context.Context) {
	if r.committing {
		return
	}
	r.committing = true
	for r.ready() {
		r.mu.Unlock()
		r.ask(ctx)
		r.mu.Lock()
		if ctx.Err() != nil {
			r.fail(ctx.Err())
		}
		finals := r.collect()
		if len(finals) == 0 {
			continue
		}
		r.wake.Broadcast() // the window has moved
		r.mu.Unlock()
		err := r.Final(finals)
		r.mu.Lock()
		if err != nil {
			r.fail(err)
		}
	}
	r.committing = false
	r.wake.Broadcast()
}

// ready reports whether the lowest transaction is final now. r.mu must be held.
func (r *run) ready() bool {
	return r.more() && r.head < framework.TxIndex(len(r.txs)) && r.txs[r.head].status == executed
}

// collect makes results final from the lowest up. r.mu must be held.
func (r *run) collect() []framework.Final {
	var finals []framework.Final
	for r.ready() && len(finals) < int(r.window) {
		t := r.txs[r.head]
		if t.result.overflow && !r.bugs.has(neverOverflows) {
			r.retryExactly(t)
			break
		}
		finals = append(finals, r.finalize(t))
	}
	return finals
}

// retryExactly has t, whose additions do not fit, executed again without them. r.mu must be held.
func (r *run) retryExactly(t *transaction) {
	t.exact = true
	r.invalidate(t, framework.Event{Cause: framework.FoldFailed})
}

// finalize makes the result of t, the lowest transaction, part of the state. r.mu must be held.
func (r *run) finalize(t *transaction) framework.Final {
	res := t.result
	f := framework.Final{Tx: t.index, Outcome: res.out, Fault: res.fault}
	for k, w := range res.cells {
		r.state[k] = w
		f.Writes = append(f.Writes, framework.Write{Key: k, Value: w})
	}
	framework.SortWrites(f.Writes)
	for _, c := range res.out.Classes {
		r.classes[c.Hash] = &c
	}
	if r.publisher != nil && r.bugs.has(publishesLate) {
		r.publisher.Publish(res.version, res.out.Writes, res.out.Adds)
	}
	if r.rewinder != nil {
		r.rewinder.Forget(t.index)
	}
	r.observe(framework.Event{Kind: framework.Finalized, Version: res.version})
	r.txs[t.index] = nil
	r.head++
	r.stats.Transactions++
	return f
}
