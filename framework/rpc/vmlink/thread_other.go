//go:build !linux

package vmlink

// thread is the thread of a goroutine that executes runs. Elsewhere than on Linux none is bound to a processor.
type thread struct{}

func processors(int) []int { return nil }

func (*thread) bind(int) {}

func (*thread) free() {}
