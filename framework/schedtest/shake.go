package schedtest

import (
	"context"
	"math/rand/v2"
	"runtime"

	"github.com/switchyard-dev/switchyard/framework"
)

// shaken makes attempts and the base of a block take varying time.
func shaken(b *scene, seed uint64) {
	if b.twin == nil {
		b.twin = b.vm
	}
	b.base.read = func(context.Context, []framework.Key) error {
		yield(rand.IntN(4)) //nolint:gosec // makes delays, not secrets
		return nil
	}
	if vm, ok := b.vm.(abler); ok {
		b.vm = &shakenAble{abler: vm, shaker: shaker{vm, seed}}
		return
	}
	b.vm = &shaker{b.vm, seed}
}

// yield leaves the processor to others n times.
func yield(n int) {
	for range n {
		runtime.Gosched()
	}
}

// shaker is an executor that dawdles before, between and after the reads of an attempt.
type shaker struct {
	framework.Executor
	seed uint64
}

// Execute implements [framework.Executor].
func (x *shaker) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	view, end := x.shake(v, view)
	defer end()
	return x.Executor.Execute(ctx, tx, v, view, out)
}

// shake begins an attempt, and returns a view that dawdles and what is to be called at its end.
func (x *shaker) shake(v framework.Version, view framework.View) (framework.View, func()) {
	rnd := rand.New(rand.NewPCG(x.seed, uint64(v.Tx)<<32|uint64(v.Inc))) //nolint:gosec // makes delays, not secrets
	most := 1 << rnd.IntN(8)
	yield(rnd.IntN(most))
	return &slowView{view, rnd, most}, func() { yield(rnd.IntN(most)) }
}

// slowView is a view that dawdles.
type slowView struct {
	framework.View
	rnd  *rand.Rand
	most int
}

// Read implements [framework.View].
func (s *slowView) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	yield(s.rnd.IntN(s.most))
	defer yield(s.rnd.IntN(s.most))
	return s.View.Read(ctx, keys, out)
}

// abler is an executor that can resume and predict.
type abler interface {
	framework.Executor
	framework.Rewinder
	framework.Predictor
}

// shakenAble is a shaker that can resume and predict.
type shakenAble struct {
	abler
	shaker shaker
}

// Execute implements [framework.Executor].
func (x *shakenAble) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	return x.shaker.Execute(ctx, tx, v, view, out)
}

// Resume implements [framework.Rewinder].
func (x *shakenAble) Resume(ctx context.Context, from framework.Version, read int, v framework.Version,
	view framework.View, out *framework.Outcome) error {
	view, end := x.shaker.shake(v, view)
	defer end()
	return x.abler.Resume(ctx, from, read, v, view, out)
}

// liar is an executor whose guesses are wrong.
type liar struct {
	abler
	seed uint64
}

// Predict implements [framework.Predictor]. It leaves out guesses, changes others and invents some more.
func (x *liar) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	rnd := rand.New(rand.NewPCG(x.seed, tx.ID[0])) //nolint:gosec // makes lies, not secrets
	first := len(dst)
	dst = x.abler.Predict(tx, dst)
	kept := dst[:first]
	for _, p := range dst[first:] {
		switch rnd.IntN(4) {
		case 0:
			continue
		case 1:
			p.Access = framework.Access(rnd.IntN(3)) //nolint:gosec // small
		case 2:
			p.Rule = 0
		}
		kept = append(kept, p)
	}
	for range rnd.IntN(4) {
		kept = append(kept, framework.Predicted{
			Key:    key(rnd.IntN(8)),
			Access: framework.Access(rnd.IntN(3)), //nolint:gosec // small
			Rule:   rnd.Uint64N(2),
		})
	}
	return kept
}

// plain is an executor without optional abilities.
type plain struct{ framework.Executor }
