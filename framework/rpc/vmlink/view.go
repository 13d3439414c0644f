package vmlink

import (
	"context"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// remoteError is an error that the view on the scheduler's side has returned.
type remoteError struct{ err error }

// Error implements error.
func (e *remoteError) Error() string { return e.err.Error() }

// Unwrap returns the error as it came over the link.
func (e *remoteError) Unwrap() error { return e.err }

var _ framework.View = (*run)(nil)

// Aborted implements [framework.View].
func (r *run) Aborted() bool { return r.reads.Stopped() || r.halted.Load() != haltNone }

// check returns the error of a run that must stop.
func (r *run) check() error {
	switch {
	case r.halted.Load() == haltClosed:
		return framework.ErrClosed
	case r.Aborted():
		return framework.ErrAborted
	}
	return nil
}

// Read implements [framework.View].
func (r *run) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if err := r.check(); err != nil {
		return err
	}
	if done, err := r.tryRead(keys, out); done {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.askFor(ctx, keys, out)
}

// tryRead reads from the replica. It reports false if the scheduler has to be asked.
func (r *run) tryRead(keys []framework.Key, out []framework.Word) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := len(r.reads.Log())
	if !r.reads.Read(keys, out) {
		return false, nil
	}
	if n := len(r.reads.Log()); n > before {
		r.calls = append(r.calls, viewCall{reads: n})
	}
	return true, r.given(keys, before)
}

// given returns the error of a run that must stop, or else notes that the VM is given the values of keys, of which
// those that are new are read number before and those that follow. r.mu must be held.
func (r *run) given(keys []framework.Key, before int) error {
	if err := r.check(); err != nil {
		return err
	}
	if r.seen >= before {
		r.seen = len(r.reads.Log())
		return nil
	}
	for i := range keys {
		if n, ok := r.reads.Find(&keys[i]); ok {
			r.seen = max(r.seen, n+1)
		}
	}
	return nil
}

// askFor asks the scheduler's side for the keys that are new. Meanwhile the run gives up its place. If the replica
// comes to know the values first, the run goes on with them.
func (r *run) askFor(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	news := r.question(keys)
	r.h.pool.leave(r)
	defer r.h.pool.enter(r)
	r.h.out.flush()
	for {
		select {
		case a := <-r.answer:
			return r.take(&a, news, keys, out)
		case <-r.reads.Wake():
			if err := r.check(); err != nil {
				return r.cease(err)
			}
			if done, err := r.tryRead(keys, out); done {
				return r.cease(err)
			}
		case <-r.halt:
			return r.cease(r.check())
		case <-ctx.Done():
			return r.cease(ctx.Err())
		}
	}
}

// question sends the question for those of keys that are new, and returns them.
func (r *run) question(keys []framework.Key) []framework.Key {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := distinct(keys, func(k *framework.Key) bool {
		_, known := r.reads.Find(k)
		return !known
	})
	r.reads.Ask()
	r.ask++
	r.asking = true
	r.h.out.add(0, func(dst []byte) []byte {
		dst, at := openMessage(dst, tagMiss, r.id)
		dst = le.AppendUint32(r.appendLog(dst), r.ask)
		return closeMessage(codec.AppendKeys(dst, news), at)
	})
	return news
}

// distinct returns the keys that are wanted, each once, in the order in which they come.
func distinct(keys []framework.Key, wanted func(*framework.Key) bool) (all []framework.Key) {
	const few = 16 // are looked through faster one by one
	var seen map[framework.Key]bool
	if len(keys) > few {
		seen = make(map[framework.Key]bool, len(keys))
	}
	for i := range keys {
		k := &keys[i]
		if !wanted(k) || seen[*k] || seen == nil && slices.Contains(all, *k) {
			continue
		}
		all = append(all, *k)
		if seen != nil {
			seen[*k] = true
		}
	}
	return all
}

// cease ends a question to which no answer is needed any more.
func (r *run) cease(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asking = false
	select {
	case <-r.answer:
	default:
	}
	return err
}

// take takes in the answer to a question for keys.
func (r *run) take(a *answer, news, keys []framework.Key, out []framework.Word) error {
	if a.err != nil {
		return &remoteError{a.err}
	}
	if len(a.values) != len(news) {
		return &remoteError{codec.ErrMalformed}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before := len(r.reads.Log())
	r.reads.Answer(news, a.values, a.base && !r.direct())
	r.told = len(r.reads.Log())
	r.reads.Read(keys, out) // all of them are read now
	return r.given(keys, before)
}

// appendLog appends the log of what the other side does not know, and takes it for told. r.mu must be held.
func (r *run) appendLog(dst []byte) []byte {
	r.spoken = true
	dst = le.AppendUint32(dst, uint32(len(r.calls))) //nolint:gosec // far below
	log := r.reads.Log()
	for i := range r.calls {
		c := &r.calls[i]
		if dst = codec.AppendBool(dst, c.class); c.class {
			dst = codec.AppendWord(dst, c.hash)
			continue
		}
		dst = codec.AppendWrites(dst, log[r.told:c.reads])
		r.told = c.reads
	}
	r.calls = r.calls[:0]
	return dst
}

// Class implements [framework.View]. A class that is here is taken from here, and the scheduler's side looks later
// whether its view shows it.
func (r *run) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	for {
		if err := r.check(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, wait := r.h.classes.find(hash)
		switch {
		case c != nil && r.direct():
			if err := r.askClass(ctx, hash, true, nil); err != nil {
				return nil, err
			}
			return c, nil
		case c != nil:
			r.mu.Lock()
			r.calls = append(r.calls, viewCall{class: true, hash: hash})
			r.mu.Unlock()
			return c, nil
		case wait != nil:
			r.await(ctx, wait)
			continue
		}
		err := r.askClass(ctx, hash, false, &c)
		r.h.classes.settle(hash, c)
		return c, err
	}
}

// await waits until another run has its answer, or this one must stop.
func (r *run) await(ctx context.Context, wait <-chan struct{}) {
	r.h.pool.leave(r)
	defer r.h.pool.enter(r)
	r.h.out.flushAll()
	select {
	case <-wait:
	case <-r.reads.Wake():
	case <-r.halt:
	case <-ctx.Done():
	}
}

// askClass asks the scheduler's side for a class, or only whether there is one.
func (r *run) askClass(ctx context.Context, hash framework.Word, only bool, c **framework.Class) error {
	r.mu.Lock()
	r.ask++
	r.asking = true
	r.h.out.add(0, func(dst []byte) []byte {
		dst, at := openMessage(dst, tagAskClass, r.id)
		dst = le.AppendUint32(r.appendLog(dst), r.ask)
		return closeMessage(codec.AppendBool(codec.AppendWord(dst, hash), only), at)
	})
	r.mu.Unlock()
	r.h.pool.leave(r)
	defer r.h.pool.enter(r)
	r.h.out.flush()
	for {
		select {
		case a := <-r.answer:
			switch {
			case a.err != nil:
				return &remoteError{a.err}
			case !only && (a.class == nil || a.class.Hash != hash):
				return &remoteError{codec.ErrMalformed}
			case !only:
				*c = a.class
			}
			return r.check()
		case <-r.reads.Wake():
			if err := r.check(); err != nil {
				return r.cease(err)
			}
		case <-r.halt:
			return r.cease(r.check())
		case <-ctx.Done():
			return r.cease(ctx.Err())
		}
	}
}
