package schedtest

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// hasAbilities reports whether the executor has one of the optional abilities.
func hasAbilities(vm framework.Executor) bool {
	switch vm.(type) {
	case framework.Rewinder, framework.Predictor, framework.Publisher:
		return true
	}
	return false
}

// guardAbilities is Job.VM when the inner one has an optional ability. It has all of them.
type guardAbilities struct{ guardVM }

var (
	_ framework.Rewinder  = guardAbilities{}
	_ framework.Predictor = guardAbilities{}
	_ framework.Publisher = guardAbilities{}
)

// Resume implements [framework.Rewinder].
func (x guardAbilities) Resume(ctx context.Context, from framework.Version, read int, v framework.Version,
	view framework.View, out *framework.Outcome) error {
	defer x.g.enter("Rewinder.Resume of %v", v)()
	x.g.checkResume(from, read, v)
	vm, ok := x.g.inner.VM.(framework.Rewinder)
	if !ok {
		return framework.ErrNoCheckpoint
	}
	before := x.g.snapshot(v.Tx)
	w := x.g.begin(v, view, out)
	x.g.checkPrefix(ctx, before.last, read, w)
	err := vm.Resume(ctx, from, read, v, w, out)
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
func (x guardAbilities) Forget(tx framework.TxIndex) {
	defer x.g.enter("Rewinder.Forget(%d)", tx)()
	x.g.mu.Lock()
	h := x.g.history(tx)
	h.forgotten++
	if h.running > 0 {
		x.g.complainLocked("Forget(%d) while an attempt is running", tx)
	}
	x.g.mu.Unlock()
	if vm, ok := x.g.inner.VM.(framework.Rewinder); ok {
		vm.Forget(tx)
	}
}

// Predict implements [framework.Predictor].
func (x guardAbilities) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	defer x.g.enter("Predictor.Predict")()
	if vm, ok := x.g.inner.VM.(framework.Predictor); ok {
		return vm.Predict(tx, dst)
	}
	return dst
}

// Learn implements [framework.Predictor].
func (x guardAbilities) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	defer x.g.enter("Predictor.Learn")()
	if vm, ok := x.g.inner.VM.(framework.Predictor); ok {
		vm.Learn(tx, reads, writes)
	}
}

// Publish implements [framework.Publisher].
func (x guardAbilities) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	defer x.g.enter("Publisher.Publish of %v", v)()
	x.g.mu.Lock()
	x.g.history(v.Tx).published = &publication{v, slices.Clone(writes), slices.Clone(adds)}
	x.g.mu.Unlock()
	if vm, ok := x.g.inner.VM.(framework.Publisher); ok {
		vm.Publish(v, writes, adds)
	}
}

// Estimate implements [framework.Publisher].
func (x guardAbilities) Estimate(v framework.Version) {
	defer x.g.enter("Publisher.Estimate of %v", v)()
	x.g.mu.Lock()
	x.g.history(v.Tx).estimated = &v
	x.g.mu.Unlock()
	if vm, ok := x.g.inner.VM.(framework.Publisher); ok {
		vm.Estimate(v)
	}
}
