package link

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// socketAcceptor listens for the carrier frames/1.
type socketAcceptor struct {
	*net.UnixListener
	check func(uid int) error
}

func (a *socketAcceptor) accept(ctx context.Context) (io.ReadWriteCloser, error) {
	c, err := a.acceptConn(ctx)
	if err != nil {
		return nil, err
	}
	return newSocket(c)
}

// acceptConn waits for a connection of a user who may be there.
func (a *socketAcceptor) acceptConn(ctx context.Context) (*net.UnixConn, error) {
	stop := context.AfterFunc(ctx, func() { _ = a.SetDeadline(time.Unix(1, 0)) })
	c, err := a.AcceptUnix()
	if !stop() {
		_ = a.SetDeadline(time.Time{})
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("link: %w", err)
	}
	return c, checkPeer(c, a.check)
}

// dialConn connects to a socket at which a user listens who may be there.
func dialConn(ctx context.Context, path string, check func(uid int) error) (*net.UnixConn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, gone(err)
	}
	c, ok := conn.(*net.UnixConn)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("link: dialled a %T", conn)
	}
	return c, checkPeer(c, check)
}

func dialSocket(ctx context.Context, path string, check func(uid int) error) (io.ReadWriteCloser, error) {
	c, err := dialConn(ctx, path, check)
	if err != nil {
		return nil, err
	}
	return newSocket(c)
}

// checkPeer asks the kernel who is on the other end of c, and closes it if that user may not be there.
func checkPeer(c *net.UnixConn, check func(uid int) error) error {
	uid, err := peerOf(c)
	if err != nil {
		err = fmt.Errorf("link: who is the peer: %w", err)
	} else if err = check(uid); err != nil {
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		_ = c.Close()
	}
	return err
}

// sameUser accepts the user of this process.
func sameUser(uid int) error {
	if want := os.Geteuid(); uid != want {
		return fmt.Errorf("the peer is user %d, expected %d", uid, want)
	}
	return nil
}
