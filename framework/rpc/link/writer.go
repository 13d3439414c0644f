package link

import (
	"context"
	"io"
	"sync"
)

// tryWriter is a carrier that can write what it has room for without waiting.
type tryWriter interface {
	TryWrite(p []byte) (int, error)
}

// writer combines frames: senders append to a buffer, and whoever finds no write in progress writes everything
// that has queued. So an idle link sends at once, a busy one many frames per write. Senders never wait for the
// carrier itself: what it does not take at once is left to the goroutine of run.
type writer struct {
	out   io.Writer
	try   tryWriter // nil if the carrier is none
	bound int
	// taken is told how many answers have left the buffer.
	taken func(answers int)

	mu      sync.Mutex // guards all below
	room    gate       // for senders who found the buffer full
	buf     []byte     // whole frames
	spare   []byte     // the other buffer, empty
	answers int        // answers in buf
	grants  grants
	bulk    bulk
	busy    bool          // somebody writes; nobody else may
	rest    []byte        // what run has to write first
	whole   []byte        // the buffer that rest is a part of
	ended   error         // set once: nothing more is accepted
	wake    chan struct{} // hands busy over to run
	drained chan struct{} // closed when all is written after the end
}

func newWriter(out io.Writer, bound int, peer *hello, chunk int, taken func(int)) *writer {
	w := &writer{
		out:     out,
		bound:   bound,
		taken:   taken,
		bulk:    bulk{chunk: chunk, limit: peer.maxMessage},
		wake:    make(chan struct{}, 1),
		drained: make(chan struct{}),
	}
	w.try, _ = out.(tryWriter)
	w.room = newGate(&w.mu)
	return w
}

// send queues a frame and sees to it that it is written. It waits while the buffer is full.
func (w *writer) send(ctx context.Context, id uint64, k Kind, payload []byte) error {
	w.mu.Lock()
	if w.full(len(payload)) {
		if err := w.room.wait(ctx, func() bool { return !w.full(len(payload)) }); err != nil {
			w.mu.Unlock()
			return err
		}
	}
	if w.ended != nil {
		w.mu.Unlock()
		return w.ended
	}
	w.buf = appendFrame(w.buf, id, k, payload)
	w.kick()
	return nil
}

// full reports whether a frame has to wait. A frame may always enter an empty buffer.
func (w *writer) full(payload int) bool {
	return w.ended == nil && len(w.buf) > 0 && len(w.buf)+headerSize+payload > w.bound
}

// flushAt is how many bytes of answers are worth a write.
const flushAt = 64 << 10

// post queues a frame that must not wait: its number is bounded by other means. If now is false, it is written with
// the next frame that is sent, or by flush, or when many have queued.
func (w *writer) post(id uint64, k Kind, payload []byte, now bool) {
	w.mu.Lock()
	if w.ended != nil {
		w.mu.Unlock()
		return
	}
	w.buf = appendFrame(w.buf, id, k, payload)
	if isReply(k) {
		w.answers++
	}
	if !now && len(w.buf) < flushAt {
		w.mu.Unlock()
		return
	}
	w.kick()
}

// flush sees to it that what has queued is written.
func (w *writer) flush() {
	w.mu.Lock()
	if w.empty() {
		w.mu.Unlock()
		return
	}
	w.kick()
}

// grant queues credits for the other side. They are written by run, so that a frame that the caller sends next
// travels with them.
func (w *writer) grant(k Kind, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended == nil {
		w.grants.add(k, n)
		w.hand()
	}
}

// hand leaves the writing to run if nobody writes. The mutex is held.
func (w *writer) hand() {
	if !w.busy {
		w.busy = true
		w.wake <- struct{}{}
	}
}

// kick writes what has queued if nobody writes. The mutex is held, and released.
func (w *writer) kick() {
	if w.try == nil || len(w.bulk.queue) > 0 {
		w.hand()
	}
	if w.busy {
		w.mu.Unlock()
		return
	}
	w.busy = true
	b := w.take()
	w.mu.Unlock()
	n, err := w.try.TryWrite(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && n == len(b) {
		w.recycle(b)
		if w.empty() {
			w.rested()
			return
		}
	} else { // run meets the error again, if it is one
		w.whole, w.rest = b, b[n:]
	}
	w.wake <- struct{}{}
}

// run writes what senders could not, until done is closed. It returns the error of the carrier.
func (w *writer) run(done <-chan struct{}) error {
	for {
		select {
		case <-done:
			return nil
		case <-w.wake:
		}
		for b, whole := w.more(nil); len(b) > 0; b, whole = w.more(whole) {
			if _, err := w.out.Write(b); err != nil {
				return err
			}
		}
	}
}

// more returns what run writes next, and the buffer that it is a part of, after it has written that of before.
// Nothing left means that run is not busy any more.
func (w *writer) more(before []byte) (b, whole []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before != nil {
		w.recycle(before)
	}
	if len(w.rest) > 0 {
		b, whole = w.rest, w.whole
		w.rest, w.whole = nil, nil
		return b, whole
	}
	if w.empty() {
		w.rested()
		return nil, nil
	}
	b = w.take()
	return b, b
}

// empty reports whether nothing has queued. The mutex is held.
func (w *writer) empty() bool {
	return len(w.buf) == 0 && len(w.grants.kinds) == 0 && len(w.bulk.queue) == 0
}

// take returns what has queued, with at most one piece of a transfer, and lets senders in again. The mutex is held.
func (w *writer) take() []byte {
	b := w.grants.appendTo(w.buf)
	b, done := w.bulk.appendTo(b)
	w.taken(w.answers + done)
	w.answers = 0
	w.buf, w.spare = w.spare[:0], nil
	w.room.open()
	return b
}

// recycle keeps b as the other buffer, unless a burst has made it large. The mutex is held.
func (w *writer) recycle(b []byte) {
	if cap(b) <= 2*(w.bound+w.bulk.chunk) {
		w.spare = b[:0]
	}
}

// rested ends the turn of whoever was busy, when nothing is left. The mutex is held.
func (w *writer) rested() {
	w.busy = false
	if w.ended != nil {
		select {
		case <-w.drained:
		default:
			close(w.drained)
		}
	}
}

// end lets nothing more in: everybody who sends gets err from then on, or that of an end before, which is returned.
// What has queued is still written, and last a frame that says why, unless that is nil; then drained is closed.
func (w *writer) end(err error, last []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended == nil {
		w.ended = err
		w.bulk.queue, w.bulk.running = nil, 0 // whoever waits for a transfer gets the error of the link
		w.buf = append(w.buf, last...)
		w.room.open()
		if w.empty() && !w.busy {
			w.rested()
		} else {
			w.hand()
		}
	}
	return w.ended
}
