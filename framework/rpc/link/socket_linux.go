package link

import (
	"io"
	"io/fs"
	"net"
	"syscall"
)

// socket is the carrier frames/1.
type socket struct {
	*net.UnixConn
	raw     syscall.RawConn
	in, out direction
}

var (
	_ tryWriter = (*socket)(nil)
	_ tryReader = (*socket)(nil)
)

func newSocket(c *net.UnixConn) (io.ReadWriteCloser, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	s := &socket{UnixConn: c, raw: raw}
	s.in.call, s.out.call = readNow, writeNow
	s.in.wait, s.in.once, s.out.try = s.in.tryAndWait, s.in.tryControl, s.out.tryOnce
	return s, nil
}

// direction is one of the two of a socket. One call at a time uses it.
type direction struct {
	call func(fd int, p []byte) (int, error)
	p    []byte
	n    int
	err  error
	// Methods that are kept, so that a call makes no closure.
	try, wait func(fd uintptr) bool
	once      func(fd uintptr)
}

// tryOnce moves what can be moved now.
func (d *direction) tryOnce(fd uintptr) bool {
	for {
		if d.n, d.err = d.call(int(fd), d.p); d.err != syscall.EINTR { //nolint:errorlint // is not wrapped
			return true
		}
	}
}

// tryAndWait is tryOnce, but asks to be called again when there is something to move, if there is nothing now.
func (d *direction) tryAndWait(fd uintptr) bool {
	d.tryOnce(fd)
	return d.err != syscall.EAGAIN //nolint:errorlint // is not wrapped
}

// tryControl is tryOnce for RawConn.Control.
func (d *direction) tryControl(fd uintptr) { d.tryOnce(fd) }

// TryRead implements [tryReader].
func (s *socket) TryRead(p []byte) (int, error) {
	d := &s.in
	d.p = p
	err := s.raw.Control(d.once)
	d.p = nil
	switch {
	case err != nil:
		return 0, err
	case d.err == syscall.EAGAIN: //nolint:errorlint // is not wrapped
		return 0, nil
	case d.err == nil && d.n == 0:
		return 0, io.EOF
	}
	return max(d.n, 0), d.err
}

// Await implements [tryReader].
func (s *socket) Await(f func() bool) error { return s.raw.Read(func(uintptr) bool { return f() }) }

// Read implements [io.Reader].
func (s *socket) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	d := &s.in
	d.p = p
	err := s.raw.Read(d.wait)
	d.p = nil
	switch {
	case err != nil:
		return 0, err
	case d.err != nil:
		return 0, d.err
	case d.n == 0:
		return 0, io.EOF
	}
	return d.n, nil
}

// TryWrite writes what the kernel has room for.
func (s *socket) TryWrite(p []byte) (int, error) {
	d := &s.out
	d.p = p
	err := s.raw.Write(d.try)
	d.p = nil
	switch {
	case err != nil:
		return 0, err
	case d.err == syscall.EAGAIN: //nolint:errorlint // is not wrapped
		return 0, nil
	}
	return max(d.n, 0), d.err
}

// peerOf returns the user of the process on the other end of c, as it was when it connected or began to listen.
func peerOf(c *net.UnixConn) (uid int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		cred, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err != nil {
		return 0, err
	}
	if failed != nil {
		return 0, failed
	}
	return int(cred.Uid), nil
}

// ownerOf returns the user that a file belongs to.
func ownerOf(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid)
	}
	return -1
}
