package serve

import "syscall"

// dup2 makes to another name of from. Linux on arm64 and riscv64 has dup3 only.
func dup2(from, to int) error { return syscall.Dup3(from, to, 0) }
