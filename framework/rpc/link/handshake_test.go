package link_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

func TestWrongToken(t *testing.T) {
	for _, carrier := range carriers {
		t.Run(nameOf(carrier), func(t *testing.T) {
			ctx := within(t)
			l := listen(t, carrier, link.Options{Handler: echo})
			accepted := acceptAll(ctx, l)
			wrong := l.Ticket()
			wrong.Token[31] ^= 1
			_, err := link.Dial(ctx, wrong, link.Options{})
			wantIs(t, "Dial with a wrong token", err, link.ErrRefused)
			wantWords(t, err, "wrong token", "expected the one of the ticket")
			wantIs(t, "Accept", (<-accepted).err, link.ErrRefused)

			// The right one is still good, once.
			c, err := link.Dial(ctx, l.Ticket(), link.Options{})
			if err != nil {
				t.Fatal(err)
			}
			o := <-accepted
			_, err = link.Dial(ctx, l.Ticket(), link.Options{})
			wantIs(t, "Dial with a used token", err, link.ErrRefused)
			wantWords(t, err, "was used before", "expected a new ticket")
			wantIs(t, "Accept", (<-accepted).err, link.ErrRefused)
			if err := errors.Join(c.Ping(ctx), o.conn.Ping(ctx)); err != nil {
				t.Errorf("the link that was there: %v", err)
			}

			// It outlives its listener.
			_ = l.Close()
			if err := c.Ping(ctx); err != nil {
				t.Errorf("after the listener has closed: %v", err)
			}
			_, err = link.Dial(ctx, l.Ticket(), link.Options{})
			wantIs(t, "Dial when nobody listens", err, framework.ErrPluginGone)
			_, _ = c.Close(), o.conn.Close()
		})
	}
}

// acceptAll accepts until the listener is closed.
func acceptAll(ctx context.Context, l *link.Listener) <-chan opened {
	all := make(chan opened, 10)
	go func() {
		for {
			c, err := l.Accept(ctx)
			all <- opened{c, err}
			if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
				return
			}
		}
	}()
	return all
}

func wantWords(t testing.TB, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want %q in it", err, w)
		}
	}
}

func TestTokenIsNotPrinted(t *testing.T) {
	l := listen(t, link.Frames, link.Options{})
	token := l.Ticket().Token
	if s := fmt.Sprintf("%v %s", l.Ticket(), token); strings.Contains(s, fmt.Sprint(token[0], " ", token[1])) || !strings.Contains(s, "token") {
		t.Errorf("a ticket prints as %s", s)
	}
}

func TestWrongUser(t *testing.T) {
	stranger := func(uid int) error {
		if uid != os.Geteuid() {
			return fmt.Errorf("the kernel says user %d", uid)
		}
		return fmt.Errorf("user %d, expected 4711", uid)
	}
	for _, carrier := range carriers {
		t.Run(nameOf(carrier)+"/dialer", func(t *testing.T) {
			l := listen(t, carrier, link.Options{CheckUser: stranger})
			accepted := acceptAll(within(t), l)
			_, err := link.Dial(within(t), l.Ticket(), link.Options{})
			wantIs(t, "Dial", err, framework.ErrPluginGone)
			err = (<-accepted).err
			wantIs(t, "Accept", err, link.ErrRefused)
			wantWords(t, err, fmt.Sprintf("user %d, expected 4711", os.Geteuid()))
		})
		t.Run(nameOf(carrier)+"/listener", func(t *testing.T) {
			l := listen(t, carrier, link.Options{})
			_, err := link.Dial(within(t), l.Ticket(), link.Options{CheckUser: stranger})
			wantIs(t, "Dial", err, link.ErrRefused)
			wantWords(t, err, fmt.Sprintf("user %d, expected 4711", os.Geteuid()))
		})
	}
}

