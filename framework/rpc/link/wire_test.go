package link_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

var update = flag.Bool("update", false, "rewrite the golden bytes in testdata")

// TestGoldenFrames compares the frames that a link writes with those that earlier versions wrote.
func TestGoldenFrames(t *testing.T) {
	p, b := rawPipe(t)
	var text strings.Builder
	record := func(name string, f rawFrame) rawFrame {
		fmt.Fprintf(&text, "%s %x\n", name, f.bytes())
		return f
	}
	dialled := make(chan opened, 1)
	go func() {
		c, err := link.Client(within(t), b, link.Token{1, 2, 3}, link.Options{
			Handler: echo, Features: []string{"publish", "rewind"}, PingEvery: -1,
			Credits: map[link.Kind]int{echoApart: 7, echoInline: 9},
		})
		dialled <- opened{c, err}
	}()
	record("hello", p.read())
	p.send(rawFrame{kind: rawHello, payload: rawGreeting(link.Token{})})
	o := <-dialled
	if o.err != nil {
		t.Fatal(o.err)
	}
	script(t, p, o.conn, record)

	path := filepath.Join("testdata", "frames.golden")
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, []byte(text.String()), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("frames (-golden +got):\n%s", diff)
	}
}

// script lets c write a frame of each kind.
func script(t *testing.T, p *raw, c *link.Conn, record func(string, rawFrame) rawFrame) {
	t.Helper()
	ctx := within(t)
	background := func(f func()) <-chan struct{} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
		t.Cleanup(func() { <-done })
		return done
	}
	background(func() { _ = c.Send(ctx, echoApart, []byte("one-way")) })
	record("one-way", p.read())

	short, cancel := context.WithCancel(ctx)
	background(func() { _, _ = c.Call(short, echoInline, []byte("call"), nil) })
	record("call", p.read())
	cancel()
	record("cancel", p.read())

	background(func() { c.Grant(echoApart, 5) })
	record("credit", p.read())
	background(func() { _ = c.Ping(ctx) })
	record("ping", p.read())

	p.send(rawFrame{id: 3, kind: byte(echoInline), payload: []byte("echo")})
	record("answer", p.read())
	p.send(rawFrame{id: 4, kind: 99})
	record("error", p.read())
	p.send(rawFrame{id: 5, kind: rawPing})
	record("pong", p.read())

	short, cancel = context.WithCancel(ctx)
	dropped := background(func() { _ = c.Send(short, 40, numbered(100_000)) })
	record("first", p.read())
	record("more", p.read())
	cancel()
	<-dropped
	record("drop", p.readUntil(rawDrop))

	background(func() { _ = c.Close() })
	record("close", p.read())
	_ = p.Close()
}

// canned is a carrier that delivers what was written before and takes whatever is written now.
type canned struct {
	io.Reader
	io.Writer
}

func (canned) Close() error { return nil }

// seen is what a handler has seen.
type seen struct {
	frames []string
	err    string
}

// deliver feeds a link with a hello and what follows, and returns what its handler sees.
func deliver(t *testing.T, src io.Reader) (s seen) {
	t.Helper()
	c, err := link.Server(context.Background(), canned{src, io.Discard}, link.Token{1}, link.Options{
		MaxFrame: 1 << 10, MaxMessage: 1 << 12, Calls: 8, PingEvery: -1,
		Credits: map[link.Kind]int{echoApart: 3},
		Weigh: func(_ link.Kind, payload []byte) (int, error) {
			if len(payload) > 100 {
				return 0, framework.ErrUnsupported
			}
			return len(payload), nil
		},
		Handler: func(r *link.Request) error {
			s.frames = append(s.frames, fmt.Sprintf("%d %v %x", r.Kind(), r.IsCall(), r.Payload()))
			if r.Kind() == 41 {
				return r.Go(func(context.Context, *link.Request) error { return nil })
			}
			if r.IsCall() {
				return r.Answer(r.Payload())
			}
			return nil
		},
	})
	if err != nil {
		return seen{err: err.Error()}
	}
	<-c.Done()
	_ = c.Close()
	s.err = c.Err().Error()
	return s
}

// FuzzFrames feeds a link with any bytes: nothing panics or hangs, and it does not matter in which portions the
// bytes come.
func FuzzFrames(f *testing.F) {
	hello := rawFrame{kind: rawHello, payload: rawGreeting(link.Token{1})}.bytes()
	seeds := [][]rawFrame{
		{{kind: byte(echoInline), payload: []byte("one-way")}, {id: 1, kind: byte(echoInline), payload: []byte("call")}},
		{{id: 9, kind: rawFirst, payload: first(0, 40, 10, []byte("12345"))}, {id: 9, kind: rawMore, payload: []byte("67890")}},
		{{id: 9, kind: rawFirst, payload: first(3, 41, 10, []byte("12345"))}, {id: 9, kind: rawDrop}, {id: 3, kind: rawCancel}},
		{{kind: rawCredit, payload: []byte{33, 1, 0, 0, 0}}, {id: 1, kind: rawPing}, {id: 1, kind: rawPong}, {kind: 17}},
		{{kind: byte(echoApart), payload: []byte("12")}, {kind: byte(echoApart), payload: []byte("34")}},
		{{kind: rawClose, payload: []byte{0}}}, {{id: 1, kind: rawAnswer}, {id: 1, kind: rawError, payload: []byte{1, 0, 0, 0, 0, 0, 0, 0, 0}}},
	}
	for _, frames := range seeds {
		b := bytes.Clone(hello)
		for _, fr := range frames {
			b = append(b, fr.bytes()...)
		}
		f.Add(b)
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "frames.golden"))
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		frame, err := hex.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(bytes.Clone(hello), frame...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := deliver(t, bytes.NewReader(b))
		single := deliver(t, iotest.OneByteReader(bytes.NewReader(b)))
		if diff := cmp.Diff(whole, single, cmp.AllowUnexported(seen{})); diff != "" {
			t.Errorf("read at once and byte by byte (-once +bytes):\n%s", diff)
		}
	})
}
