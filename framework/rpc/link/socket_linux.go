package link

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"syscall"
)

// socket is the carrier frames/1.
type socket struct {
	*net.UnixConn
	raw syscall.RawConn
	// Of the TryWrite that is running; there is one at a time.
	p   []byte
	n   int
	err error
	try func(fd uintptr) bool // kept, so that a write makes no closure
}

var _ tryWriter = (*socket)(nil)

func newSocket(c *net.UnixConn) (io.ReadWriteCloser, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	s := &socket{UnixConn: c, raw: raw}
	s.try = s.write
	return s, nil
}

// write writes p once and never asks to wait.
func (s *socket) write(fd uintptr) bool {
	for {
		s.n, s.err = syscall.Write(int(fd), s.p)
		if !errors.Is(s.err, syscall.EINTR) {
			return true
		}
	}
}

// TryWrite writes what the kernel has room for.
func (s *socket) TryWrite(p []byte) (int, error) {
	s.p = p
	err := s.raw.Write(s.try)
	s.p = nil
	switch {
	case err != nil:
		return 0, err
	case errors.Is(s.err, syscall.EAGAIN):
		return 0, nil
	}
	return max(s.n, 0), s.err
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
