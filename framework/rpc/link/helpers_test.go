package link_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// within returns a context in which a test that works has ended long ago.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// transport opens links of one kind.
type transport struct {
	name string
	open func(t testing.TB, server, client link.Options) (s, c *link.Conn)
}

// transports are the carriers, and a pipe in memory: any io.ReadWriteCloser is a carrier.
func transports() []transport {
	all := []transport{{"pipe", openPipe}}
	for _, carrier := range carriers {
		all = append(all, transport{nameOf(carrier), func(t testing.TB, server, client link.Options) (s, c *link.Conn) {
			return openSocket(t, carrier, server, client)
		}})
	}
	return all
}

// eachTransport runs a test over every transport.
func eachTransport(t *testing.T, test func(t *testing.T, tr transport)) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) { test(t, tr) })
	}
}

type opened struct {
	conn *link.Conn
	err  error
}

// both runs the two sides of a handshake, and closes the links after the test.
func both(t testing.TB, server, client func() (*link.Conn, error)) (s, c *link.Conn) {
	t.Helper()
	served := make(chan opened, 1)
	go func() {
		conn, err := server()
		served <- opened{conn, err}
	}()
	c, err := client()
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	o := <-served
	if o.err != nil {
		t.Fatalf("server: %v", o.err)
	}
	t.Cleanup(func() { _ = o.conn.Close() })
	return o.conn, c
}

func openPipe(t testing.TB, server, client link.Options) (s, c *link.Conn) {
	t.Helper()
	ctx := within(t)
	a, b := net.Pipe()
	return both(t,
		func() (*link.Conn, error) { return link.Server(ctx, a, link.Token{1}, server) },
		func() (*link.Conn, error) { return link.Client(ctx, b, link.Token{1}, client) })
}

func openSocket(t testing.TB, carrier link.Carrier, server, client link.Options) (s, c *link.Conn) {
	t.Helper()
	ctx := within(t)
	l := listen(t, carrier, server)
	return both(t,
		func() (*link.Conn, error) { return l.Accept(ctx) },
		func() (*link.Conn, error) { return link.Dial(ctx, l.Ticket(), client) })
}

