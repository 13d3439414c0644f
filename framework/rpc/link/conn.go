package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// Conn is one end of a link. Both ends can do the same. It is safe for concurrent use.
//
// A link ends when one side closes it, when the carrier breaks, when a side breaks the protocol, and when the
// other side gives no sign of life. Everybody who waits for something, and everybody who comes later, then gets
// framework.ErrPluginGone, or framework.ErrClosed if it was this side's Close. The cause is in the text.
type Conn struct {
	carrier io.ReadWriteCloser
	o       Options
	peer    *hello
	w       *writer
	calls   *calls
	pings   *calls
	credits *credits // what this side may send
	// spendable is what the other side may still send, by kind. The map never changes.
	spendable map[Kind]*atomic.Int64
	// unanswered counts the other side's calls and pings whose answers have not been taken to be written. It
	// bounds what queues for a peer that asks and does not read.
	unanswered atomic.Int64
	running    running
	heard      atomic.Uint64

	try      tryReader  // the carrier; nil if it is none
	reading  sync.Mutex // held by who takes in what has arrived; guards all below
	r        *frameReader
	arriving arriving
	request  Request // of the frame at hand
	refused  bool    // the peer has made an error

	ctx    context.Context // of the handlers: ends with the link
	cancel context.CancelFunc
	once   sync.Once
	done   chan struct{}
	err    error // set before done is closed
	wg     sync.WaitGroup
}

// maxPings is how many pings may be unanswered.
const maxPings = 16

// start makes a link of a carrier on which both hellos have been exchanged.
func start(carrier io.ReadWriteCloser, r *frameReader, peer *hello, o Options) *Conn {
	c := &Conn{
		carrier:   carrier,
		o:         o,
		peer:      peer,
		r:         r,
		calls:     newCalls(peer.calls),
		pings:     newCalls(maxPings),
		credits:   newCredits(peer.credits),
		spendable: make(map[Kind]*atomic.Int64, len(o.Credits)),
		arriving:  arriving{limit: uint64(o.MaxMessage), open: map[uint64]*arrival{}},
		running:   running{cancel: map[uint64]context.CancelFunc{}},
		done:      make(chan struct{}),
	}
	c.w = newWriter(carrier, o.Buffer, peer, min(o.MaxFrame, int(peer.maxFrame)), func(answers int) {
		c.unanswered.Add(-int64(answers))
	})
	for k, n := range o.Credits {
		c.spendable[k] = new(atomic.Int64)
		c.spendable[k].Store(int64(n))
	}
	c.try, _ = carrier.(tryReader)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.wg.Go(c.write)
	c.wg.Go(c.read)
	if o.PingEvery > 0 {
		c.wg.Go(c.watch)
	}
	return c
}

// Features returns what the other side said that it is able to. The slice must not be changed.
func (c *Conn) Features() []string { return c.peer.features }

// Has reports whether both sides have said that they have a feature.
func (c *Conn) Has(feature string) bool {
	return slices.Contains(c.peer.features, feature) && slices.Contains(c.o.Features, feature)
}

// Done is closed when the link has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err returns why the link has ended, nil while it has not.
func (c *Conn) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Broken returns why nothing can be sent any more, nil as long as something can. It is set a moment before Done is closed.
func (c *Conn) Broken() error {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	return c.w.ended
}

