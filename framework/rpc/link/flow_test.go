package link_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// The tests of this file look at goroutines that wait, so they run in bubbles of synctest, over pipes.

func TestCreditsBlockTheSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 3
		weigh := func(_ link.Kind, payload []byte) (int, error) { return len(payload), nil }
		received := make(chan int, 100)
		s, c := openPipe(t, link.Options{Credits: map[link.Kind]int{echoInline: limit}, Weigh: weigh,
			Handler: func(r *link.Request) error {
				received <- len(r.Payload())
				return nil
			}}, link.Options{Weigh: weigh})
		ctx := t.Context()
		if err := c.Send(ctx, echoInline, make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		if err := c.Send(ctx, echoInline, make([]byte, limit+1)); !errors.Is(err, link.ErrTooLarge) {
			t.Errorf("a frame that costs more than there are credits: %v, want ErrTooLarge", err)
		}
		var sent atomic.Int32
		go func() {
			for range 2 {
				if err := c.Send(ctx, echoInline, make([]byte, 2)); err != nil {
					t.Error(err)
				}
				sent.Add(1)
			}
		}()
		for i, want := range []int32{0, 1, 2} {
			synctest.Wait()
			if got := sent.Load(); got != want {
				t.Errorf("after %d grants %d frames have been sent, want %d", i, got, want)
			}
			if err := c.Send(ctx, echoApart, nil); err != nil { // kinds without credits go on
				t.Error(err)
			}
			s.Grant(echoInline, 2)
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if err := c.Send(short, echoInline, make([]byte, 3)); err != nil { // 1 left and 2 granted
			t.Error(err)
		}
		if err := c.Send(short, echoInline, make([]byte, 1)); err != context.DeadlineExceeded {
			t.Errorf("Send without credits = %v, want deadline exceeded", err)
		}
	})
}

func TestCallsBlockTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 4
		release := make(chan struct{})
		var running atomic.Int32
		_, c := openPipe(t, link.Options{Calls: limit, Handler: func(r *link.Request) error {
			return r.Go(func(_ context.Context, r *link.Request) error {
				running.Add(1)
				<-release
				return r.Answer(nil)
			})
		}}, link.Options{})
		for range 2 * limit {
			go func() {
				if _, err := c.Call(t.Context(), echoApart, nil, nil); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if got := running.Load(); got != limit {
			t.Errorf("%d calls are running, want %d", got, limit)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Call(short, echoApart, nil, nil); err != context.DeadlineExceeded {
			t.Errorf("Call without a place = %v, want deadline exceeded", err)
		}
		if err := c.Ping(short); err != context.DeadlineExceeded {
			t.Errorf("Ping = %v after the deadline", err)
		}
		if err := c.Ping(t.Context()); err != nil {
			t.Errorf("Ping while all calls are taken = %v", err)
		}
		close(release)
		synctest.Wait()
		if got := running.Load(); got != 2*limit {
			t.Errorf("%d calls have run, want %d", got, 2*limit)
		}
	})
}

// TestSlowReader sends to a peer that does not read: senders wait when the buffer is full, until it reads.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound, size = 10_000, 987
		p, c := dialRaw(t, link.Options{Buffer: bound, PingEvery: -1})
		var sent, ended atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		for range 10 {
			go func() {
				defer ended.Add(1)
				for range 10 {
					if err := c.Send(ctx, echoInline, make([]byte, size)); err != nil {
						if err != context.Canceled {
							t.Error(err)
						}
						return
					}
					sent.Add(1)
				}
			}()
		}
		synctest.Wait()
		// One buffer is full, and one is being written.
		if got := sent.Load() * size; got > 2*bound || got < bound/2 {
			t.Errorf("%d bytes were taken for a peer that does not read, want at most 2 buffers of %d", got, bound)
		}
		before := sent.Load()
		for range 15 {
			p.readUntil(byte(echoInline))
		}
		synctest.Wait()
		if got := sent.Load(); got <= before {
			t.Errorf("%d frames were sent after the peer has read, %d before", got, before)
		}
		cancel()
		synctest.Wait()
		if got := ended.Load(); got != 10 {
			t.Errorf("%d senders of 10 stopped when their context ended", got)
		}
	})
}

// TestAsksAndDoesNotRead calls and pings without reading the answers: what queues for it is bounded.
func TestAsksAndDoesNotRead(t *testing.T) {
	for _, kind := range []byte{byte(echoInline), rawPing} {
		synctest.Test(t, func(t *testing.T) {
			p, c := dialRaw(t, link.Options{Handler: echo, Calls: 10, PingEvery: -1})
			var asked int
			for id := uint64(1); c.Err() == nil && asked < 1000; id++ {
				p.send(rawFrame{id: id, kind: kind})
				asked++
				synctest.Wait()
			}
			if asked > 100 {
				t.Errorf("kind %d: the link ended after %d questions (%v), want less than 100", kind, asked, c.Err())
			}
			wantIs(t, "a peer that asks and does not read", c.Err(), link.ErrProtocol)
		})
	}
}

