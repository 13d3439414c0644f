package link

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
)

// socket is the carrier frames/1.
//
// The runtime watches a connection for bytes and for room alike. So whenever one side has read something, a thread of the other
// is woken to hear that there is room to write, which nobody had asked. The runtime is therefore given watches, which say one
// of the two, instead of the connection.
type socket struct {
	file    *os.File // the connection, of which the runtime knows nothing; it never blocks
	raw     syscall.RawConn
	bytes   *watch
	in, out direction

	mu     sync.Mutex
	room   *watch // of a Write that waits; guarded by mu
	closed bool   // guarded by mu
}

var (
	_ tryWriter = (*socket)(nil)
	_ tryReader = (*socket)(nil)
)

// newSocket makes a connection a carrier. c is of no use any more.
func newSocket(c *net.UnixConn) (io.ReadWriteCloser, error) {
	s := new(socket)
	s.in.call, s.out.call = readNow, writeNow
	s.in.once, s.out.once = s.in.tryOnce, s.out.tryOnce
	var err error
	if s.file, err = takeOver(c); err != nil {
		return nil, err
	}
	if s.raw, err = s.file.SyscallConn(); err == nil {
		s.bytes, err = newWatch(s.raw, syscall.EPOLLIN|syscall.EPOLLRDHUP)
	}
	if err != nil {
		_ = s.file.Close()
		return nil, err
	}
	return s, nil
}

// takeOver returns the connection of c, which it closes, as a file of which the runtime knows nothing.
func takeOver(c *net.UnixConn) (*os.File, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	fd, failed := -1, error(nil)
	err = raw.Control(func(old uintptr) {
		n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, old, syscall.F_DUPFD_CLOEXEC, 0)
		if fd = int(n); errno != 0 {
			failed = os.NewSyscallError("fcntl", errno)
		}
	})
	if err = errors.Join(err, failed, c.Close()); err != nil {
		if fd >= 0 && failed == nil {
			_ = syscall.Close(fd)
		}
		return nil, err
	}
	// A file that does not block would be shown to the runtime.
	if err := syscall.SetNonblock(fd, false); err != nil {
		_ = syscall.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	file := os.NewFile(uintptr(fd), "link")
	if err := syscall.SetNonblock(fd, true); err != nil {
		_ = file.Close()
		return nil, os.NewSyscallError("fcntl", err)
	}
	return file, nil
}

// direction is one of the two of a socket. One call at a time uses it.
type direction struct {
	call func(fd int, p []byte) (int, error)
	p    []byte
	n    int
	err  error
	once func(fd uintptr) // a method that is kept, so that a call makes no closure
}

// tryOnce moves what can be moved now.
func (d *direction) tryOnce(fd uintptr) {
	for {
		if d.n, d.err = d.call(int(fd), d.p); d.err != syscall.EINTR { //nolint:errorlint // is not wrapped
			return
		}
	}
}

// try moves some of p, nothing if that would have to wait.
func (s *socket) try(d *direction, p []byte) (int, error) {
	d.p = p
	err := s.raw.Control(d.once)
	d.p = nil
	switch {
	case err != nil:
		return 0, err
	case d.err == syscall.EAGAIN: //nolint:errorlint // is not wrapped
		return 0, nil
	}
	return max(d.n, 0), d.err
}

// TryRead implements [tryReader].
func (s *socket) TryRead(p []byte) (int, error) {
	n, err := s.try(&s.in, p)
	if n == 0 && err == nil && s.in.err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

// Await implements [tryReader].
func (s *socket) Await(f func() bool) error { return s.bytes.await(f) }

// Read implements [io.Reader].
func (s *socket) Read(p []byte) (n int, err error) {
	ended := s.Await(func() bool {
		n, err = s.TryRead(p)
		return n > 0 || err != nil || len(p) == 0
	})
	return n, errors.Join(ended, err)
}

// TryWrite implements [tryWriter].
func (s *socket) TryWrite(p []byte) (int, error) { return s.try(&s.out, p) }

// Write implements [io.Writer]. It waits for room.
func (s *socket) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		if m, err = s.TryWrite(p[n:]); m == 0 && err == nil {
			m, err = s.writeLater(p[n:])
		}
		n += m
	}
	return n, err
}

// writeLater writes some of p when there is room.
func (s *socket) writeLater(p []byte) (n int, err error) {
	room, err := newWatch(s.raw, syscall.EPOLLOUT)
	if err != nil {
		return 0, err
	}
	defer room.close()
	if !s.waits(room) {
		return 0, net.ErrClosed
	}
	defer s.waits(nil)
	ended := room.await(func() bool {
		n, err = s.TryWrite(p)
		return n > 0 || err != nil
	})
	return n, errors.Join(ended, err)
}

// waits notes what a Write waits for. It reports false if the socket is closed.
func (s *socket) waits(room *watch) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.room = room
	return !s.closed
}

// Close implements [io.Closer].
func (s *socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.bytes.close()
	if s.room != nil {
		s.room.close()
	}
	return s.file.Close()
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
