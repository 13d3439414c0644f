package link_test

import (
	"bytes"
	"context"
	"io"
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// foreign is a peer as an author in another language has it: gRPC with the codec and the sizes that it comes with.
// BytesValue has the same bytes on the wire as the message Frames of link.proto.
type foreign struct {
	stream grpc.ClientStream
	rest   []byte // of a message
}

// dialForeign opens the stream of a listener.
func dialForeign(t *testing.T, l *link.Listener) *foreign {
	t.Helper()
	cc, err := grpc.NewClient("unix:"+l.Ticket().Path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cc.Close() })
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	s, err := cc.NewStream(within(t), desc, "/switchyard.v1.Link/Open")
	if err != nil {
		t.Fatal(err)
	}
	return &foreign{stream: s}
}

func (f *foreign) Write(p []byte) (int, error) {
	return len(p), f.stream.SendMsg(wrapperspb.Bytes(bytes.Clone(p)))
}

func (f *foreign) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		var m wrapperspb.BytesValue
		if err := f.stream.RecvMsg(&m); err != nil {
			return 0, err
		}
		f.rest = m.Value
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *foreign) Close() error { return f.stream.CloseSend() }

// openForeign shakes hands with a link that accepts frames of up to 4 MiB from the other side.
func openForeign(t *testing.T, o link.Options) (*foreign, *raw, *link.Conn) {
	t.Helper()
	l := listen(t, link.GRPCStream, o)
	accepted := acceptAll(within(t), l)
	f := dialForeign(t, l)
	p := &raw{t, f}
	greeting := rawGreeting(l.Ticket().Token)
	const maxFrame = 2 + 4 + 32 + 4 // where it is
	le.PutUint32(greeting[maxFrame:], 4<<20)
	le.PutUint64(greeting[maxFrame+4:], 64<<20)
	p.send(rawFrame{kind: rawHello, payload: greeting})
	if f := p.read(); f.kind != rawHello {
		t.Fatalf("got %+v, want a hello", f)
	}
	opened := <-accepted
	if opened.err != nil {
		t.Fatal(opened.err)
	}
	t.Cleanup(func() { _ = opened.conn.Close() })
	return f, p, opened.conn
}

func TestForeignPeer(t *testing.T) {
	f, p, c := openForeign(t, link.Options{Handler: echo})
	one := rawFrame{id: 1, kind: byte(echoInline), payload: []byte("one")}.bytes()
	two := rawFrame{id: 2, kind: byte(echoInline), payload: []byte("two")}.bytes()
	for _, m := range [][]byte{append(bytes.Clone(one), two...), nil, one[:5], one[5:]} { // nil is an empty message
		if _, err := f.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"one", "two", "one"} {
		if got := p.readUntil(rawAnswer); string(got.payload) != want {
			t.Errorf("answer %q, want %q", got.payload, want)
		}
	}
	_ = f.Close()
	wantGone(t, c)
	if _, err := io.ReadAll(f); err != nil {
		t.Errorf("the stream ends with %v, want nothing", err)
	}
}

// TestForeignMessages sends messages that are not Frames.
func TestForeignMessages(t *testing.T) {
	tests := map[string]proto.Message{
		"another type": wrapperspb.Int64(7),
		"longer": func() proto.Message {
			m := wrapperspb.Bytes([]byte("x"))
			m.ProtoReflect().SetUnknown([]byte{2 << 3, 1})
			return m
		}(),
	}
	for name, m := range tests {
		t.Run(name, func(t *testing.T) {
			f, _, c := openForeign(t, link.Options{})
			if err := f.stream.SendMsg(m); err != nil {
				t.Fatal(err)
			}
			wantGone(t, c)
			wantWords(t, c.Err(), "message", "expected")
		})
	}
}

// TestMessageSizes looks at the messages that a busy link sends: whole frames, of at most 1 MiB or one frame.
func TestMessageSizes(t *testing.T) {
	f, _, c := openForeign(t, link.Options{MaxFrame: 4 << 20, Buffer: 16 << 20})
	const small, large = 400_000, 1_500_000
	sizes := []int{small, small, small, small, small, large, small, small, small, small, large, large}
	var total int
	for _, n := range sizes {
		total += n + 13
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for _, n := range sizes {
			if err := c.Send(context.Background(), echoInline, make([]byte, n)); err != nil {
				t.Error(err)
			}
		}
	})
	for received := 0; received < total; {
		var m wrapperspb.BytesValue
		if err := f.stream.RecvMsg(&m); err != nil {
			t.Fatal(err)
		}
		received += len(m.Value)
		frames := 0
		for b := m.Value; len(b) > 0; frames++ {
			n := 13 + int(le.Uint32(b))
			if n > len(b) {
				t.Fatalf("a message ends within a frame")
			}
			b = b[n:]
		}
		if len(m.Value) > 1<<20 && frames > 1 {
			t.Errorf("a message has %d bytes in %d frames", len(m.Value), frames)
		}
	}
}