func listen(t testing.TB, carrier link.Carrier, o link.Options) *link.Listener {
	t.Helper()
	l, err := link.Listen(socketPath(t), carrier, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// wantIs fails the test if err is not target.
func wantIs(t testing.TB, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: error %v, want %v", what, err, target)
	}
}

// wantGone checks that everything that a caller may try on c says that the plugin is gone.
func wantGone(t testing.TB, c *link.Conn) {
	t.Helper()
	ctx := within(t)
	select {
	case <-c.Done():
	case <-ctx.Done():
		t.Fatal("the link has not ended")
	}
	_, call := c.Call(ctx, echoInline, nil, nil)
	_, large := c.Call(ctx, echoInline, make([]byte, 1<<20), nil)
	for what, err := range map[string]error{
		"Err": c.Err(), "Ping": c.Ping(ctx), "Send": c.Send(ctx, echoInline, nil), "Call": call, "large Call": large,
	} {
		wantIs(t, what, err, framework.ErrPluginGone)
	}
}

// The kinds of the link itself, as the package comment numbers them.
const (
	rawHello = iota
	rawAnswer
	rawError
	rawCancel
	rawCredit
	rawPing
	rawPong
	rawFirst
	rawMore
	rawDrop
	rawClose
)

var le = binary.LittleEndian

// raw is a peer that speaks the protocol by hand, right or wrong.
type raw struct {
	t testing.TB
	io.ReadWriteCloser
}

// rawFrame is a frame as it is on the wire.
type rawFrame struct {
	id      uint64
	kind    byte
	payload []byte
}

func (f rawFrame) bytes() []byte {
	b := le.AppendUint32(nil, uint32(len(f.payload)))
	b = append(le.AppendUint64(b, f.id), f.kind)
	return append(b, f.payload...)
}

// rawGreeting is the hello of a raw peer. Its limits are small.
func rawGreeting(token link.Token) []byte {
	b := le.AppendUint16(nil, 1)
	b = codec.AppendBytes(b, token[:])
	b = le.AppendUint32(b, 0)      // features
	b = le.AppendUint32(b, 1<<10)  // max frame
	b = le.AppendUint64(b, 1<<20)  // max message
	b = le.AppendUint32(b, 4)      // calls
	b = le.AppendUint32(b, 1)      // credits:
	b = append(b, byte(echoApart)) // of this kind,
	return le.AppendUint32(b, 2)   // so many
}

// send sends frames. An error is looked at by whoever reads.
func (p *raw) send(frames ...rawFrame) {
	p.t.Helper()
	for _, f := range frames {
		if _, err := p.Write(f.bytes()); err != nil {
			return
		}
	}
}

// read returns the next frame.
func (p *raw) read() rawFrame {
	p.t.Helper()
	var h [13]byte
	if _, err := io.ReadFull(p, h[:]); err != nil {
		p.t.Fatalf("raw peer: read: %v", err)
	}
	f := rawFrame{id: le.Uint64(h[4:]), kind: h[12], payload: make([]byte, le.Uint32(h[:]))}
	if _, err := io.ReadFull(p, f.payload); err != nil {
		p.t.Fatalf("raw peer: read: %v", err)
	}
	return f
}

// readUntil returns the next frame of a kind and drops the others.
func (p *raw) readUntil(kind byte) rawFrame {
	p.t.Helper()
	for {
		if f := p.read(); f.kind == kind {
			return f
		}
	}
}

// wantClose reads what the other side says before it closes the link.
func (p *raw) wantClose(words ...string) {
	p.t.Helper()
	d := codec.NewDecoder(p.readUntil(rawClose).payload)
	err := d.RemoteError()
	if e := d.End(); e != nil || err == nil {
		p.t.Fatalf("close frame: %v, %v", err, e)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			p.t.Errorf("closed because of %q, want %q in it", err, w)
		}
	}
	if _, err := p.Read(make([]byte, 1)); err == nil {
		p.t.Error("the link is still open after it said that it closes")
	}
}

// dialRaw returns a raw peer that has dialled a link, and the other end.
func dialRaw(t testing.TB, o link.Options) (*raw, *link.Conn) {
	t.Helper()
	p, b := rawPipe(t)
	served := make(chan opened, 1)
	go func() {
		c, err := link.Server(within(t), b, link.Token{1}, o)
		served <- opened{c, err}
	}()
	p.send(rawFrame{kind: rawHello, payload: rawGreeting(link.Token{1})})
	if f := p.read(); f.kind != rawHello {
		t.Fatalf("got %+v, want a hello", f)
	}
	s := <-served
	if s.err != nil {
		t.Fatal(s.err)
	}
	t.Cleanup(func() {
		_ = p.Close() // first, so that nobody lingers
		_ = s.conn.Close()
	})
	return p, s.conn
}

// rawPipe returns a raw peer that does not wait for ever, and the carrier of the other end.
func rawPipe(t testing.TB) (*raw, net.Conn) {
	t.Helper()
	a, b := net.Pipe()
	t.Cleanup(func() { _ = a.Close() })
	if err := a.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &raw{t, a}, b
}

// first is the payload of the first frame of a transfer.
func first(id uint64, kind link.Kind, total int, data []byte) []byte {
	b := append(le.AppendUint64(nil, id), byte(kind))
	return append(le.AppendUint64(b, uint64(total)), data...)
}

// numbered returns n bytes that tell where they are.
func numbered(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func wantBytes(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %s, want %s", what, short(got), short(want))
	}
}

func short(b []byte) string { return fmt.Sprintf("%d bytes %.32x", len(b), b) }
