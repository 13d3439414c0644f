package execution

import (
	"errors"
	"fmt"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// failure is a hard failure: it ends the transaction, or what of it can be reverted. Its text is part of the protocol.
type failure struct {
	// segments are the lines about the calls that were going on, the outermost first, and the cause.
	segments []segment
	text     string
}

// segment is a call that was going on when something failed.
type segment struct {
	kind     entryType
	library  bool
	contract felt.Felt
	class    felt.Felt
	selector felt.Felt
	// unknown says that it is a constructor that was not found.
	unknown bool
	// place is where in the code it was, "" if nobody wants to know.
	place string
}

// fail returns a failure with that text.
func fail(format string, args ...any) error {
	return &failure{text: fmt.Sprintf(format, args...)}
}

// Error returns the text of the cause.
func (f *failure) Error() string { return f.text }

// hex64 returns x with all its digits.
func hex64(x felt.Felt) string {
	b := x.Bytes()
	return fmt.Sprintf("0x%x", b[:])
}

// explain adds the call of a class to a failure in it.
func (c *call) explain(class felt.Felt, place string, err error) error {
	return within(segment{
		kind: c.kind, library: c.library, contract: c.storage, class: class, selector: c.selector, place: place,
	}, err)
}

// explain adds the constructor to a failure before it was found.
func (d *deployment) explain(err error) error {
	return within(segment{kind: constructor, contract: d.address, class: d.class, unknown: true}, before(err))
}

// within adds what was going on to a failure in it.
func within(s segment, err error) error {
	var inner *failure
	if !errors.As(err, &inner) {
		return err
	}
	return &failure{segments: append([]segment{s}, inner.segments...), text: inner.text}
}

// before ends the line of a failure that neither the machine nor a system call has reported.
func before(err error) error {
	var f *failure
	if !errors.As(err, &f) || len(f.segments) > 0 {
		return err
	}
	return &failure{text: f.text + "\n"}
}

// machineError turns an error of a run into a failure, or returns it if it ends the attempt.
func (f *frame) machineError(err error) error {
	switch {
	case f.st.err != nil:
		return f.st.err
	case errors.Is(err, framework.ErrAborted):
		if cause := f.st.ctx.Err(); cause != nil {
			return cause
		}
		return framework.ErrAborted
	case errors.Is(err, machine.ErrSteps):
		f.left = 0
		f.place = f.describe(&machine.RunError{PC: f.m.Registers().PC, Err: err})
		return fail("Could not reach the end of the program. RunResources has no remaining steps.\n")
	}
	f.place = f.describe(err)
	var inner *failure
	if errors.As(err, &inner) {
		return inner
	}
	var run *machine.RunError
	if errors.As(err, &run) && run.Hint {
		return fail("%v", run.Err)
	}
	return fail("%v\n", err)
}

// describe returns where in its code a run failed.
func (f *frame) describe(err error) string {
	w, ok := f.s.Failure(err)
	if !ok || !f.steps && f.rules.Switches.HideGasFrames {
		return ""
	}
	text := fmt.Sprintf("%sError at pc=%v:", w.Message, w.PC)
	if t := w.Traceback(); t != "" {
		text += "\n" + t
	}
	return text
}

// The first lines of revert reasons.
const (
	headExecution   = "Transaction execution has failed:"
	headValidation  = "Transaction validation has failed:"
	headConstructor = "Contract constructor execution has failed:"
	headPanic       = "Execution failed. Failure reason:"
)

// Limits of the length of a revert reason, in bytes.
const (
	maxReason   = 15_000
	reasonSlack = 100
)

// reason returns the text of a revert reason.
//
// Source: crates/blockifier/src/execution/stack_trace.rs.
func reason(head string, err error) string {
	var f *failure
	if !errors.As(err, &f) {
		return err.Error()
	}
	if len(f.segments) == 0 {
		return shorten(f.text)
	}
	var lines []string
	depth := 0
	for i := range f.segments {
		s := &f.segments[i]
		lines = append(lines, s.line(depth))
		if s.place != "" {
			lines = append(lines, s.place)
		}
		if s.kind != constructor || depth == 0 {
			depth++
		}
	}
	return head + "\n" + shorten(strings.Join(append(lines, f.text), "\n"))
}

// line returns the line about the call.
func (s *segment) line(depth int) string {
	what := "Error in the called contract"
	switch {
	case s.kind == constructor:
		what = "Error in the contract class constructor"
	case s.library:
		what = "Error in a library call"
	}
	selector := hex64(s.selector)
	if s.unknown {
		selector = "UNKNOWN"
	}
	return fmt.Sprintf("%d: %s (contract address: %s, class hash: %s, selector: %s):",
		depth, what, hex64(s.contract), hex64(s.class), selector)
}

// shorten cuts the middle out of a text that is too long.
func shorten(s string) string {
	if len(s) <= maxReason+reasonSlack {
		return s
	}
	head, tail := maxReason/2, len(s)-maxReason/2
	for head > 0 && !startsRune(s[head]) {
		head--
	}
	for tail < len(s) && !startsRune(s[tail]) {
		tail++
	}
	return s[:head] + "\n\n...\n\n" + s[tail:]
}

func startsRune(b byte) bool { return b&0xc0 != 0x80 }
