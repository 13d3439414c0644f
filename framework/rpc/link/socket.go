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
	return checkedSocket(c, a.check)
}

func dialSocket(ctx context.Context, path string, check func(uid int) error) (io.ReadWriteCloser, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, gone(err)
	}
	return checkedSocket(c.(*net.UnixConn), check)
}

// checkedSocket makes c a carrier if the user on the other end may be there.
func checkedSocket(c *net.UnixConn, check func(uid int) error) (io.ReadWriteCloser, error) {
	err := checkPeer(c, check)
	if err == nil {
		var s io.ReadWriteCloser
		if s, err = newSocket(c); err == nil {
			return s, nil
		}
	}
	_ = c.Close()
	return nil, err
}

// checkPeer asks the kernel who is on the other end of c.
func checkPeer(c *net.UnixConn, check func(uid int) error) error {
	uid, err := peerOf(c)
	if err != nil {
		return fmt.Errorf("link: who is the peer: %w", err)
	}
	if err := check(uid); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil
}

// sameUser accepts the user of this process.
func sameUser(uid int) error {
	if want := os.Geteuid(); uid != want {
		return fmt.Errorf("the peer is user %d, expected %d", uid, want)
	}
	return nil
}
