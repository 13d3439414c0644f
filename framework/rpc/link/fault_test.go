package link_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// TestProtocolErrors breaks each rule of the link. The one who broke it is told what was expected, and the other
// end is gone for its users.
func TestProtocolErrors(t *testing.T) {
	tooLong := rawFrame{kind: byte(echoInline), payload: make([]byte, 1<<16)}.bytes()[:13]
	le.PutUint32(tooLong, 1<<16+1)
	tests := []struct {
		name   string
		frames []rawFrame
		bytes  []byte
		words  []string
	}{
		{name: "frame over the maximum", bytes: tooLong, words: []string{"65537 bytes", "at most 65536"}},
		{
			name: "second hello", frames: []rawFrame{{kind: rawHello, payload: rawGreeting(link.Token{1})}},
			words: []string{"second hello", "expected one"},
		},
		{
			name: "credits exceeded", frames: []rawFrame{{kind: byte(echoApart)}, {kind: byte(echoApart)}, {kind: byte(echoApart)}},
			words: []string{"costs 1 credits", "expected at most 0"},
		},
		{
			name: "one-way frame that the handler refuses", frames: []rawFrame{{kind: 99, payload: []byte{1, 2, 3}}},
			words: []string{"one-way frame of kind 99", "codec: end at byte 1: malformed: 2 bytes too many"},
		},
		{
			name: "one-way frame refused apart", frames: []rawFrame{{kind: 98}},
			words: []string{"one-way frame of kind 98", "no good"},
		},
		{
			name: "credit frame", frames: []rawFrame{{kind: rawCredit, payload: make([]byte, 7)}},
			words: []string{"credit frame of 7 bytes", "multiple of 5"},
		},
		{
			name: "error frame", frames: []rawFrame{{id: 1, kind: rawError, payload: []byte{77}}},
			words: []string{"error of call 1", "malformed"},
		},
		{
			name: "error frame with trailing bytes", frames: []rawFrame{{id: 1, kind: rawError, payload: []byte{0, 0}}},
			words: []string{"error of call 1", "too many"},
		},
		{
			name: "error frame without error", frames: []rawFrame{{id: 1, kind: rawError, payload: []byte{0}}},
			words: []string{"error of call 1 is none"},
		},
		{
			name: "transfer without its head", frames: []rawFrame{{id: 1, kind: rawFirst, payload: make([]byte, 16)}},
			words: []string{"first frame of a transfer has 16 bytes", "at least 17"},
		},
		{
			name: "transfer over the maximum", frames: []rawFrame{{id: 1, kind: rawFirst, payload: first(0, echoInline, 1<<20+1, nil)}},
			words: []string{"transfer of 1048577 bytes", "1048576 bytes"},
		},
		{
			name: "transfers over the maximum together", frames: []rawFrame{
				{id: 1, kind: rawFirst, payload: first(0, echoInline, 1<<19, nil)},
				{id: 2, kind: rawFirst, payload: first(0, echoInline, 1<<19+1, nil)},
			}, words: []string{"beside 1 of 524288 bytes"},
		},
		{
			name: "transfer that begins twice", frames: []rawFrame{
				{id: 1, kind: rawFirst, payload: first(0, echoInline, 10, nil)},
				{id: 1, kind: rawFirst, payload: first(0, echoInline, 10, nil)},
			}, words: []string{"transfer 1 begins twice"},
		},
		{
			name: "transfer longer than announced", frames: []rawFrame{
				{id: 1, kind: rawFirst, payload: first(0, echoInline, 10, []byte("1234567"))},
				{id: 1, kind: rawMore, payload: []byte("8901")},
			}, words: []string{"more than the 10 bytes"},
		},
		{
			name: "transfer of a frame of the link", frames: []rawFrame{{id: 1, kind: rawFirst, payload: first(0, rawHello, 10, nil)}},
			words: []string{"transfer of a frame of kind 0"},
		},
		{name: "too many transfers", frames: manyTransfers(65), words: []string{"beside 64", "at most 64"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, c := dialRaw(t, link.Options{
				MaxMessage: 1 << 20,
				Credits:    map[link.Kind]int{echoApart: 2},
				Handler:    pickyHandler,
			})
			go func() {
				p.send(tt.frames...)
				_, _ = p.Write(tt.bytes)
			}()
			p.wantClose(append(tt.words, "protocol error")...)
			wantGone(t, c)
			wantIs(t, "Err", c.Err(), link.ErrProtocol)
		})
	}
}

