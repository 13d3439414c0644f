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
		yield(rand.IntN(4))
		return nil
	}
	x := &shaker{b.vm, seed}
	var r framework.Rewinder
	if inner, ok := b.vm.(framework.Rewinder); ok {
		r = &shakenRewinder{inner, x}
	}
	p, _ := b.vm.(framework.Predictor)
	u, _ := b.vm.(framework.Publisher)
	b.vm = framework.Combine(x, r, p, u)
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
	rnd := rand.New(rand.NewPCG(x.seed, uint64(v.Tx)<<32|uint64(v.Inc)))
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

// shakenRewinder does the same for attempts that are resumed.
type shakenRewinder struct {
	framework.Rewinder
	shaker *shaker
}

// Resume implements [framework.Rewinder].
func (x *shakenRewinder) Resume(ctx context.Context, from framework.Version, read int, v framework.Version,
	view framework.View, out *framework.Outcome) error {
	view, end := x.shaker.shake(v, view)
	defer end()
	return x.Rewinder.Resume(ctx, from, read, v, view, out)
}

// liar is a predictor most of whose guesses are wrong, but for those that are certain.
type liar struct {
	framework.Predictor
	seed uint64
}

// Predict implements [framework.Predictor]. It leaves out guesses, changes others and invents some more.
func (x *liar) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	rnd := rand.New(rand.NewPCG(x.seed, tx.ID[0]))
	first := len(dst)
	dst = x.Predictor.Predict(tx, dst)
	kept := dst[:first]
	for _, p := range dst[first:] {
		if rnd.IntN(4) == 0 {
			continue
		}
		if p.Rule != 0 && rnd.IntN(3) == 0 {
			p.Access = framework.Access(rnd.IntN(3))
		}
		kept = append(kept, p)
	}
	for range rnd.IntN(4) {
		kept = append(kept, framework.Predicted{
			Key:    key(rnd.IntN(8)),
			Access: framework.Access(rnd.IntN(3)),
			Rule:   1 + rnd.Uint64N(2),
		})
	}
	return kept
}

// deaf is a publisher that does nothing: what it is told is for the guard to check.
type deaf struct{}

// Publish implements [framework.Publisher].
func (deaf) Publish(framework.Version, []framework.Write, []framework.Add) {}

// Estimate implements [framework.Publisher].
func (deaf) Estimate(framework.Version) {}
