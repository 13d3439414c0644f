package runner

import (
	"errors"
	"fmt"
)

// These errors can occur before the first step.
var (
	// ErrEntry says that the program has no such function.
	ErrEntry = errors.New("no entry point")
	// ErrBuiltins says that the builtins of the program are in disorder or not in the layout.
	ErrBuiltins = errors.New("bad builtins")
)

// These errors can occur at the end of a run.
var (
	// ErrStopPointer says that a builtin's pointer is not where its segment ends.
	ErrStopPointer = errors.New("bad stop pointer")
	// ErrSyscalls says that the pointer of system calls is not where their segment ends.
	ErrSyscalls = errors.New("bad pointer of system calls")
	// ErrReturn says that what an entry point returned has not the form that it must have.
	ErrReturn = errors.New("malformed return")
	// ErrSecurity says that the run touched what it must not.
	ErrSecurity = errors.New("security check")
	// ErrCapacity says that a proof of this length has no room for what the run used.
	ErrCapacity = errors.New("not enough cells")
)

// Error is a failure of a run outside an instruction, with the text of the reference.
type Error struct {
	// Kind is one of the errors of this package.
	Kind error
	Text string
}

// Error returns the text of the reference.
func (e *Error) Error() string { return e.Text }

// Unwrap returns the kind of e.
func (e *Error) Unwrap() error { return e.Kind }

func fail(kind error, format string, args ...any) error {
	return &Error{kind, fmt.Sprintf(format, args...)}
}
