//go:build race

package link

import "syscall"

// readNow and writeNow are what the race detector knows: what was done before a write has been done after the read.
func readNow(fd int, p []byte) (int, error) { return syscall.Read(fd, p) }

func writeNow(fd int, p []byte) (int, error) { return syscall.Write(fd, p) }
