package vmtest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var rewinderTests = []test{
	{"resumed equals executed", (*rig).resumeEquals},
	{"resumed after an abort", (*rig).resumeAfterAbort},
	{"resumed again and again", (*rig).resumeChain},
	{"aborted while resumed", (*rig).resumeAborted},
	{"nothing to resume", (*rig).noCheckpoint},
	{"forgotten", (*rig).forgotten},
	{"concurrent", (*rig).resumeConcurrent},
}

// rewinder opens the block and skips the test if its executor is no Rewinder.
func (r *rig) rewinder(t conform.T) (framework.Executor, framework.Rewinder) {
	t.Helper()
	ex := r.open(t)
	rw, ok := ex.(framework.Rewinder)
	if !ok {
		t.Skipf("the executor is no Rewinder")
	}
	return ex, rw
}

// resumption is one call of Resume.
type resumption struct {
	step     *step
	from, to framework.Version
	read     int
	view     *view
	out      framework.Outcome
}

// String says what is resumed.
func (rs *resumption) String() string {
	return fmt.Sprintf("%v, attempt %d resumed from attempt %d at read %d", rs.step, rs.to.Inc, rs.from.Inc, rs.read)
}

func (r *rig) resume(t conform.T, rw framework.Rewinder, rs *resumption) error {
	return r.bounded(rs.view, func() error {
		return rw.Resume(t.Context(), rs.from, rs.read, rs.to, rs.view, &rs.out)
	})
}

// alter makes up the values of reads that are not known.
type alter = func(framework.Key, framework.Word) framework.Word

// compare resumes and compares with a straight run of a new executor on the same values: reads are those that both
// see below read number rs.read, change makes the others. It reports whether the attempt was resumed.
func (r *rig) compare(t conform.T, rw framework.Rewinder, rs *resumption, reads []read, change alter) bool {
	t.Helper()
	rs.view = r.altered(rs.step, reads[:rs.read], change)
	err := r.resume(t, rw, rs)
	if errors.Is(err, framework.ErrNoCheckpoint) {
		if rs.view.calls > 0 || !equal(&rs.out, &framework.Outcome{}) {
			t.Errorf("%v: %v, but something was done: %d calls of the view, out is %+v", rs, err, rs.view.calls, rs.out)
		}
		return false
	}
	want, wantErr := r.fresh(t, rs.step, r.altered(rs.step, reads[:rs.read], change))
	switch {
	case broke(err) || broke(wantErr):
		t.Errorf("%v: %v, executed from the start: %v", rs, err, wantErr)
	case isAborted(err) || isAborted(wantErr):
	case (err == nil) != (wantErr == nil):
		t.Errorf("%v: error %v, executed from the start: %v", rs, err, wantErr)
	case err == nil && !equal(want, &rs.out):
		t.Errorf("%v: outcome differs from an execution from the start (-want +got):\n%s", rs, diff(want, &rs.out))
	}
	if len(rs.view.early) > 0 {
		t.Errorf("%v: class %x asked for before its key was read", rs, rs.view.early[0])
	}
	return true
}

// resumeEquals resumes every transaction at every read, with that read or all from there on changed, or none.
func (r *rig) resumeEquals(t conform.T) {
	ex, rw := r.rewinder(t)
	rng := r.rand(t)
	resumed, tried := 0, 0
	for i := range r.steps {
		s := &r.steps[i]
		inc := framework.Incarnation(0)
		for _, k := range sample(len(s.reads), points) {
			all := changes[rng.IntN(len(changes))]
			for _, change := range []alter{
				nil,
				alterOne(s.reads[k].key, rng),
				func(_ framework.Key, w framework.Word) framework.Word { return all(w) },
				garbage(rng.Uint64()),
			} {
				r.run(t, ex, s, inc)
				rs := &resumption{step: s, from: s.version(inc), to: s.version(inc + 1), read: k}
				inc += 2
				tried++
				if r.compare(t, rw, rs, s.reads, change) {
					resumed++
				}
				if t.Failed() {
					return
				}
			}
		}
		rw.Forget(s.index)
	}
	t.Logf("%d of %d attempts were resumed, the others had no checkpoint", resumed, tried)
}

// run makes a straight attempt on the state before s, and spoils the outcome and the transaction, which belong to the
// caller: the executor must need neither to resume it.
func (r *rig) run(t conform.T, ex framework.Executor, s *step, inc framework.Incarnation) {
	t.Helper()
	var out framework.Outcome
	mine, tx := *s, *s.tx
	mine.tx = &tx
	err := r.execute(t.Context(), ex, &mine, s.version(inc), r.view(s.pre), &out)
	r.same(t, s, s.want, &out, err)
	scribble(&out)
	tx = framework.Tx{Body: []byte("another transaction")}
}

// resumeAfterAbort aborts attempts at their calls of the view and resumes them at reads that they have asked for.
func (r *rig) resumeAfterAbort(t conform.T) {
	const most = points / 4
	ex, rw := r.rewinder(t)
	rng := r.rand(t)
	for i := range r.steps {
		s := &r.steps[i]
		inc := framework.Incarnation(0)
		for _, call := range sample(s.calls, most) {
			asked := r.abortAt(t, ex, s, inc, call)
			for _, k := range sample(asked, most) {
				rs := &resumption{step: s, from: s.version(inc), to: s.version(inc + 1), read: k}
				r.compare(t, rw, rs, s.reads, alterOne(s.reads[k].key, rng))
				inc += 2
				r.abortAt(t, ex, s, inc, call)
			}
			inc++
		}
	}
}