func pickyHandler(r *link.Request) error {
	switch r.Kind() {
	case echoApart:
		return nil
	case 98:
		return r.Go(func(context.Context, *link.Request) error { return errors.New("no good") })
	case 99:
		d := codec.NewDecoder(r.Payload())
		d.Uint8()
		return d.End()
	}
	return echo(r)
}

func manyTransfers(n int) []rawFrame {
	all := make([]rawFrame, n)
	for i := range all {
		all[i] = rawFrame{id: uint64(i) + 1, kind: rawFirst, payload: first(0, echoInline, 10, nil)}
	}
	return all
}

// TestTolerated sends what a later version, or a late answer, may send: the link goes on.
func TestTolerated(t *testing.T) {
	p, c := dialRaw(t, link.Options{Handler: echo})
	ctx := within(t)
	answered := make(chan error, 1)
	go func() {
		got, err := c.Call(ctx, echoInline, []byte("question"), nil)
		if err == nil && string(got) != "answer" {
			err = fmt.Errorf("answer %q", got)
		}
		answered <- err
	}()
	id := p.readUntil(byte(echoInline)).id
	p.send(
		rawFrame{kind: 31, payload: []byte("a kind of a later version")},
		rawFrame{id: 5, kind: 31, payload: []byte("likewise")},
		rawFrame{kind: 200, payload: []byte("one-way frame that nobody knows")},
		rawFrame{id: 77, kind: rawAnswer, payload: []byte("to no question")},
		rawFrame{id: 77, kind: rawError, payload: codec.AppendError(nil, framework.ErrAborted)},
		rawFrame{id: 77, kind: rawCancel},
		rawFrame{id: 77, kind: rawPong},
		rawFrame{id: 77, kind: rawMore, payload: []byte("of a transfer that was dropped")},
		rawFrame{id: 77, kind: rawDrop},
		rawFrame{kind: rawCredit, payload: []byte{200, 1, 0, 0, 0}}, // for a kind that costs nothing
		rawFrame{id: 9, kind: rawFirst, payload: first(0, echoInline, 10, []byte("half"))},
		rawFrame{id: 9, kind: rawDrop},
		rawFrame{id: id, kind: rawAnswer, payload: []byte("answer")},
		rawFrame{id: id, kind: rawAnswer, payload: []byte("answer again")},
		rawFrame{id: id, kind: rawError, payload: codec.AppendError(nil, framework.ErrAborted)},
	)
	if err := <-answered; err != nil {
		t.Error(err)
	}
	p.send(rawFrame{id: 3, kind: 200, payload: []byte("call that nobody knows")})
	d := codec.NewDecoder(p.readUntil(rawError).payload)
	wantIs(t, "unknown call", d.RemoteError(), framework.ErrUnsupported)
	p.send(rawFrame{id: 4, kind: byte(echoInline), payload: []byte("still here")})
	if f := p.readUntil(rawAnswer); f.id != 4 || string(f.payload) != "still here" {
		t.Errorf("answer = %+v", f)
	}
}

// TestTruncated ends the stream after each byte of a frame.
func TestTruncated(t *testing.T) {
	frame := rawFrame{id: 1, kind: byte(echoInline), payload: []byte("1234567")}.bytes()
	for n := range frame {
		p, c := dialRaw(t, link.Options{Handler: echo})
		if _, err := p.Write(frame[:n]); err != nil {
			t.Fatal(err)
		}
		_ = p.Close()
		wantGone(t, c)
		if want := fmt.Sprintf("%d bytes into a frame", n); n > 0 && !strings.Contains(c.Err().Error(), want) {
			t.Errorf("cut after %d bytes: %v, want %q in it", n, c.Err(), want)
		}
	}
}

