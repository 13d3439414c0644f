package vmtest

import (
	"math/rand/v2"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var executeTests = []test{
	{"well formed", (*rig).wellFormed},
	{"same input same outcome", (*rig).sameOutcome},
	{"concurrent attempts", (*rig).concurrent},
	{"state comes from the view alone", (*rig).stateFromView},
	{"out belongs to the caller", (*rig).outIsCallers},
	{"input is left alone", (*rig).inputLeftAlone},
	{"one goroutine uses the view", (*rig).viewDiscipline},
	{"class after its key", (*rig).classAfterKey},
	{"declaration is written", (*rig).declarationWritten},
	{"exact mode", (*rig).exactMode},
	{"capacity", (*rig).capacity},
	{"damaged body", (*rig).damagedBody},
}

// sameOutcome repeats every transaction out of order, as other attempts, on a used and on a new executor.
func (r *rig) sameOutcome(t conform.T) {
	ex, fresh := r.open(t), r.open(t)
	for round := range 3 {
		for i := len(r.steps) - 1; i >= 0; i-- {
			s := &r.steps[i]
			v := framework.Version{Tx: s.index + framework.TxIndex(round*1000), Inc: framework.Incarnation(round)}
			var out framework.Outcome
			err := r.execute(t.Context(), ex, s, v, r.view(s.pre), &out)
			r.same(t, s, s.want, &out, err)
		}
	}
	for i := range r.steps {
		r.expect(t, fresh, &r.steps[len(r.steps)-1-i])
	}
}

// concurrent hammers one executor.
func (r *rig) concurrent(t conform.T) {
	const goroutines, rounds = 8, 3
	ex := r.open(t)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for n := range rounds * len(r.steps) {
				s := &r.steps[(n+g)%len(r.steps)]
				v := framework.Version{Tx: s.index + framework.TxIndex(g*1000), Inc: framework.Incarnation(n)}
				var out framework.Outcome
				err := r.execute(t.Context(), ex, s, v, r.view(s.pre), &out)
				if !r.same(t, s, s.want, &out, err) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// stateFromView changes what an attempt reads, and then changes it back: an executor that has seen other values
// must come to what a new one comes to. A change of cells that are not read must change nothing.
func (r *rig) stateFromView(t conform.T) {
	ex := r.open(t)
	rng := r.rand(t)
	for i := range r.steps {
		s := &r.steps[i]
		r.expect(t, ex, s)
		for _, k := range sample(len(s.reads), points) {
			r.agree(t, ex, s, alterOne(s.reads[k].key, rng))
			r.expect(t, ex, s)
		}
		vw := r.view(s.pre).knows(s.reads)
		vw.alter = garbage(rng.Uint64())
		got, err := r.attempt(t, ex, s, vw)
		r.same(t, s, s.want, got, err)
	}
}

// agree runs s on altered reads, on ex and on a new executor, and compares.
func (r *rig) agree(t conform.T, ex framework.Executor, s *step, change alter) {
	t.Helper()
	got, err := r.attempt(t, ex, s, r.altered(s, nil, change))
	want, wantErr := r.fresh(t, s, r.altered(s, nil, change))
	r.sameEnd(t, s, want, wantErr, got, err)
}

// altered returns a view of the state before s which answers all but the known reads with what change makes of them.
// If it changes anything, it aborts attempts that take long: the state may be one on which they never end.
func (r *rig) altered(s *step, known []read, change alter) *view {
	vw := r.view(s.pre).knows(known)
	if change != nil {
		vw.alter, vw.stop = change, s.soon()
	}
	return vw
}

// fresh runs s on an executor of its own.
func (r *rig) fresh(t conform.T, s *step, vw *view) (*framework.Outcome, error) {
	t.Helper()
	ex, err := r.VM(t).Open(t.Context(), &r.Block)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer ex.Close()
	return r.attempt(t, ex, s, vw)
}

// sameEnd compares two attempts on one state, which may be impossible: both may fail. An attempt that would not
// end by itself, and was aborted, compares with anything.
func (r *rig) sameEnd(t conform.T, s *step, want *framework.Outcome, wantErr error, got *framework.Outcome, err error) {
	t.Helper()
	switch {
	case broke(wantErr) || broke(err):
		t.Errorf("%v: %v and %v, on the same state", s, wantErr, err)
	case isAborted(wantErr) || isAborted(err):
	case (wantErr == nil) != (err == nil):
		t.Errorf("%v: error %v, a new executor has %v on the same state", s, err, wantErr)
	case err == nil && !equal(want, got):
		t.Errorf("%v: outcome differs from that of a new executor on the same state (-want +got):\n%s", s, diff(want, got))
	}
}

// outIsCallers checks both directions of ownership: the executor must not see what the caller does to out after the
// call, and must not change out later. It also hands in an out that was used and reset.
func (r *rig) outIsCallers(t conform.T) {
	ex := r.open(t)
	kept := make([]framework.Outcome, len(r.steps))
	for i := range r.steps {
		s := &r.steps[i]
		err := r.execute(t.Context(), ex, s, s.version(0), r.view(s.pre), &kept[i])
		r.same(t, s, s.want, &kept[i], err)
	}
	var reused framework.Outcome
	for range 2 {
		for i := range r.steps {
			s := &r.steps[i]
			reused.Reset()
			err := r.execute(t.Context(), ex, s, s.version(1), r.view(s.pre), &reused)
			r.same(t, s, s.want, &reused, err)
			scribble(&reused)
		}
	}
	for i := range r.steps {
		if s := &r.steps[i]; !equal(s.want, &kept[i]) {
			t.Errorf("%v: outcome changed after Execute had returned (-want +got):\n%s", s, diff(s.want, &kept[i]))
		}
	}
}

// scribble overwrites all memory that o owns: everything but the bodies of classes.
func scribble(o *framework.Outcome) {
	junk := framework.Word{0xdead, 0xdead, 0xdead, 0xdead}
	key := framework.Key{Space: 0xde, Owner: junk, Slot: junk}
	fill(o.Writes, framework.Write{Key: key, Value: junk})
	fill(o.Adds, framework.Add{Low: key, High: key, Amount: junk})
	fill(o.Classes, framework.Class{Hash: junk})
	fill(o.Usage.Counters, 0xdead)
	fill(o.Usage.Once, framework.Charge{Counter: 0xde, Key: key, Amount: 0xdead})
	fill(o.Receipt, 0xde)
}

func fill[E any](s []E, e E) {
	s = s[:cap(s)]
	for i := range s {
		s[i] = e
	}
}

// alterOne returns a function that changes the value of one key.
func alterOne(key framework.Key, rng *rand.Rand) alter {
	change := changes[rng.IntN(len(changes))]
	return func(k framework.Key, w framework.Word) framework.Word {
		if k == key {
			return change(w)
		}
		return w
	}
}

// changes are ways to make another value of one.
var changes = []func(framework.Word) framework.Word{
	func(w framework.Word) framework.Word { w[0] ^= 1; return w },
	func(w framework.Word) framework.Word { w[0]++; return w },
	func(w framework.Word) framework.Word { w[0] += 1000; return w },
	func(w framework.Word) framework.Word {
		if w == (framework.Word{}) {
			return framework.Word{7}
		}
		return framework.Word{}
	},
}
