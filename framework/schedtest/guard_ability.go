package schedtest

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// executor returns the watched executor, with the abilities of the inner one.
func (g *guard) executor() framework.Executor {
	vm := g.inner.VM
	var r framework.Rewinder
	if inner, ok := vm.(framework.Rewinder); ok {
		r = guardRewinder{g, inner}
	}
	var p framework.Predictor
	if inner, ok := vm.(framework.Predictor); ok {
		p = guardPredictor{g, inner}
	}
	var u framework.Publisher
	if inner, ok := vm.(framework.Publisher); ok {
		u = guardPublisher{g, inner}
	}
	return framework.Combine(guardVM{g}, r, p, u)
}

// guardRewinder, guardPredictor and guardPublisher are the abilities of Job.VM.
type (
	guardRewinder struct {
		g     *guard
		inner framework.Rewinder
	}
	guardPredictor struct {
		g     *guard
		inner framework.Predictor
	}
	guardPublisher struct {
		g     *guard
		inner framework.Publisher
	}
)

// Resume implements [framework.Rewinder].
func (x guardRewinder) Resume(ctx context.Context, from framework.Version, read int, v framework.Version,
	view framework.View, out *framework.Outcome) error {
	defer x.g.enter("Rewinder.Resume of %v", v)()
	x.g.checkResume(from, read, v)
	before := x.g.snapshot(v.Tx)
	w := x.g.begin(v, view, out)
	x.g.checkPrefix(ctx, before.last, read, w)
	err := x.inner.Resume(ctx, from, read, v, w, out)
	x.g.end(v, out, err)
	if isNoCheckpoint(err) {
		x.g.restore(v.Tx, before) // nothing was done: the attempt has not begun
	}
	return err
}

// snapshot returns a copy of the history of a transaction.
func (g *guard) snapshot(i framework.TxIndex) history {
	g.mu.Lock()
	defer g.mu.Unlock()
	return *g.history(i)
}

func (g *guard) restore(i framework.TxIndex, h history) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.history(i)
	now.incarnation, now.last = h.incarnation, h.last
}

// checkResume checks that the attempt to go on with is the last one and has ended.
func (g *guard) checkResume(from framework.Version, read int, v framework.Version) {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.history(v.Tx)
	if from.Tx != v.Tx || from.Inc+1 != h.incarnation {
		g.complainLocked("Resume goes on from %v, which is not the last attempt", from)
	}
	if h.running > 0 {
		g.complainLocked("Resume goes on from %v, which is running", from)
	}
	if h.last != nil && (read < 0 || read > len(h.last.order)) {
		g.complainLocked("Resume goes on from read %d of %d", read, len(h.last.order))
	}
}

// checkPrefix checks that the view of a resumed attempt answers the reads that are said to be valid as before. To
// the new attempt they count as read.
func (g *guard) checkPrefix(ctx context.Context, last *watch, read int, w *watch) {
	if last == nil {
		return
	}
	keys := last.order[:min(max(read, 0), len(last.order))]
	for _, k := range keys {
		w.order = append(w.order, k)
		w.seen[k] = last.seen[k]
	}
	now := make([]framework.Word, len(keys))
	if len(keys) == 0 || w.view.Read(ctx, keys, now) != nil {
		return
	}
	for i, k := range keys {
		if now[i] != last.seen[k] {
			g.complain("Resume from read %d: read %d now gives %v, but gave %v", read, i, now[i], last.seen[k])
		}
	}
}

// Forget implements [framework.Rewinder].
func (x guardRewinder) Forget(tx framework.TxIndex) {
	defer x.g.enter("Rewinder.Forget(%d)", tx)()
	x.g.mu.Lock()
	h := x.g.history(tx)
	h.forgotten++
	if h.running > 0 {
		x.g.complainLocked("Forget(%d) while an attempt is running", tx)
	}
	x.g.mu.Unlock()
	x.inner.Forget(tx)
}

// Predict implements [framework.Predictor].
func (x guardPredictor) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	defer x.g.enter("Predictor.Predict")()
	return x.inner.Predict(tx, dst)
}

// Learn implements [framework.Predictor].
func (x guardPredictor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	defer x.g.enter("Predictor.Learn")()
	x.inner.Learn(tx, reads, writes)
}

// Publish implements [framework.Publisher].
func (x guardPublisher) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	defer x.g.enter("Publisher.Publish of %v", v)()
	x.g.mu.Lock()
	x.g.history(v.Tx).published = &publication{v, slices.Clone(writes), slices.Clone(adds)}
	x.g.mu.Unlock()
	x.inner.Publish(v, writes, adds)
}

// Estimate implements [framework.Publisher].
func (x guardPublisher) Estimate(v framework.Version) {
	defer x.g.enter("Publisher.Estimate of %v", v)()
	x.g.mu.Lock()
	x.g.history(v.Tx).estimated = &v
	x.g.mu.Unlock()
	x.inner.Estimate(v)
}
