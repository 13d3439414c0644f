package replica

import (
	"slices"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// Attempt is one execution of a transaction, as a reader of a block. The zero value is ready for Begin, and ready
// again after End. Stopped, Wake and Cause may be called from any goroutine, the rest by one at a time.
type Attempt struct {
	block   *Block
	tx      framework.TxIndex
	stopped atomic.Bool
	wake    chan struct{}

	cause Cause // guarded by block.mu

	// log holds the reads in order of the first read of their key. The elements do not change.
	log   []framework.Write
	index map[framework.Key]int32 // of log, if it is long
	at    []place                 // read n is at[n].cell.readers[at[n].n]; guarded by block.mu
	waits []*cell                 // where it is a waiter
	asked uint64                  // the change after which the scheduler was asked
}

// place says where in a cell a read is registered.
type place struct {
	cell *cell
	n    int32
}

// Cause says why an attempt was stopped: Writer wrote another value to Key than the attempt has read.
type Cause struct {
	Key    framework.Key
	Writer framework.Version
}

// long is how many reads are looked through one by one.
const long = 64

// Begin makes a an attempt of transaction tx that has read nothing.
func (a *Attempt) Begin(b *Block, tx framework.TxIndex) {
	a.block, a.tx = b, tx
	if a.wake == nil {
		a.wake = make(chan struct{}, 1)
	}
}

// End ends the attempt. Its log stays until the next Begin or Reset.
func (a *Attempt) End() {
	b := a.block
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := range a.at {
		a.leave(n)
	}
	a.at = a.at[:0]
	a.stopWaiting()
}

// Reset forgets everything but memory for the next Begin. The attempt must have ended.
func (a *Attempt) Reset() {
	const most = 1024 // a huge log is not kept
	if cap(a.log) > most {
		a.log, a.at = nil, nil
	}
	a.log, a.index, a.block, a.cause = a.log[:0], nil, nil, Cause{}
	a.stopped.Store(false)
	select {
	case <-a.wake:
	default:
	}
}

// leave removes read n from the readers of its cell. block.mu must be held.
func (a *Attempt) leave(n int) {
	p := a.at[n]
	last := len(p.cell.readers) - 1
	moved := p.cell.readers[last]
	p.cell.readers[p.n] = moved
	moved.attempt.at[moved.n].n = p.n
	p.cell.readers[last] = reader{}
	p.cell.readers = p.cell.readers[:last]
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
func (a *Attempt) Log() []framework.Write { return a.log }

// stop tells the attempt that it is invalid. block.mu must be held.
func (a *Attempt) stop(why Cause) {
	a.cause = why
	a.stopped.Store(true)
	a.signal()
}

func (a *Attempt) signal() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Find returns the number of the first read of a key.
func (a *Attempt) Find(k *framework.Key) (int, bool) {
	if a.index != nil {
		n, ok := a.index[*k]
		return int(n), ok
	}
	for n := range a.log {
		if a.log[n].Key.Slot[0] == k.Slot[0] && a.log[n].Key == *k { // most keys differ in their first limb
			return n, true
		}
	}
	return 0, false
}

// note appends a read to the log. block.mu must be held.
func (a *Attempt) note(k *framework.Key, w framework.Word, c *cell) {
	n := int32(len(a.log))
	a.log = append(a.log, framework.Write{Key: *k, Value: w})
	a.at = append(a.at, place{cell: c, n: int32(len(c.readers))})
	c.readers = append(c.readers, reader{a, n})
	switch {
	case a.index != nil:
		a.index[*k] = n
	case len(a.log) == long:
		a.index = make(map[framework.Key]int32, 2*long)
		for i := range a.log {
			a.index[a.log[i].Key] = int32(i)
		}
	}
}

// Read fills out with the values of keys: those that the attempt has read before, or what the block shows to its
// transaction. If a value is not known, or an estimate, nothing is read and Read reports false: the scheduler has to
// be asked for the keys that are new. If only estimates are in the way, Wake receives when it is worth to try again.
func (a *Attempt) Read(keys []framework.Key, out []framework.Word) bool {
	b := a.block
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep()
	a.stopWaiting()
	before, all := len(a.log), true
	for i := range keys {
		if n, ok := a.Find(&keys[i]); ok {
			out[i] = a.log[n].Value
			continue
		}
		c := b.cells.get(&keys[i])
		w, st := c.resolve(a.tx)
		if st != present {
			all = false
			if st == pending {
				c.waiters = append(c.waiters, a)
				a.waits = append(a.waits, c)
			}
			continue
		}
		out[i] = w
		a.note(&keys[i], w, c)
	}
	if !all {
		a.undo(before)
	}
	return all
}

// undo drops the reads from number n on. block.mu must be held.
func (a *Attempt) undo(n int) {
	for i := len(a.log) - 1; i >= n; i-- {
		a.leave(i)
		if a.index != nil {
			delete(a.index, a.log[i].Key)
		}
	}
	a.log, a.at = a.log[:n], a.at[:n]
}

// stopWaiting ends what an unsuccessful Read has begun. block.mu must be held.
func (a *Attempt) stopWaiting() {
	for _, c := range a.waits {
		if i := slices.Index(c.waiters, a); i >= 0 {
			c.waiters = slices.Delete(c.waiters, i, i+1)
		}
	}
	clear(a.waits)
	a.waits = a.waits[:0]
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
	a.stopWaiting()
	for i := range keys {
		if _, ok := a.Find(&keys[i]); ok {
			continue
		}
		c := b.cells.get(&keys[i])
		if n, _ := c.at(a.tx); n == 0 && base && c.visited <= a.asked {
			b.learn(c, values[i])
		}
		a.note(&keys[i], values[i], c)
	}
}
