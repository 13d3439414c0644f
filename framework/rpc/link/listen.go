package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Carrier names a way of moving frames.
type Carrier string

// The carriers.
const (
	Frames     Carrier = "frames/1"      // a unix socket with the frames as they are
	GRPCStream Carrier = "grpc-stream/1" // a gRPC stream over a unix socket
)

// Ticket is what a dialer needs. It is a secret, because of the token.
type Ticket struct {
	Carrier Carrier
	Path    string
	Token   Token
}

// acceptor waits for carriers on a socket.
type acceptor interface {
	accept(ctx context.Context) (io.ReadWriteCloser, error)
	Close() error
}

// Listener waits for the other end of one link.
type Listener struct {
	ticket    Ticket
	options   Options
	admission *admission
	acceptor  acceptor
}

// Listen opens a unix socket at path for one dialer. The folder of path must belong to this user and be closed to
// all others; it is made if it does not exist. A socket that a dead process has left at path is removed.
func Listen(path string, carrier Carrier, o Options) (*Listener, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := prepare(path); err != nil {
		return nil, err
	}
	addr := &net.UnixAddr{Name: path, Net: "unix"}
	socket, err := net.ListenUnix("unix", addr)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	l := &Listener{ticket: Ticket{Carrier: carrier, Path: path, Token: newToken()}, options: o}
	l.admission = &admission{token: l.ticket.Token}
	switch carrier {
	case Frames:
		l.acceptor = &socketAcceptor{socket, o.CheckUser}
	case GRPCStream:
		l.acceptor = &grpcAcceptor{socketAcceptor{socket, o.CheckUser}, &l.options}
	default:
		_ = socket.Close()
		return nil, unknownCarrier(carrier)
	}
	return l, nil
}

func unknownCarrier(c Carrier) error {
	return fmt.Errorf("link: unknown carrier %q, expected %q or %q", c, Frames, GRPCStream)
}

// Ticket returns what the dialer needs. It is good for one link.
func (l *Listener) Ticket() Ticket { return l.ticket }

// Accept waits for a dialer and shakes hands with it. [ErrRefused] and [ErrProtocol] concern that dialer alone:
// Accept may be called again, for the right one. The context is for the handshake, not for the link.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	carrier, err := l.acceptor.accept(ctx)
	if err != nil {
		return nil, err
	}
	return serve(ctx, carrier, l.admission, l.options)
}

// Close stops listening and removes the socket. A link that was accepted goes on.
func (l *Listener) Close() error { return l.acceptor.Close() }

// Dial opens the link that t is for. The context is for the handshake, not for the link. It returns
// framework.ErrPluginGone if nobody listens, and [ErrRefused] if the listener does not take the ticket.
func Dial(ctx context.Context, t Ticket, o Options) (*Conn, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var carrier io.ReadWriteCloser
	switch t.Carrier {
	case Frames:
		carrier, err = dialSocket(ctx, t.Path, o.CheckUser)
	case GRPCStream:
		carrier, err = dialGRPC(ctx, t.Path, &o)
	default:
		err = unknownCarrier(t.Carrier)
	}
	if err != nil {
		return nil, err
	}
	return Client(ctx, carrier, t.Token, o)
}

// maxPath is the longest path of a socket: sun_path has 108 bytes, the last of which is zero.
const maxPath = 107

// prepare makes path ready to be listened at.
func prepare(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("link: the path of a socket has at most %d bytes, not %d: %s", maxPath, len(path), path)
	}
	if err := private(filepath.Dir(path)); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("link: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("link: %s is there and not a socket", path)
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = c.Close()
		return fmt.Errorf("link: somebody listens at %s already", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("link: %w", err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	return nil
}

// private makes folder if need be, and makes sure that only this user can reach what is in it.
func private(folder string) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("link: %w", err)
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return fmt.Errorf("link: %w", err)
	}
	if mode := info.Mode(); !mode.IsDir() || mode.Perm()&0o077 != 0 {
		return fmt.Errorf("%w: %s is %v, expected drwx------", ErrNotPrivate, folder, mode)
	}
	if owner := ownerOf(info); owner != os.Geteuid() {
		return fmt.Errorf("%w: %s belongs to user %d, expected %d", ErrNotPrivate, folder, owner, os.Geteuid())
	}
	return nil
}
