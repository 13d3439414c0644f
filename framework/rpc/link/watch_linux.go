package link

import (
	"os"
	"syscall"
)

// watch is an epoll instance that the runtime watches, and that watches one descriptor for the runtime.
type watch struct {
	file *os.File
	raw  syscall.RawConn
}

// newWatch returns a watch for events of the descriptor behind raw.
func newWatch(raw syscall.RawConn, events uint32) (*watch, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := syscall.SetNonblock(epoll, true); err != nil { // so that the runtime watches it
		_ = syscall.Close(epoll)
		return nil, os.NewSyscallError("fcntl", err)
	}
	w := &watch{file: os.NewFile(uintptr(epoll), "watch")}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, int(fd), &syscall.EpollEvent{Events: events})
	})
	if err == nil {
		err = os.NewSyscallError("epoll_ctl", failed)
	}
	if err == nil {
		w.raw, err = w.file.SyscallConn()
	}
	if err != nil {
		_ = w.file.Close()
		return nil, err
	}
	return w, nil
}

// await calls f now, and again when there was an event, until it returns true. It returns an error when the watch is closed.
func (w *watch) await(f func() bool) error { return w.raw.Read(func(uintptr) bool { return f() }) }

// close ends the watch, and whoever awaits something. It may be called again.
func (w *watch) close() { _ = w.file.Close() } // nothing is lost with it