// abortAt makes an attempt that is aborted at a call of its view, and returns how many reads it has asked for. An executor that
// has kept what a class comes to makes fewer calls than the first time, and may be through before.
func (r *rig) abortAt(t conform.T, ex framework.Executor, s *step, inc framework.Incarnation, call int) int {
	t.Helper()
	vw := r.view(s.pre)
	vw.hook = func(n int) error {
		if n >= call {
			return framework.ErrAborted
		}
		return nil
	}
	var out framework.Outcome
	if err := r.execute(t.Context(), ex, s, s.version(inc), vw, &out); !isAborted(err) && vw.calls > call {
		t.Fatalf("%v: aborted at call %d of the view: %v", s, call, err)
	}
	return len(vw.log) + min(vw.refused, 1)
}

// resumeChain resumes what was resumed, ten times, at random reads.
func (r *rig) resumeChain(t conform.T) {
	ex, rw := r.rewinder(t)
	rng := r.rand(t)
	for i := range r.steps {
		s := &r.steps[i]
		r.run(t, ex, s, 0)
		reads := s.reads
		for inc := framework.Incarnation(0); inc < 10 && len(reads) > 0; inc++ {
			k := rng.IntN(len(reads))
			rs := &resumption{step: s, from: s.version(inc), to: s.version(inc + 1), read: k}
			change := alterOne(reads[k].key, rng)
			if !r.compare(t, rw, rs, reads, change) {
				rs.view = r.altered(s, reads[:k], change)
				_ = r.execute(t.Context(), ex, s, rs.to, rs.view, &rs.out) // how it ends is of no interest
			}
			scribble(&rs.out)
			reads = rs.view.log
		}
	}
}

// resumeAborted aborts resumed attempts at each call of the view in turn.
func (r *rig) resumeAborted(t conform.T) {
	ex, rw := r.rewinder(t)
	for i := range r.steps {
		s := &r.steps[i]
		inc := framework.Incarnation(0)
		for _, k := range sample(len(s.reads), points/4) {
			for call := range points / 4 {
				r.run(t, ex, s, inc)
				rs := &resumption{step: s, from: s.version(inc), to: s.version(inc + 1), read: k}
				inc += 2
				rs.view = r.view(s.pre).knows(s.reads[:k])
				rs.view.hook = func(n int) error {
					if n >= call {
						return framework.ErrAborted
					}
					return nil
				}
				err := r.resume(t, rw, rs)
				if errors.Is(err, framework.ErrNoCheckpoint) || rs.view.calls <= call {
					break
				}
				if !isAborted(err) || rs.view.after > 0 {
					t.Errorf("%v, aborted at call %d of the view: %v, %d calls after that, want %v and none",
						rs, call, err, rs.view.after, framework.ErrAborted)
				}
			}
		}
		r.expect(t, ex, s)
	}
}

// noCheckpoint resumes attempts that were never made, or were not the last. The executor must say that it cannot, or
// find the right outcome some other way.
func (r *rig) noCheckpoint(t conform.T) {
	ex, rw := r.rewinder(t)
	rng := r.rand(t)
	for i := range r.steps {
		s := &r.steps[i]
		if len(s.reads) == 0 {
			continue
		}
		r.compare(t, rw, &resumption{step: s, from: s.version(0), to: s.version(1)}, nil, nil)
		inc := framework.Incarnation(2)
		for _, k := range sample(len(s.reads), points) {
			r.run(t, ex, s, inc)
			last := r.altered(s, nil, alterOne(s.reads[0].key, rng))
			var out framework.Outcome
			_ = r.execute(t.Context(), ex, s, s.version(inc+1), last, &out) // how it ends is of no interest
			rs := &resumption{step: s, from: s.version(inc), to: s.version(inc + 2), read: k}
			r.compare(t, rw, rs, s.reads, nil)
			inc += 3
		}
	}
}

// forgotten resumes what the executor was told to forget, and what it was not.
func (r *rig) forgotten(t conform.T) {
	ex, rw := r.rewinder(t)
	for i := range r.steps {
		r.run(t, ex, &r.steps[i], 0)
	}
	rw.Forget(framework.TxIndex(len(r.steps) + 1000))
	for i := range r.steps {
		s := &r.steps[i]
		if i%2 == 0 {
			rw.Forget(s.index)
			rw.Forget(s.index)
		}
		if len(s.reads) > 0 {
			rs := &resumption{step: s, from: s.version(0), to: s.version(1), read: len(s.reads) / 2}
			r.compare(t, rw, rs, s.reads, nil)
		}
	}
}

// resumeConcurrent executes, resumes and forgets many transactions at once.
func (r *rig) resumeConcurrent(t conform.T) {
	ex, rw := r.rewinder(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 2 * len(r.steps) {
				s := r.steps[(g+n)%len(r.steps)]
				s.index += framework.TxIndex(1000 * (g + 1))
				r.run(t, ex, &s, 0)
				if len(s.reads) == 0 {
					continue
				}
				k := (g * n) % len(s.reads)
				rs := &resumption{step: &s, from: s.version(0), to: s.version(1), read: k}
				r.compare(t, rw, rs, s.reads, nil)
				if n%2 == 0 {
					rw.Forget(s.index)
				}
			}
		})
	}
	wg.Wait()
}