// TestSmallBetweenLarge sends a small frame while a huge payload is on its way.
func TestSmallBetweenLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c := dialRaw(t, link.Options{PingEvery: -1})
		const size = 1 << 20
		sent := make(chan error, 2)
		for range 2 { // the second has to wait: together they are more than the peer takes at once
			go func() { sent <- c.Send(t.Context(), echoInline, make([]byte, size)) }()
		}
		var received int
		for range 100 {
			received += dataOf(p.read())
		}
		small := make(chan error, 1)
		go func() { small <- c.Send(t.Context(), echoApart, []byte("small")) }()
		synctest.Wait() // it has queued behind the piece that is being written
		var pieces int
		for f := p.read(); f.kind != byte(echoApart); f = p.read() {
			pieces++
			received += dataOf(f)
		}
		if pieces > 1 {
			t.Errorf("%d pieces came before the small frame, want at most 1", pieces)
		}
		if err := <-small; err != nil {
			t.Error(err)
		}
		for received < 2*size {
			received += dataOf(p.read())
		}
		if err := errors.Join(<-sent, <-sent); err != nil {
			t.Error(err)
		}
	})
}

// dataOf returns how many bytes of a large payload f has.
func dataOf(f rawFrame) int {
	if f.kind == rawFirst {
		return len(f.payload) - len(first(0, 0, 0, nil))
	}
	return len(f.payload)
}

// TestLargeTakeTurns sends a short large payload behind a long one.
func TestLargeTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c := dialRaw(t, link.Options{PingEvery: -1})
		go func() { _ = c.Send(t.Context(), echoInline, make([]byte, 500_000)) }()
		p.readUntil(rawFirst)
		short := make(chan error, 1)
		go func() { short <- c.Send(t.Context(), echoInline, make([]byte, 5000)) }()
		synctest.Wait()
		for range 16 {
			p.read()
		}
		synctest.Wait()
		select {
		case err := <-short:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("a payload of 5 pieces waits for one of 500")
		}
	})
}

// TestCancelledTransfer gives up in the middle of a payload: the other side is told to forget it.
func TestCancelledTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c := dialRaw(t, link.Options{PingEvery: -1})
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan error, 1)
		go func() {
			_, err := c.Call(ctx, echoInline, make([]byte, 100_000), nil)
			sent <- err
		}()
		begun := p.readUntil(rawFirst)
		cancel()
		if err := <-sent; err != context.Canceled {
			t.Errorf("Call = %v, want canceled", err)
		}
		if f := p.readUntil(rawDrop); f.id != begun.id {
			t.Errorf("transfer %d is dropped, want %d", f.id, begun.id)
		}
		go func() { _ = c.Ping(t.Context()) }()
		if f := p.read(); f.kind != rawPing {
			t.Errorf("frame of kind %d after the drop, want a ping", f.kind)
		}
	})
}

// TestCancelledAnswer gives up in the middle of a large answer: the rest does not come.
func TestCancelledAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan error, 1)
		p, _ := dialRaw(t, link.Options{PingEvery: -1, Handler: func(r *link.Request) error {
			return r.Go(func(_ context.Context, r *link.Request) error {
				err := r.Answer(make([]byte, 100_000))
				result <- err
				return err
			})
		}})
		p.send(rawFrame{id: 7, kind: byte(echoApart)})
		begun := p.readUntil(rawFirst)
		p.send(rawFrame{id: 7, kind: rawCancel})
		if err := <-result; err != context.Canceled {
			t.Errorf("Answer = %v, want canceled", err)
		}
		if f := p.readUntil(rawDrop); f.id != begun.id {
			t.Errorf("transfer %d is dropped, want %d", f.id, begun.id)
		}
		if f := p.read(); f.id != 7 || f.kind != rawError {
			t.Errorf("frame %+v after the drop, want the error of call 7", f)
		}
	})
}

// TestHalfOpen stops answering, as a stopped process does.
func TestHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const every = 3 * time.Second
		p, c := dialRaw(t, link.Options{PingEvery: every})
		begun := time.Now()
		for range 5 { // as long as it answers all is well
			if f := p.read(); f.kind != rawPing {
				t.Fatalf("kind %d, want a ping", f.kind)
			}
			p.send(rawFrame{kind: rawPong})
		}
		if c.Err() != nil || time.Since(begun) < 5*every {
			t.Fatalf("after 5 pings: %v in %v", c.Err(), time.Since(begun))
		}
		silent := time.Now()
		wantGone(t, c)
		if d := time.Since(silent); d > 3*every {
			t.Errorf("silence was noticed after %v, want at most %v", d, 3*every)
		}
	})
}

// TestHalfOpenWhileWriting stops reading while much is sent.
func TestHalfOpenWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := dialRaw(t, link.Options{PingEvery: time.Second, Buffer: 1000})
		for c.Send(t.Context(), echoInline, make([]byte, 500)) == nil {
		}
		wantGone(t, c)
	})
}

func TestHandshakeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, open := range []func(net.Conn) (*link.Conn, error){
			func(c net.Conn) (*link.Conn, error) {
				return link.Server(t.Context(), c, link.Token{}, link.Options{Handshake: time.Minute})
			},
			func(c net.Conn) (*link.Conn, error) {
				return link.Client(t.Context(), c, link.Token{}, link.Options{Handshake: time.Minute})
			},
		} {
			a, b := net.Pipe()
			begun := time.Now()
			_, err := open(b)
			wantIs(t, "handshake with a silent peer", err, context.DeadlineExceeded)
			if d := time.Since(begun); d != time.Minute {
				t.Errorf("it ended after %v, want a minute", d)
			}
			_ = a.Close()
		}
	})
}

// TestCloseDoesNotWaitForever closes a link whose peer does not read.
func TestCloseDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := dialRaw(t, link.Options{Linger: time.Minute, PingEvery: -1})
		if err := c.Send(t.Context(), echoInline, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		_ = c.Close()
		if d := time.Since(begun); d != time.Minute {
			t.Errorf("Close took %v, want a minute", d)
		}
	})
}
