package conform

import (
	"os"
	"slices"
)

// Sample returns a T that leaves out the groups of a suite with these names, unless SWITCHYARD_LONG is set to 1. It is for
// suites that run the same plugin in many ways: one of them runs whole, and of the others what may differ.
func Sample(t T, without ...string) T {
	if os.Getenv("SWITCHYARD_LONG") == "1" {
		return t
	}
	return &sample{t, without}
}

type sample struct {
	T
	without []string
}

// Run implements [T].
func (s *sample) Run(name string, f func(T)) bool {
	if slices.Contains(s.without, name) {
		return true
	}
	return s.T.Run(name, f)
}