// TestBadHello begins a handshake wrongly: the link is not opened, and the dialer is told what was expected.
func TestBadHello(t *testing.T) {
	hello := rawGreeting(link.Token{1})
	version := append([]byte{9, 0}, []byte("of another age")...)
	small := append([]byte(nil), hello...)
	le.PutUint32(small[2+4+32+4:], 1023)
	tests := []struct {
		name  string
		frame rawFrame
		want  error
		words []string
	}{
		{"no hello", rawFrame{kind: byte(echoInline)}, link.ErrProtocol, []string{"kind 32", "expected a hello"}},
		{"call of hello", rawFrame{id: 1, kind: rawHello, payload: hello}, link.ErrProtocol, []string{"id 1", "expected a hello"}},
		{"huge", rawFrame{kind: rawHello, payload: make([]byte, 4097)}, link.ErrProtocol, []string{"4097 bytes", "at most 4096", "expected a hello"}},
		{"version", rawFrame{kind: rawHello, payload: version}, link.ErrRefused, []string{"speaks link version 9, expected 1"}},
		{"trailing bytes", rawFrame{kind: rawHello, payload: append(hello[:len(hello):len(hello)], 0)}, link.ErrProtocol, []string{"1 bytes too many"}},
		{"small frames", rawFrame{kind: rawHello, payload: small}, link.ErrProtocol, []string{"max frame 1023", "at least 1024"}},
		{"empty", rawFrame{kind: rawHello}, link.ErrProtocol, []string{"needs 2 bytes, 0 left"}},
		{"token", rawFrame{kind: rawHello, payload: rawGreeting(link.Token{2})}, link.ErrRefused, []string{"wrong token"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, b := rawPipe(t)
			served := make(chan error, 1)
			go func() {
				_, err := link.Server(within(t), b, link.Token{1}, link.Options{})
				served <- err
			}()
			go p.send(tt.frame)
			p.wantClose(tt.words...)
			err := <-served
			wantIs(t, "Server", err, tt.want)
			wantWords(t, err, tt.words...)
		})
	}
}

// TestTruncatedHello ends the stream after each byte of a hello.
func TestTruncatedHello(t *testing.T) {
	frame := rawFrame{kind: rawHello, payload: rawGreeting(link.Token{1})}.bytes()
	for n := range frame {
		a, b := net.Pipe()
		go func() {
			_, _ = a.Write(frame[:n])
			_ = a.Close()
		}()
		_, err := link.Server(within(t), b, link.Token{1}, link.Options{})
		wantIs(t, fmt.Sprintf("hello cut after %d bytes", n), err, framework.ErrPluginGone)
		wantWords(t, err, "expected a hello")
	}
	for n := range rawGreeting(link.Token{1}) { // as a shorter payload
		a, b := net.Pipe()
		go func() {
			_, _ = a.Write(rawFrame{kind: rawHello, payload: rawGreeting(link.Token{1})[:n]}.bytes())
			_, _ = io.Copy(io.Discard, a)
		}()
		_, err := link.Server(within(t), b, link.Token{1}, link.Options{})
		wantIs(t, fmt.Sprintf("hello of %d bytes", n), err, link.ErrProtocol)
	}
}

// TestListenerThatRefuses dials a peer that does not answer with a hello.
func TestListenerThatRefuses(t *testing.T) {
	tests := []struct {
		name   string
		answer []byte
		want   error
		words  string
	}{
		{"close", rawFrame{kind: rawClose, payload: codec.AppendError(nil, errors.New("full up"))}.bytes(), link.ErrRefused, "full up"},
		{"close for no reason", rawFrame{kind: rawClose, payload: []byte{0}}.bytes(), link.ErrRefused, "the peer closed the link"},
		{"bad close", rawFrame{kind: rawClose, payload: []byte{9}}.bytes(), link.ErrRefused, "malformed"},
		{"nothing", nil, framework.ErrPluginGone, "expected a hello"},
		{"rubbish", []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), link.ErrProtocol, "expected a hello"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, b := rawPipe(t)
			go func() {
				p.read()
				_, _ = p.Write(tt.answer)
				_ = p.Close()
			}()
			_, err := link.Client(within(t), b, link.Token{1}, link.Options{})
			wantIs(t, "Client", err, tt.want)
			wantWords(t, err, tt.words)
		})
	}
}

