package link

import (
	"errors"
	"io"

	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// tryReader is a carrier that can be read without waiting.
type tryReader interface {
	// TryRead reads what is there. It returns 0 and no error if that is nothing.
	TryRead(p []byte) (int, error)
	// Await calls f now, and whenever something has arrived, until it returns true.
	Await(f func() bool) error
}

// read is the goroutine that reads the carrier and calls the handler.
func (c *Conn) read() {
	c.reading.Lock() // something may have come with the hello
	for {
		err := c.dispatchAll()
		c.reading.Unlock()
		if err != nil {
			c.refuse(err)
			return
		}
		c.w.flush() // what the handler answered
		if err := c.await(); err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("the peer is gone")
			}
			c.end(gone(err))
			return
		}
	}
}

// await waits for more bytes. It returns with c.reading held, unless it returns an error.
func (c *Conn) await() error {
	if c.try == nil {
		err := c.r.fill()
		if err == nil {
			c.reading.Lock()
		}
		return err
	}
	var failed error
	ended := c.try.Await(func() bool {
		c.reading.Lock()
		n, err := c.r.fillWith(c.try.TryRead)
		if n == 0 {
			c.reading.Unlock()
		}
		failed = err
		return n > 0 || err != nil
	})
	if ended != nil {
		return ended
	}
	return failed
}

// Poll takes in what has arrived, if that takes no waiting and nobody does it already. The goroutine that reads the link
// does so too, but it is the system that says when: on processors that compute, that may be milliseconds later. The
// handler is called by the goroutine that calls Poll, which must hold nothing that the handler needs.
func (c *Conn) Poll() {
	if c.try == nil || !c.reading.TryLock() {
		return
	}
	n, err := c.r.fillWith(c.try.TryRead)
	if n > 0 {
		err = c.dispatchAll()
	}
	c.reading.Unlock()
	if n == 0 {
		return // the reader meets the error again, if there is one
	}
	if err != nil {
		go c.refuse(err)
		return
	}
	c.w.flush()
}

// refuse ends the link after an error of dispatchAll.
func (c *Conn) refuse(err error) {
	if err != errPeerClosed { //nolint:errorlint // is not wrapped
		c.abort(err)
	}
}

// dispatchAll dispatches the frames that have been read. An error is one of the peer, after which nothing is read any
// more. c.reading must be held.
func (c *Conn) dispatchAll() error {
	c.heard.Add(1)
	for !c.refused {
		f, ok, err := c.r.next()
		if err == nil && ok {
			err = c.dispatch(f, false)
		}
		if c.refused = err != nil; err != nil || !ok {
			return err
		}
	}
	return nil
}

// errPeerClosed ends the reader: the peer has said goodbye.
var errPeerClosed = errors.New("link: the peer closed")

// dispatch does what a frame asks for. If whole is set, the payload belongs to it. An error is one of the peer.
func (c *Conn) dispatch(f frame, whole bool) error {
	switch f.kind {
	case kindHello:
		return protocolf("a second hello, expected one")
	case kindAnswer:
		c.calls.answer(f.id, f.payload, whole)
	case kindError:
		return c.failed(f)
	case kindCancel:
		c.running.stop(f.id)
	case kindCredit:
		return c.credits.received(f.payload)
	case kindPing:
		if err := c.asked(); err != nil {
			return err
		}
		c.w.post(f.id, kindPong, nil, false)
	case kindPong:
		c.pings.answer(f.id, nil, false)
	case kindFirst:
		return c.arrived(c.arriving.first(f))
	case kindMore:
		return c.arrived(c.arriving.more(f))
	case kindDrop:
		c.arriving.drop(f.id)
	case kindClose:
		c.end(gone(closeReason(f.payload)))
		return errPeerClosed
	default:
		if f.kind >= FirstKind {
			return c.serve(f, whole)
		}
	}
	return nil
}

// failed ends a call with the error in f.
func (c *Conn) failed(f frame) error {
	d := codec.NewDecoder(f.payload)
	err := d.RemoteError()
	if e := d.End(); e != nil {
		return protocolf("error of call %d: %w", f.id, e)
	}
	if err == nil {
		return protocolf("error of call %d is none", f.id)
	}
	c.calls.fail(f.id, err)
	return nil
}

// arrived dispatches a transfer of which the last piece has come.
func (c *Conn) arrived(whole *frame, err error) error {
	if whole == nil || err != nil {
		return err
	}
	return c.dispatch(*whole, true)
}

// asked counts a question of the peer: a call or a ping.
func (c *Conn) asked() error {
	if n := c.unanswered.Add(1); n > int64(c.o.Calls+2*maxPings) {
		return protocolf("%d calls and pings are open, expected at most %d calls", n, c.o.Calls)
	}
	return nil
}

// serve calls the handler.
func (c *Conn) serve(f frame, whole bool) error {
	if f.id == 0 {
		if err := c.spent(f); err != nil {
			return err
		}
	} else if err := c.asked(); err != nil {
		return err
	}
	r := &c.request
	*r = Request{conn: c, id: f.id, kind: f.kind, payload: f.payload, whole: whole}
	err := r.guard(c.o.Handler)
	if f.id == 0 && err != nil && !r.handed {
		return protocolf("one-way frame of kind %d: %w", f.kind, err)
	}
	r.finish(err)
	return nil
}

// spent takes the credits of a one-way frame from what the peer has.
func (c *Conn) spent(f frame) error {
	left, ok := c.spendable[f.kind]
	if !ok {
		return nil
	}
	n, err := c.o.Weigh(f.kind, f.payload)
	if err != nil {
		return protocolf("frame of kind %d: %w", f.kind, err)
	}
	n = max(n, 1)
	if rest := left.Add(-int64(n)); rest < 0 {
		return protocolf("frame of kind %d costs %d credits, expected at most %d", f.kind, n, rest+int64(n))
	}
	return nil
}