// Send sends a one-way frame. It waits while too much waits to be written, and while there are no credits for
// the kind. It returns when the payload may be used again, not when it has arrived. Frames of one goroutine
// arrive in the order in which they were sent.
func (c *Conn) Send(ctx context.Context, k Kind, payload []byte) error {
	if k < FirstKind {
		return fmt.Errorf("link: kind %d is not for adapters", k)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.credits.limits(k) {
		return c.send(ctx, 0, k, payload)
	}
	n, err := c.o.Weigh(k, payload)
	if err != nil {
		return err
	}
	if err := c.credits.spend(ctx, k, n); err != nil {
		return err
	}
	if err := c.send(ctx, 0, k, payload); err != nil {
		c.credits.back(k, uint32(n))
		return err
	}
	return nil
}

func (c *Conn) send(ctx context.Context, id uint64, k Kind, payload []byte) error {
	if len(payload) > c.w.bulk.chunk {
		return c.w.transfer(ctx, c.done, id, k, payload)
	}
	return c.w.send(ctx, id, k, payload)
}

// Call sends a frame and returns the answer of the other side's handler, in the memory of dst if it fits. It waits
// like Send, and while too many calls are open. An error of the handler is found with errors.Is as it was there:
// see codec.AppendError. If ctx ends first, Call returns its error at once, and the other side is told.
func (c *Conn) Call(ctx context.Context, k Kind, payload, dst []byte) ([]byte, error) {
	if k < FirstKind {
		return nil, fmt.Errorf("link: kind %d is not for adapters", k)
	}
	return c.call(ctx, c.calls, k, payload, dst)
}

// Ping asks the other side for a sign of life and waits for it.
func (c *Conn) Ping(ctx context.Context) error {
	_, err := c.call(ctx, c.pings, kindPing, nil, nil)
	return err
}

func (c *Conn) call(ctx context.Context, in *calls, kind Kind, payload, dst []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, k, err := in.begin(ctx, dst)
	if err != nil {
		return nil, err
	}
	if err := c.send(ctx, id, kind, payload); err != nil {
		if t := in.take(id); t == nil {
			<-k.done // the link has ended
		}
		return nil, err
	}
	select {
	case <-k.done:
	case <-ctx.Done():
		if in.leave(id) {
			if kind != kindPing {
				c.w.post(id, kindCancel, nil, true)
			}
			return nil, ctx.Err()
		}
		<-k.done
	}
	return in.result(k)
}

// Grant gives the other side n credits for frames of that kind, usually those that a frame cost, when its work is
// done. It does not wait. Credits travel with what is sent next, if that is soon: grant first, then send.
func (c *Conn) Grant(k Kind, n int) {
	if left, ok := c.spendable[k]; ok && n > 0 {
		left.Add(int64(n))
		c.w.grant(k, n)
	}
}

// Close sends what has queued, for at most the time to linger, ends the link, and waits for its goroutines,
// handlers included: so it must not be called from one. It may be called again, and on both ends at once.
func (c *Conn) Close() error {
	c.shut(framework.ErrClosed, framework.ErrClosed)
	c.wg.Wait()
	return nil
}

// abort ends the link because of a fault of the other side, which is told.
func (c *Conn) abort(err error) { c.shut(gone(err), errors.New(err.Error())) }

// shut ends the link with err, after telling the other side why.
func (c *Conn) shut(err, why error) {
	last := appendFrame(nil, 0, kindClose, codec.AppendError(nil, why))
	_ = c.w.end(err, last)
	t := time.NewTimer(c.o.Linger)
	defer t.Stop()
	select {
	case <-c.w.drained:
	case <-t.C:
	case <-c.done:
	}
	c.end(err)
}

// end ends the link with err, or with the error of shut if that has begun. It waits for nothing.
func (c *Conn) end(err error) {
	c.once.Do(func() {
		err = c.w.end(err, nil)
		c.err = err
		close(c.done)
		c.cancel()
		c.credits.end(err)
		c.calls.end(err)
		c.pings.end(err)
		// It waits for whoever reads the carrier, who may wait for whoever has found out here that the link ends.
		c.wg.Go(func() { _ = c.carrier.Close() })
	})
}

// grace is how long the reader may take to find out what the peer had to say before it closed the carrier.
const grace = 100 * time.Millisecond

// write is the goroutine of the writer.
func (c *Conn) write() {
	err := c.w.run(c.done)
	if err == nil {
		return
	}
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-c.done:
	case <-t.C:
		c.end(gone(err))
	}
}

// watch is the goroutine that ends the link when the other side gives no sign of life.
func (c *Conn) watch() {
	t := time.NewTicker(c.o.PingEvery)
	defer t.Stop()
	heard, asked := c.heard.Load(), false
	for {
		select {
		case <-c.done:
			return
		case <-t.C:
		}
		now := c.heard.Load()
		switch {
		case now != heard:
			heard, asked = now, false
		case asked:
			c.end(gone(fmt.Errorf("no sign of life for %v", 2*c.o.PingEvery)))
			return
		default:
			asked = true
			c.w.post(0, kindPing, nil, true)
		}
	}
}
