package link

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// Token admits one dialer to a listener, once. It is a secret.
type Token [32]byte

// newToken returns a token that nobody can guess.
func newToken() (t Token) {
	_, _ = rand.Read(t[:]) // never fails
	return t
}

// String keeps tokens out of logs.
func (t Token) String() string { return "token" }

// admission is what the listening side knows of a token. It is safe for concurrent use.
type admission struct {
	token Token
	mu    sync.Mutex
	used  bool // guarded by mu
}

// admit takes the token that a dialer showed.
func (a *admission) admit(shown []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if subtle.ConstantTimeCompare(a.token[:], shown) != 1 {
		return fmt.Errorf("%w: wrong token, expected the one of the ticket", ErrRefused)
	}
	if a.used {
		return fmt.Errorf("%w: the token was used before, expected a new ticket", ErrRefused)
	}
	a.used = true
	return nil
}

// Client opens the dialing side of a link over carrier, which belongs to the link from then on, also after an
// error. The context is for the handshake only.
func Client(ctx context.Context, carrier io.ReadWriteCloser, t Token, o Options) (*Conn, error) {
	return open(ctx, carrier, o, func(r *frameReader, o *Options) (*hello, error) {
		if err := writeFrame(carrier, kindHello, o.hello(t[:]).append(nil)); err != nil {
			return nil, gone(err)
		}
		return readHello(r)
	})
}

// Server opens the listening side of a link over carrier; see [Client]. It returns [ErrRefused] if the dialer does
// not have the token.
func Server(ctx context.Context, carrier io.ReadWriteCloser, t Token, o Options) (*Conn, error) {
	return serve(ctx, carrier, &admission{token: t}, o)
}

func serve(ctx context.Context, carrier io.ReadWriteCloser, a *admission, o Options) (*Conn, error) {
	return open(ctx, carrier, o, func(r *frameReader, o *Options) (*hello, error) {
		h, err := readHello(r)
		if err != nil {
			return nil, err
		}
		if err := a.admit(h.token); err != nil {
			return nil, err
		}
		if err := writeFrame(carrier, kindHello, o.hello(nil).append(nil)); err != nil {
			return nil, gone(err)
		}
		return h, nil
	})
}

// open shakes hands within the time that ctx and the options leave, and starts the link.
func open(ctx context.Context, carrier io.ReadWriteCloser, o Options, shake func(*frameReader, *Options) (*hello, error)) (*Conn, error) {
	o, err := o.withDefaults()
	if err != nil {
		_ = carrier.Close()
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.Handshake)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = carrier.Close() })
	r := newFrameReader(carrier, maxHello, max(readBuffer, o.MaxFrame+headerSize))
	peer, err := shake(r, &o)
	if err == nil && stop() {
		r.max = o.MaxFrame
		return start(carrier, r, peer, o), nil
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("link: handshake: expected a hello in time: %w", ctx.Err())
	} else if errors.Is(err, ErrRefused) || errors.Is(err, ErrProtocol) {
		_ = writeFrame(carrier, kindClose, codec.AppendError(nil, errors.New(err.Error())))
	}
	stop()
	_ = carrier.Close()
	return nil, err
}

func writeFrame(w io.Writer, k Kind, payload []byte) error {
	_, err := w.Write(appendFrame(nil, 0, k, payload))
	return err
}

// readHello reads the first frame.
func readHello(r *frameReader) (*hello, error) {
	f, err := r.read()
	switch {
	case errors.Is(err, ErrProtocol):
		return nil, fmt.Errorf("%w: expected a hello", err)
	case err != nil:
		return nil, gone(fmt.Errorf("expected a hello: %w", err))
	case f.kind == kindClose:
		return nil, fmt.Errorf("%w by the peer: %w", ErrRefused, closeReason(f.payload))
	case f.kind != kindHello || f.id != 0:
		return nil, protocolf("frame of kind %d with id %d, expected a hello", f.kind, f.id)
	}
	return parseHello(f.payload)
}

// closeReason returns what a close frame says: its text only, as the peer's errors are not those of this side.
func closeReason(payload []byte) error {
	d := codec.NewDecoder(payload)
	err := d.RemoteError()
	switch {
	case d.End() != nil:
		return d.End()
	case err == nil || errors.Is(err, framework.ErrClosed):
		return errors.New("the peer closed the link")
	}
	return fmt.Errorf("the peer closed the link: %s", err.Error())
}