func TestListen(t *testing.T) {
	dir := filepath.Dir(socketPath(t))
	path := func(name string) string { return filepath.Join(dir, name) }

	t.Run("path too long", func(t *testing.T) {
		longest := path(strings.Repeat("x", 107-len(path(""))-1))
		l, err := link.Listen(longest, link.Frames, link.Options{})
		if err != nil {
			t.Fatalf("path of %d bytes: %v", len(longest), err)
		}
		_ = l.Close()
		_, err = link.Listen(longest+"x", link.Frames, link.Options{})
		wantWords(t, err, "at most 107 bytes, not 108", longest)
	})
	t.Run("stale socket", func(t *testing.T) {
		stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path("stale"), Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = link.Listen(path("stale"), link.Frames, link.Options{})
		wantWords(t, err, "somebody listens", path("stale"))
		stale.SetUnlinkOnClose(false) // as a killed process does
		_ = stale.Close()
		l, err := link.Listen(path("stale"), link.Frames, link.Options{})
		if err != nil {
			t.Fatalf("stale socket: %v", err)
		}
		_ = l.Close()
		if _, err := os.Lstat(path("stale")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is still there after Close: %v", err)
		}
	})
	t.Run("not a socket", func(t *testing.T) {
		if err := os.WriteFile(path("file"), []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := link.Listen(path("file"), link.Frames, link.Options{})
		wantWords(t, err, "not a socket", path("file"))
		if _, err := os.Stat(path("file")); err != nil {
			t.Error(err)
		}
	})
	t.Run("folder", func(t *testing.T) {
		l, err := link.Listen(filepath.Join(path("new"), "s"), link.Frames, link.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		if err := os.Chmod(path("new"), 0o750); err != nil {
			t.Fatal(err)
		}
		_, err = link.Listen(filepath.Join(path("new"), "s"), link.Frames, link.Options{})
		wantIs(t, "folder that others may enter", err, link.ErrNotPrivate)
		wantWords(t, err, "drwxr-x---", "expected drwx------")
		if err := os.Symlink(dir, path("symlink")); err != nil {
			t.Fatal(err)
		}
		_, err = link.Listen(filepath.Join(path("symlink"), "s"), link.Frames, link.Options{})
		wantIs(t, "symbolic link", err, link.ErrNotPrivate)
		_, err = link.Listen(filepath.Join(path("no/such/folder"), "s"), link.Frames, link.Options{})
		wantIs(t, "folder in no folder", err, os.ErrNotExist)
	})
	t.Run("carrier", func(t *testing.T) {
		_, err := link.Listen(path("carrier"), "pigeon/1", link.Options{})
		wantWords(t, err, `"pigeon/1"`, `"frames/1"`, `"grpc-stream/1"`)
		_, err = link.Dial(within(t), link.Ticket{Carrier: "pigeon/1"}, link.Options{})
		wantWords(t, err, `"pigeon/1"`)
	})
	t.Run("options", func(t *testing.T) {
		if _, err := link.Listen(path("options"), link.Frames, link.Options{MaxFrame: 1}); err == nil {
			t.Error("bad options are accepted")
		}
		if _, err := link.Dial(within(t), link.Ticket{Carrier: link.Frames}, link.Options{MaxFrame: 1}); err == nil {
			t.Error("bad options are accepted by Dial")
		}
	})
}

func TestAcceptEnds(t *testing.T) {
	for _, carrier := range carriers {
		t.Run(nameOf(carrier), func(t *testing.T) {
			l := listen(t, carrier, link.Options{})
			ctx, cancel := context.WithCancel(within(t))
			cancel()
			if _, err := l.Accept(ctx); err != context.Canceled {
				t.Errorf("Accept = %v, want canceled", err)
			}
			if _, err := link.Dial(ctx, l.Ticket(), link.Options{}); err != context.Canceled {
				t.Errorf("Dial = %v, want canceled", err)
			}
			accepted := acceptAll(within(t), l)
			c, err := link.Dial(within(t), l.Ticket(), link.Options{})
			if err != nil {
				t.Fatalf("after a cancelled Accept: %v", err)
			}
			_, _ = c.Close(), (<-accepted).conn.Close()
			_ = l.Close()
			wantIs(t, "Accept of a closed listener", (<-accepted).err, net.ErrClosed)
		})
	}
}

// TestAcceptOfASilentDialer connects and says nothing.
func TestAcceptOfASilentDialer(t *testing.T) {
	for _, carrier := range carriers {
		t.Run(nameOf(carrier), func(t *testing.T) {
			l := listen(t, carrier, link.Options{Handshake: 1})
			silent, err := net.Dial("unix", l.Ticket().Path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = silent.Close() }()
			_, err = l.Accept(within(t))
			wantIs(t, "Accept", err, context.DeadlineExceeded)
			wantWords(t, err, "expected")
		})
	}
}

// TestDialOfADeafListener dials a socket at which nobody accepts.
func TestDialOfADeafListener(t *testing.T) {
	for _, carrier := range carriers {
		t.Run(nameOf(carrier), func(t *testing.T) {
			l := listen(t, carrier, link.Options{})
			_, err := link.Dial(within(t), l.Ticket(), link.Options{Handshake: 20 * time.Millisecond})
			wantIs(t, "Dial", err, context.DeadlineExceeded)
			wantWords(t, err, "expected")
		})
	}
}
