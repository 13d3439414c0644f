package vmlink

import (
	"context"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// frameSize is how long a frame may become by adding messages, and runsPerFrame how many orders it may hold.
const (
	frameSize    = 64 << 10
	runsPerFrame = 8
)

// largeMessage is the size from which a message goes in a frame of its own, which the link sends in pieces, between
// which other frames pass.
const largeMessage = 32 << 10

// maxQueued is how many bytes may wait to be sent before those who add more have to wait.
const maxQueued = 4 << 20

// outbox collects messages and sends them in frames, in order. Adding is quick and never sends; whoever may wait calls
// flush soon after. One goroutine sends at a time, and takes along all that is added meanwhile: so an idle link sends
// at once, and a busy one several messages per frame. What is only told travels with the next message that somebody
// waits for: every frame wakes a thread on the other side, which costs more than what is in it.
type outbox struct {
	kind link.Kind

	mu     sync.Mutex // guards all below
	room   sync.Cond  // on mu: less is queued
	conn   *link.Conn
	ctx    context.Context //nolint:containedctx // that of the link, which is what a frame waits for
	queue  []*frame
	free   []*frame
	queued int  // bytes
	urgent bool // somebody waits for what is queued
	busy   bool
	err    error // of the link
}

// frame is a frame that waits to be sent.
type frame struct {
	b    []byte
	runs int // orders in it
}

func newOutbox(kind link.Kind) *outbox {
	o := &outbox{kind: kind}
	o.room.L = &o.mu
	return o
}

// open gives the outbox its link. The context ends with the link, or before.
func (o *outbox) open(ctx context.Context, conn *link.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ctx, o.conn = ctx, conn
}

// add adds what f appends: whole messages. runs is how many of them are orders. It must not wait, and does not.
func (o *outbox) add(runs int, f func(dst []byte) []byte) { o.append(runs, true, f) }

// tell adds messages that nobody waits for.
func (o *outbox) tell(f func(dst []byte) []byte) { o.append(0, false, f) }

func (o *outbox) append(runs int, urgent bool, f func(dst []byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	last := o.last(runs)
	before := len(last.b)
	last.b = f(last.b)
	last.runs += runs
	o.queued += len(last.b) - before
	o.urgent = o.urgent || urgent
}

// last returns the frame to add to. o.mu must be held.
func (o *outbox) last(runs int) *frame {
	if n := len(o.queue); n > 0 {
		if f := o.queue[n-1]; len(f.b) < frameSize-largeMessage && f.runs+runs <= runsPerFrame {
			return f
		}
	}
	f := new(frame)
	if n := len(o.free); n > 0 {
		f, o.free = o.free[n-1], o.free[:n-1]
	}
	o.queue = append(o.queue, f)
	return f
}

// flush sends what was added, if somebody waits for any of it and nobody sends already; if somebody does, it waits only
// when very much is queued.
func (o *outbox) flush() { o.send(false) }

// flushAll is flush of what was only told, too.
func (o *outbox) flushAll() { o.send(true) }

func (o *outbox) send(all bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.busy && o.queued > maxQueued {
		o.room.Wait()
	}
	if o.busy || o.conn == nil || !all && !o.urgent && o.queued <= maxQueued {
		return
	}
	o.busy = true
	for len(o.queue) > 0 && o.err == nil {
		f := o.queue[0]
		o.queue = o.queue[:copy(o.queue, o.queue[1:])]
		o.mu.Unlock()
		err := o.conn.Send(o.ctx, o.kind, f.b)
		o.mu.Lock()
		o.sent(f, err)
	}
	o.busy, o.urgent = false, false
	o.room.Broadcast()
}

// drain sends what was added, and waits until all of it is sent.
func (o *outbox) drain() {
	o.flushAll()
	o.mu.Lock()
	defer o.mu.Unlock()
	for (o.busy || len(o.queue) > 0) && o.err == nil {
		o.room.Wait()
	}
}

// sent takes note of what became of a frame. o.mu must be held.
func (o *outbox) sent(f *frame, err error) {
	const most = 8
	o.queued -= len(f.b)
	if cap(f.b) <= 2*frameSize && len(o.free) < most {
		f.b, f.runs = f.b[:0], 0
		o.free = append(o.free, f)
	}
	if err != nil && o.err == nil {
		o.err = err
		o.queue, o.queued = nil, 0
	}
	o.room.Broadcast()
}

// orders returns how many orders have not been sent.
func (o *outbox) orders() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.queue {
		n += f.runs
	}
	return n
}

// end drops what was added: the link has ended, or is of no use.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = framework.ErrPluginGone
	}
	o.queue, o.queued = nil, 0
	o.room.Broadcast()
}

// sendApart sends one large message in a frame of its own, after all that was added. What is added later may overtake it.
func (o *outbox) sendApart(message []byte) {
	o.flushAll()
	o.mu.Lock()
	conn, ctx := o.conn, o.ctx
	o.mu.Unlock()
	_ = conn.Send(ctx, o.kind, message) // fails only with the link, of which everybody learns
}
