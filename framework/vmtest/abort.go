package vmtest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var abortTests = []test{
	{"at a read", (*rig).abortedAtRead},
	{"in a loop", (*rig).abortedInLoop},
	{"error of the view", (*rig).viewError},
	{"impossible state", (*rig).impossibleState},
	{"cancelled context", (*rig).executeCancelled},
	{"cancelled at a read", (*rig).cancelledAtRead},
	{"cancelled in a loop", (*rig).cancelledInLoop},
}

func isAborted(err error) bool { return errors.Is(err, framework.ErrAborted) }

// abortedAtRead aborts every transaction at each call of its view in turn, bare and wrapped.
func (r *rig) abortedAtRead(t conform.T) {
	r.failingCalls(t, framework.ErrAborted)
	r.failingCalls(t, fmt.Errorf("vmtest: test: %w", framework.ErrAborted))
}

// viewError answers each call of the view in turn with an error that the VM cannot know.
func (r *rig) viewError(t conform.T) {
	r.failingCalls(t, errors.New("vmtest: error of the base state"))
}

// failingCalls wants err back, and no call of the view after the one that it answered.
func (r *rig) failingCalls(t conform.T, fail error) {
	t.Helper()
	ex := r.open(t)
	for i := range r.steps {
		s := &r.steps[i]
		for _, k := range sample(s.calls, points) {
			vw := r.view(s.pre)
			vw.hook = func(n int) error {
				if n >= k {
					return fail
				}
				return nil
			}
			want := fail
			if isAborted(fail) {
				want = framework.ErrAborted
			}
			_, err := r.attempt(t, ex, s, vw)
			if vw.calls <= k {
				continue // a VM does not ask for a class again that it has ready
			}
			if !errors.Is(err, want) {
				t.Errorf("%v: call %d of the view answered with %q: Execute: %v, want that error", s, k, fail, err)
			}
			if vw.after > 0 {
				t.Errorf("%v: call %d of the view answered with %q: %d calls after it", s, k, fail, vw.after)
			}
		}
		r.expect(t, ex, s) // an abort leaves no trace
	}
}

// abortedInLoop aborts the spinning transaction when it asks for the third time. It is the VM that has to ask.
func (r *rig) abortedInLoop(t conform.T) {
	s := r.spin(t)
	vw := r.view(s.pre)
	vw.stop = func(n int) bool { return n >= 2 }
	if _, err := r.attempt(t, r.open(t), s, vw); !isAborted(err) {
		t.Errorf("%v, aborted in its loop: %v after %d questions, want %v", s, err, vw.asked.Load(), framework.ErrAborted)
	}
}

// cancelledInLoop cancels the context of the spinning transaction while it is not aborted.
func (r *rig) cancelledInLoop(t conform.T) {
	s := r.spin(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	vw := r.view(s.pre)
	vw.stop = func(int) bool { cancel(); return false }
	var out framework.Outcome
	err := r.execute(ctx, r.open(t), s, s.version(0), vw, &out)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, context cancelled in its loop: %v, want %v", s, err, context.Canceled)
	}
}

func (r *rig) spin(t conform.T) *step {
	t.Helper()
	if r.Spin == nil {
		t.Skipf("the subject has no transaction that spins")
	}
	return &step{name: "spin", tx: r.Spin, pre: r.base}
}

func (r *rig) executeCancelled(t conform.T) {
	ex := r.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range r.steps {
		s := &r.steps[i]
		var out framework.Outcome
		err := r.execute(ctx, ex, s, s.version(0), r.view(s.pre), &out)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v: Execute with a cancelled context: %v, want %v", s, err, context.Canceled)
		}
	}
}

// cancelledAtRead cancels the context at each call of the view in turn, which then ends with the context's error.
func (r *rig) cancelledAtRead(t conform.T) {
	ex := r.open(t)
	for i := range r.steps {
		s := &r.steps[i]
		for _, k := range sample(s.calls, points) {
			ctx, cancel := context.WithCancel(t.Context())
			vw := r.view(s.pre)
			vw.hook = func(n int) error {
				if n == k {
					cancel()
				}
				return ctx.Err()
			}
			var out framework.Outcome
			err := r.execute(ctx, ex, s, s.version(0), vw, &out)
			cancel()
			if vw.calls > k && !errors.Is(err, context.Canceled) {
				t.Errorf("%v: context cancelled at call %d of the view: %v, want %v", s, k, err, context.Canceled)
			}
		}
	}
}

