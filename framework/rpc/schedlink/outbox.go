package schedlink

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// Outcomes are sent when so many have gathered, or so long after the first of them: each frame wakes up two processes, and
// where transactions are executed one after the other there would be a frame for each.
const (
	enough = 32
	soon   = 2 * time.Millisecond
)

// Events are sent when so many have gathered, and dropped when so many wait.
const (
	eventBatch = 256
	eventLimit = 1 << 16
)

// outbox gathers what a run has for the host while the frames before are on their way. Outcomes go in one call at a
// time, so they arrive in order; each call takes all that has gathered.
type outbox struct {
	conn   *link.Conn
	run    uint64
	cancel context.CancelFunc // of the run

	mu      sync.Mutex
	changed sync.Cond
	timer   *time.Timer
	due     bool   // the first outcome has waited long enough; guarded by mu
	closed  bool   // nothing will be added; guarded by mu
	err     error  // why nothing can be sent; guarded by mu until the sender has ended
	count   uint32 // of the outcomes in frame; guarded by mu
	frame   []byte // what finals sends next, empty if count is 0; guarded by mu
	spare   []byte // the memory of the frame before, once that has been sent; guarded by mu
	pending []framework.Event
	dropped uint64
}

func newOutbox(conn *link.Conn, run uint64, cancel context.CancelFunc) *outbox {
	o := &outbox{conn: conn, run: run, cancel: cancel}
	o.changed.L = &o.mu
	o.timer = time.AfterFunc(soon, o.hurry)
	o.timer.Stop()
	return o
}

// finals is the Final of the job. It waits while too much is on its way, and returns the host's error once there
// is one.
func (o *outbox) finals(finals []framework.Final) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil && len(o.frame) > ahead {
		o.changed.Wait()
	}
	if o.err != nil {
		return o.err
	}
	if o.count == 0 {
		o.frame = binary.LittleEndian.AppendUint64(o.frame[:0], o.run)
		o.frame = binary.LittleEndian.AppendUint32(o.frame, 0) // the count comes with take
		o.timer.Reset(soon)
	}
	for i := range finals {
		o.frame = codec.AppendFinal(o.frame, &finals[i])
	}
	o.count += uint32(len(finals)) //nolint:gosec // bounded by the transactions of a block
	if o.ready() {
		o.changed.Broadcast()
	}
	return nil
}

// ready reports whether outcomes are to be sent. o.mu must be held.
func (o *outbox) ready() bool {
	return o.count > 0 && (o.due || o.count >= enough || len(o.frame) > ahead)
}

// hurry says that outcomes have waited long enough.
func (o *outbox) hurry() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due = true
	o.changed.Broadcast()
}

// Observe implements [framework.Observer].
func (o *outbox) Observe(e *framework.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.pending) >= eventLimit {
		o.dropped++
		return
	}
	o.pending = append(o.pending, *e)
	if len(o.pending) == eventBatch {
		o.changed.Broadcast()
	}
}

// close says that nothing will be added.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.timer.Stop()
	o.changed.Broadcast()
}

// batch is what goes to the host at once.
type batch struct {
	finals  []byte // a frame, nil if there are none
	events  []framework.Event
	dropped uint64
}

// take waits until there is something to send. It reports false if there will be nothing any more.
func (o *outbox) take() (batch, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.closed && !o.ready() && len(o.pending) < eventBatch {
		o.changed.Wait()
	}
	if o.count == 0 && len(o.pending) == 0 && o.dropped == 0 {
		return batch{}, false
	}
	b := batch{events: o.pending, dropped: o.dropped}
	if o.count > 0 {
		b.finals = o.frame
		binary.LittleEndian.PutUint32(b.finals[8:], o.count)
		o.count, o.frame, o.spare, o.due = 0, o.spare, nil, false
	}
	o.pending, o.dropped = nil, 0
	o.changed.Broadcast()
	return b, true
}

// recycle has the memory of a frame used again.
func (o *outbox) recycle(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spare = frame[:0] // a frame without outcomes is empty, or finals would wait for its bytes to be sent
}

// send sends batches until the box is closed and empty, or the host does not want any more.
func (o *outbox) send(ctx context.Context) {
	for {
		b, ok := o.take()
		if !ok {
			return
		}
		if err := o.ship(ctx, &b); err != nil {
			o.fail(err)
			return
		}
	}
}

// ship sends a batch: outcomes first, so that the host knows which of them it left out when their events come.
func (o *outbox) ship(ctx context.Context, b *batch) error {
	if b.finals != nil {
		if _, err := o.conn.Call(ctx, kindFinals, b.finals, nil); err != nil {
			return err
		}
		o.recycle(b.finals)
	}
	if len(b.events) == 0 && b.dropped == 0 {
		return nil
	}
	payload := binary.LittleEndian.AppendUint64(nil, o.run)
	payload = binary.LittleEndian.AppendUint64(payload, b.dropped)
	return o.conn.Send(ctx, kindEvents, codec.AppendEvents(payload, b.events))
}

// fail stops the run.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
	o.cancel()
	o.changed.Broadcast()
}
