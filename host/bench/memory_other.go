//go:build !linux

package bench

// watchMemory returns a function that says 0: this system does not tell how much memory a process has had.
func watchMemory() func() float64 { return func() float64 { return 0 } }
