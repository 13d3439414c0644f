// Package conform runs the conformance suites: as Go tests, or from a program that prints what it found.
//
// A suite is a function of a [T]. [Testing] runs it under go test; [Check] runs it anywhere and returns
// a [Report], which is also how the suites are tested themselves: against plugins that are wrong on purpose.
package conform

import (
	"context"
	"testing"
)

// T is what a suite needs of whoever runs it. It means what the methods of the same names of [testing.T] mean:
// Fatalf and Skipf end the (sub)test and must be called from its own goroutine, the others from any.
type T interface {
	Name() string
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Failed() bool
	Cleanup(f func())
	// Context is cancelled just before the functions of Cleanup run.
	Context() context.Context
	// TempDir returns a new empty folder, removed at the end.
	TempDir() string
	// Run runs f as a subtest, waits for it, and reports whether it passed.
	Run(name string, f func(T)) bool
}

// Testing returns a T that reports to t.
func Testing(t *testing.T) T { return goTest{t} }

type goTest struct{ *testing.T }

// Run implements [T].
func (t goTest) Run(name string, f func(T)) bool {
	return t.T.Run(name, func(t *testing.T) { f(goTest{t}) })
}
