//go:build unix && !linux

package serve

import "syscall"

// dup2 makes to another name of from.
func dup2(from, to int) error { return syscall.Dup2(from, to) }