// TestPeerGone lets the peer vanish while somebody waits for something.
func TestPeerGone(t *testing.T) {
	full := link.Options{Handler: echo, Buffer: 1, PingEvery: -1}
	points := []struct {
		name  string
		point func(ctx context.Context, c *link.Conn) error
		// until is the frame that the peer reads before it goes, or nothing
		until int
	}{
		{"answer", func(ctx context.Context, c *link.Conn) error {
			_, err := c.Call(ctx, echoInline, nil, nil)
			return err
		}, int(echoInline)},
		{"pong", func(ctx context.Context, c *link.Conn) error { return c.Ping(ctx) }, rawPing},
		{"transfer", func(ctx context.Context, c *link.Conn) error {
			return c.Send(ctx, echoInline, make([]byte, 1<<20))
		}, rawMore},
		{"transfer that waits", func(ctx context.Context, c *link.Conn) error {
			go func() { _ = c.Send(ctx, echoInline, make([]byte, 1<<20)) }()
			return c.Send(ctx, echoInline, make([]byte, 1<<20))
		}, rawMore},
		{"room", func(ctx context.Context, c *link.Conn) error {
			for {
				if err := c.Send(ctx, echoInline, make([]byte, 1000)); err != nil {
					return err
				}
			}
		}, int(echoInline)},
		{"credits", func(ctx context.Context, c *link.Conn) error {
			for {
				if err := c.Send(ctx, echoApart, nil); err != nil {
					return err
				}
			}
		}, int(echoApart)},
		{"place for a call", func(ctx context.Context, c *link.Conn) error {
			errs := make(chan error, 10)
			for range cap(errs) {
				go func() {
					_, err := c.Call(ctx, echoInline, nil, nil)
					errs <- err
				}()
			}
			var all error
			for range cap(errs) {
				err := <-errs
				if !errors.Is(err, framework.ErrPluginGone) {
					return fmt.Errorf("a call of many: %w", err)
				}
				all = err
			}
			return all
		}, int(echoInline)},
	}
	for _, tt := range points {
		t.Run(tt.name, func(t *testing.T) {
			ctx := within(t)
			p, c := dialRaw(t, full)
			got := make(chan error, 1)
			go func() { got <- tt.point(ctx, c) }()
			p.readUntil(byte(tt.until))
			_ = p.Close()
			wantIs(t, "who waits", <-got, framework.ErrPluginGone)
			wantGone(t, c)
		})
	}
}

// TestPeerGoneStopsHandlers looks at a handler that works for a peer that vanishes.
func TestPeerGoneStopsHandlers(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		running, stopped := make(chan struct{}, 2), make(chan error, 2)
		s, c := tr.open(t, link.Options{Handler: func(r *link.Request) error {
			return r.Go(func(ctx context.Context, r *link.Request) error {
				running <- struct{}{}
				<-ctx.Done()
				stopped <- r.Answer(make([]byte, 1<<20))
				return nil
			})
		}}, link.Options{})
		go func() { _, _ = c.Call(within(t), echoApart, nil, nil) }()
		if err := c.Send(within(t), echoApart, nil); err != nil {
			t.Fatal(err)
		}
		<-running
		<-running
		_ = c.Close()
		first, second := <-stopped, <-stopped
		if first == nil && second == nil {
			t.Error("a large answer to a peer that is gone is no error")
		}
		wantGone(t, s)
	})
}

// TestClose closes an end while others use it, twice, and both ends at once.
func TestClose(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		ctx := within(t)
		for range 20 {
			s, c := tr.open(t, link.Options{Handler: echo}, link.Options{})
			hung := make(chan error, 1)
			go func() {
				_, err := c.Call(ctx, echoHang, nil, nil)
				hung <- err
			}()
			if err := c.Ping(ctx); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for _, end := range []*link.Conn{c, s, c, s} {
				wg.Go(func() {
					if err := end.Close(); err != nil {
						t.Errorf("Close = %v", err)
					}
				})
			}
			wg.Wait()
			for what, err := range map[string]error{"who waits": <-hung, "who comes later": c.Ping(ctx), "other end": s.Ping(ctx)} {
				if !errors.Is(err, framework.ErrClosed) && !errors.Is(err, framework.ErrPluginGone) {
					t.Errorf("%s: %v, want closed or gone", what, err)
				}
			}
		}
	})
}

