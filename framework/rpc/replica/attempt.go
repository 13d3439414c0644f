package replica

import (
	"slices"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// Attempt is one execution of a transaction, as a reader of a block. The zero value is ready for Begin, and ready
// again after Reset. Stopped, Wake and Cause may be called from any goroutine, the rest by one at a time.
type Attempt struct {
	block   *Block
	tx      framework.TxIndex
	stopped atomic.Bool
	wake    chan struct{}
	asked   uint64 // the change after which the scheduler was asked

	// Guarded by block.mu. The log is only written by the attempt, which may look at it without.
	log   log
	waits []uint64 // hashes of keys of which the last Read has found estimates
	runs  []uint64 // whose proposals it has read
	place int      // 1 + where in block.running the attempt is, 0 if nowhere
	cause Cause
}

// Cause says why an attempt was stopped: Writer wrote another value to Key than the attempt has read.
type Cause struct {
	Key    framework.Key
	Writer framework.Version
}

// Begin makes a an attempt of transaction tx that has read nothing.
func (a *Attempt) Begin(b *Block, tx framework.TxIndex) {
	a.block, a.tx = b, tx
	if a.wake == nil {
		a.wake = make(chan struct{}, 1)
	}
}

// End ends the attempt. Its log stays until Reset.
func (a *Attempt) End() {
	b := a.block
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dismiss(a)
	a.waits = a.waits[:0]
}

// Reset forgets everything but memory for the next Begin. The attempt must have ended.
func (a *Attempt) Reset() {
	a.log.reset()
	a.block, a.cause, a.runs = nil, Cause{}, a.runs[:0]
	a.stopped.Store(false)
	select {
	case <-a.wake:
	default:
	}
}

// Stopped reports whether the attempt has read a value that is now another one. It costs one atomic load.
func (a *Attempt) Stopped() bool { return a.stopped.Load() }

// Cause returns why the attempt was stopped.
func (a *Attempt) Cause() Cause {
	a.block.mu.Lock()
	defer a.block.mu.Unlock()
	return a.cause
}

// Wake receives when the attempt was stopped, and when a Read that came to nothing may be tried again.
func (a *Attempt) Wake() <-chan struct{} { return a.wake }

// Log returns the reads so far, in order of the first read of their key, with the values seen. It must not be changed
// and is valid until Reset.
func (a *Attempt) Log() []framework.Write { return a.log.reads }

// Find returns the number of the first read of a key.
func (a *Attempt) Find(k *framework.Key) (int, bool) { return a.log.find(a.block.seed.hash(k)[0], k) }

// Read fills out with the values of keys: those that the attempt has read before, or what the block shows to its
// transaction. If a value is not known, or an estimate, nothing is read and Read reports false: the scheduler has to
// be asked for the keys that are new. If only estimates are in the way, Wake receives when it is worth to try again.
func (a *Attempt) Read(keys []framework.Key, out []framework.Word) bool {
	b := a.block
	b.mu.Lock()
	defer b.mu.Unlock()
	b.enlist(a)
	a.waits = a.waits[:0]
	before, all := len(a.log.reads), true
	for i := range keys {
		k := &keys[i]
		h := b.seed.hash(k)
		if n, ok := a.log.find(h[0], k); ok {
			out[i] = a.log.reads[n].Value
			continue
		}
		var st state
		switch out[i], st = b.resolve(h, a); st {
		case present:
			a.log.add(h[0], k, &out[i])
		case pending:
			a.log.filter.add(h[0])
			a.waits = append(a.waits, h[0])
			all = false
		case unknown:
			all = false
		}
	}
	if !all {
		a.log.cut(before)
	}
	return all
}

// Ask says that the scheduler is asked now: see Answer.
func (a *Attempt) Ask() {
	a.block.mu.Lock()
	defer a.block.mu.Unlock()
	a.asked = a.block.change
}

// Answer takes in what the scheduler says that keys hold for this attempt: they count as read from now on, whatever
// the block knows. A key that was read before keeps its value. With base set, the scheduler publishes what it shows:
// what no transaction below has written, and nobody has touched since Ask, is then the base, and is remembered.
func (a *Attempt) Answer(keys []framework.Key, values []framework.Word, base bool) {
	b := a.block
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep()
	b.enlist(a)
	a.waits = a.waits[:0]
	for i := range keys {
		k := &keys[i]
		h := b.seed.hash(k)
		if _, ok := a.log.find(h[0], k); ok {
			continue
		}
		if base && b.untouched(h, a) {
			b.learn(b.cell(h), values[i])
		}
		a.log.add(h[0], k, &values[i])
	}
}

// inform stops the attempt if the change at hand, made by v, has proved it wrong, or wakes it if it waits for that
// change. block.mu must be held.
func (a *Attempt) inform(v framework.Version) {
	if a.stopped.Load() {
		return
	}
	for _, c := range a.block.touched {
		h := c.hash[0]
		if a.tx <= c.from || !a.log.filter.has(h) {
			continue
		}
		if n, ok := a.log.find(h, nil); ok {
			r := &a.log.reads[n]
			if now, st := c.resolve(a.tx); st == present && now != r.Value {
				a.cause = Cause{Key: r.Key, Writer: v}
				a.stopped.Store(true)
				a.signal()
				return
			}
		}
		if slices.Contains(a.waits, h) {
			a.signal()
		}
	}
}

func (a *Attempt) signal() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}
