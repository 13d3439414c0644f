package link

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// Handler serves a frame of the other side: a call, which it answers, or a one-way frame.
//
// It is called for one frame at a time, in the order in which they were sent, by the goroutine that reads the
// link, so it must be quick and must not wait: it may use Answer, Grant and Go of its request, but not Send, Call
// or Close. What needs time or may wait goes to [Request.Go].
//
// An error answers a call that has not been answered; for a one-way frame it is a protocol error and ends the
// link. A call that the handler returns from with nil, and without Answer or Go, is one that it does not know:
// the caller gets framework.ErrUnsupported. A panic counts as an error.
type Handler func(r *Request) error

// Request is a frame that the other side sent. It is valid until the handler, or the function given to Go, returns.
type Request struct {
	conn     *Conn
	id       uint64
	kind     Kind
	payload  []byte
	whole    bool // nobody else uses the memory of payload
	apart    bool // it has its own goroutine
	answered bool
	handed   bool // another goroutine has it
	// ctx is that of the goroutine: what ends a large answer, since Answer has no context of its own.
	ctx context.Context
}

var requestPool = sync.Pool{New: func() any { return new(Request) }}

// Conn returns the link over which the request came.
func (r *Request) Conn() *Conn { return r.conn }

// Kind returns the kind of the frame.
func (r *Request) Kind() Kind { return r.kind }

// Payload returns the payload. It is valid as long as the request.
func (r *Request) Payload() []byte { return r.payload }

// IsCall reports whether the other side waits for an answer.
func (r *Request) IsCall() bool { return r.id != 0 }

// Answer answers a call. The payload is copied, but a large one after Go is sent first. After an error, which is
// [ErrTooLarge] or says that nobody waits any longer, the call has not been answered.
func (r *Request) Answer(payload []byte) error { return r.reply(kindAnswer, payload) }

func (r *Request) reply(k Kind, payload []byte) error {
	if r.id == 0 || r.answered || r.handed {
		return errors.New("link: nothing to answer")
	}
	var err error
	w := r.conn.w
	switch {
	case len(payload) <= w.bulk.chunk:
		w.post(r.id, k, payload, r.apart)
	case r.apart:
		err = w.transfer(r.ctx, r.conn.done, r.id, k, payload)
	default:
		err = w.begin(&transfer{id: r.id, kind: k, data: append([]byte(nil), payload...)})
	}
	r.answered = err == nil
	return err
}

// Go calls f in a goroutine of the link, with a request that is valid until f returns, and returns nil at once: the
// handler returns that. What f returns is treated like an error of the handler. The context ends when the caller
// does not wait any longer, or with the link. There are as many goroutines as the other side has calls and credits.
func (r *Request) Go(f func(ctx context.Context, r *Request) error) error {
	c := r.conn
	own := requestPool.Get().(*Request)
	own.conn, own.id, own.kind, own.apart = c, r.id, r.kind, true
	if r.whole {
		own.payload = r.payload
	} else {
		own.payload = append(own.payload[:0], r.payload...)
	}
	r.handed = true
	ctx, forget := c.running.begin(c.ctx, r.id)
	own.ctx = ctx
	c.wg.Go(func() {
		err := own.guard(func(r *Request) error { return f(ctx, r) })
		own.finish(err)
		forget()
		if cap(own.payload) <= readBuffer {
			*own = Request{payload: own.payload}
			requestPool.Put(own)
		}
	})
	return nil
}

// guard calls the handler and turns its panic into an error.
func (r *Request) guard(h Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("link: handler of kind %d: panic: %v\n%s", r.kind, p, debug.Stack())
		}
	}()
	return h(r)
}

// finish does what is left to do after a handler.
func (r *Request) finish(err error) {
	switch {
	case r.handed || r.answered:
		return
	case r.id == 0 && err == nil:
		return
	case r.id == 0:
		r.conn.abort(protocolf("one-way frame of kind %d: %w", r.kind, err))
		return
	case err == nil:
		err = fmt.Errorf("link: call of kind %d: %w", r.kind, framework.ErrUnsupported)
	}
	_ = r.reply(kindError, codec.AppendError(nil, err)) // fails only if the link has ended
}

// running holds how to cancel the calls of the other side that have a goroutine.
type running struct {
	mu     sync.Mutex
	cancel map[uint64]context.CancelFunc // guarded by mu
}

// begin returns the context of a request and how to end it.
func (u *running) begin(parent context.Context, id uint64) (context.Context, func()) {
	if id == 0 {
		return parent, func() {}
	}
	ctx, cancel := context.WithCancel(parent)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.cancel[id] = cancel
	return ctx, func() {
		cancel()
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.cancel, id)
	}
}

// stop cancels a call, if it is running.
func (u *running) stop(id uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if cancel, ok := u.cancel[id]; ok {
		cancel()
	}
}