// impossibleState shows attempts values that no transaction ever wrote. They may fail, or go on until they are
// aborted, but not hang or panic.
func (r *rig) impossibleState(t conform.T) {
	ex := r.open(t)
	rng := r.rand(t)
	for i := range r.steps {
		s := &r.steps[i]
		var alters []alter
		first := rng.Uint64()
		for n := range 2 * uint64(len(nonsense)) {
			alters = append(alters, garbage(first+n))
		}
		for _, k := range sample(len(s.reads), points) {
			one, all := s.reads[k].key, garbage(rng.Uint64())
			alters = append(alters, func(k framework.Key, w framework.Word) framework.Word {
				if k == one {
					return all(k, w)
				}
				return w
			})
		}
		for _, alter := range alters {
			got, err := r.attempt(t, ex, s, r.altered(s, nil, alter))
			if broke(err) {
				t.Fatalf("%v, on an impossible state: %v", s, err)
			}
			if err == nil && malformed(got) != nil {
				t.Errorf("%v, on an impossible state: %v:\n%+v", s, malformed(got), got)
			}
		}
		r.expect(t, ex, s)
	}
}

// damagedBody cuts and changes bodies. The VM may reject the transaction or fail, but not hang or panic.
func (r *rig) damagedBody(t conform.T) {
	ex := r.open(t)
	rng := r.rand(t)
	for i := range r.steps {
		for n := range 2 * points {
			s := r.steps[i]
			tx := *s.tx
			tx.Body = append([]byte(nil), tx.Body...)
			if len(tx.Body) > 0 && n%2 == 0 {
				tx.Body = tx.Body[:rng.IntN(len(tx.Body))]
			}
			for range rng.IntN(3) {
				if len(tx.Body) > 0 {
					tx.Body[rng.IntN(len(tx.Body))] = byte(rng.Uint32())
				}
			}
			s.tx = &tx
			vw := r.view(s.pre)
			vw.stop = s.soon()
			got, err := r.attempt(t, ex, &s, vw)
			if broke(err) {
				t.Fatalf("%v, with body %q: %v", &s, tx.Body, err)
			}
			if err == nil && malformed(got) != nil {
				t.Errorf("%v, with body %q: %v:\n%+v", &s, tx.Body, malformed(got), got)
			}
		}
		r.expect(t, ex, &r.steps[i])
	}
}

// soon returns a stop function for attempts at s that may never end by themselves: it gives them twenty times as long
// as the first one took.
func (s *step) soon() func(int) bool {
	deadline := time.Now().Add(20*time.Millisecond + 20*s.took)
	return func(int) bool { return time.Now().After(deadline) }
}

// garbage returns a function that replaces every value by one that depends only on the seed, the key and the value.
// Seeds that follow each other make values of every kind.
func garbage(seed uint64) alter {
	kind := nonsense[seed%uint64(len(nonsense))]
	return func(k framework.Key, w framework.Word) framework.Word { return kind(seed, k, w) }
}

// hashed returns a random word.
func hashed(seed uint64, k framework.Key, w framework.Word) framework.Word {
	var sum framework.Word
	h := sha256.Sum256(fmt.Appendf(nil, "%d %v %v", seed, k, w))
	for i := range sum {
		sum[i] = binary.LittleEndian.Uint64(h[8*i:])
	}
	return sum
}

// nonsense are ways to make up values.
var nonsense = []func(uint64, framework.Key, framework.Word) framework.Word{
	func(uint64, framework.Key, framework.Word) framework.Word { return framework.Word{} },
	func(uint64, framework.Key, framework.Word) framework.Word {
		return framework.Word{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	},
	hashed,
	func(seed uint64, k framework.Key, w framework.Word) framework.Word {
		return framework.Word{hashed(seed, k, w)[0] % 8}
	},
	func(seed uint64, k framework.Key, w framework.Word) framework.Word {
		h := hashed(seed, k, w)
		return framework.Word{h[0], h[1]}
	},
	func(_ uint64, _ framework.Key, w framework.Word) framework.Word { w[0]--; return w },
	func(_ uint64, _ framework.Key, w framework.Word) framework.Word { w[3] ^= 1 << 63; return w },
	func(_ uint64, k framework.Key, _ framework.Word) framework.Word { return k.Slot },
}
