//go:build !race

package link

import (
	"syscall"
	"unsafe"
)

// readNow and writeNow are read(2) and write(2) on a socket that never blocks. The runtime is not told of them: when the
// kernel puts a thread aside in the middle of a call that it knows of, it takes the processor from the goroutine, and then
// looks out for more of the kind every 20 microseconds, on a machine that has better things to do.
func readNow(fd int, p []byte) (int, error) { return callNow(syscall.SYS_READ, fd, p) }

func writeNow(fd int, p []byte) (int, error) { return callNow(syscall.SYS_WRITE, fd, p) }

func callNow(trap uintptr, fd int, p []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