func TestCloseTellsWhoItWas(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		s, c := tr.open(t, link.Options{}, link.Options{})
		_ = c.Close()
		wantIs(t, "own Close", c.Err(), framework.ErrClosed)
		wantGone(t, s)
		if !strings.Contains(s.Err().Error(), "the peer closed the link") || errors.Is(s.Err(), framework.ErrClosed) {
			t.Errorf("Close of the peer: %v", s.Err())
		}
	})
}

// TestKilled kills the process on the other end in the middle of a large payload.
func TestKilled(t *testing.T) {
	for _, carrier := range carriers {
		t.Run(nameOf(carrier), func(t *testing.T) {
			ctx := within(t)
			cmd, ticket := startChild(t, carrier)
			c, err := link.Dial(ctx, ticket, link.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			got := make(chan error, 2)
			go func() {
				for {
					if _, err := c.Call(ctx, echoInline, make([]byte, 16<<20), nil); err != nil {
						got <- err
						return
					}
				}
			}()
			go func() {
				_, err := c.Call(ctx, echoHang, nil, nil)
				got <- err
			}()
			if err := c.Ping(ctx); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				wantIs(t, "who waits", <-got, framework.ErrPluginGone)
			}
			wantGone(t, c)
		})
	}
}

// TestSlowSocket sends to a process that does not read, over a real socket: the kernel's buffer is the third.
func TestSlowSocket(t *testing.T) {
	const bound, size = 100_000, 10_000
	for _, carrier := range carriers {
		t.Run(nameOf(carrier), func(t *testing.T) {
			stuck := make(chan struct{})
			_, c := openSocket(t, carrier, link.Options{Handler: func(*link.Request) error {
				<-stuck
				return nil
			}}, link.Options{Buffer: bound})
			defer close(stuck)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			var sent int
			var err error
			for ; err == nil; sent += size {
				err = c.Send(ctx, echoInline, make([]byte, size))
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Send to a peer that does not read = %v", err)
			}
			if sent > 8<<20 {
				t.Errorf("%d bytes were taken for a peer that does not read", sent)
			}
		})
	}
}

// TestNothingLeft opens and ends links in several ways and counts descriptors. Goroutines are counted by TestMain.
func TestNothingLeft(t *testing.T) {
	for _, carrier := range carriers {
		t.Run(nameOf(carrier), func(t *testing.T) {
			open := descriptors(t)
			for i := range 10 {
				s, c := openSocket(t, carrier, link.Options{Handler: echo}, link.Options{})
				go func() { _, _ = c.Call(within(t), echoInline, make([]byte, 1<<20), nil) }()
				ends := []*link.Conn{s, c}
				_ = ends[i%2].Close()
				<-ends[1-i%2].Done() // the other one notices by itself
				_ = ends[1-i%2].Close()
			}
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for ctx := within(t); ; {
				// Ten listeners are open until the test ends.
				if now := descriptors(t); now <= open+10 {
					return
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
					t.Fatalf("%d descriptors are open, %d were before 10 listeners and links", descriptors(t), open)
				}
			}
		})
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(fds)
}

func TestOptionsOutOfRange(t *testing.T) {
	for _, o := range []link.Options{
		{MaxFrame: 1000}, {MaxFrame: 1 << 20, MaxMessage: 1000}, {Calls: -1}, {Buffer: -1},
		{Credits: map[link.Kind]int{3: 5}}, {Credits: map[link.Kind]int{40: 0}},
	} {
		var closed closeRecorder
		if _, err := link.Client(t.Context(), &closed, link.Token{}, o); err == nil || !closed.yes {
			t.Errorf("%+v: error %v, carrier closed %v", o, err, closed.yes)
		}
	}
}

type closeRecorder struct {
	bytes.Buffer
	yes bool
}

func (c *closeRecorder) Close() error {
	c.yes = true
	return nil
}
