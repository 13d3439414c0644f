package machine

import (
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// These errors can occur when a run is started or stopped by something else than an instruction.
var (
	// ErrSteps says that the step limit was reached before the end of the program.
	ErrSteps = errors.New("Could not reach the end of the program. RunResources has no remaining steps.") //nolint:staticcheck // the text of the reference
	// ErrMemory says that a segment would have to be larger than [Config.MaxCells] allows.
	ErrMemory = errors.New("Vector capacity exceeded") //nolint:staticcheck // the text of the reference
)

// Kind is what went wrong in an instruction. It is an error, so that errors.Is(err, UnknownCell)
// tells whether err is an [*Error] of that kind.
type Kind uint8

// The kinds of [Error], in the order in which the stages of a step can fail.
const (
	_ Kind = iota
	UnknownCell
	ExpectedInteger
	ExpectedRelocatable
	BadEncoding // the word is no instruction
	BadImmediate
	UnknownOp0
	NotAnAddress
	BadOffset // an offset below 0, or above 2^64
	BadArithmetic
	NoOperand
	NoDst
	BadMul
	Unallocated
	Inconsistent // a second, different write
	BadTemporary
	RangeCheck
	BadRule // inputs that a builtin refuses
	BadSignature
	AssertFailed
	BadCall
	Unconstrained
	BadConversion
)

var kindNames = [...]string{
	UnknownCell: "unknown cell", ExpectedInteger: "expected integer", ExpectedRelocatable: "expected relocatable",
	BadEncoding: "bad encoding", BadImmediate: "bad immediate", UnknownOp0: "unknown op0", NotAnAddress: "not an address",
	BadOffset: "bad offset", BadArithmetic: "bad arithmetic", NoOperand: "no operand", NoDst: "no dst", BadMul: "bad product",
	Unallocated: "unallocated segment", Inconsistent: "inconsistent write", BadTemporary: "bad temporary segment",
	RangeCheck: "range check", BadRule: "bad builtin input", BadSignature: "bad signature", AssertFailed: "assertion failed",
	BadCall: "bad call", Unconstrained: "unconstrained", BadConversion: "bad conversion",
}

// Error returns the name of k.
func (k Kind) Error() string { return kindNames[k] }

// Error is the failure of an instruction. Its text is the one of the reference, byte for byte:
// it becomes part of the reason for which a transaction was reverted.
type Error struct {
	Kind Kind
	Text string
}

// Error returns the text of the reference.
func (e *Error) Error() string { return e.Text }

// Is reports whether target is the kind of e.
func (e *Error) Is(target error) bool { return target == e.Kind }

func fail(k Kind, format string, args ...any) error {
	return &Error{k, fmt.Sprintf(format, args...)}
}

func failUnknown(a Address) error { return fail(UnknownCell, "Unknown memory cell at address %v", a) }

func failInteger(a Address) error { return fail(ExpectedInteger, "Expected integer at address %v", a) }

func failAdd(a Address, b any) error {
	return fail(BadOffset, "Operation failed: %v + %v, maximum offset value exceeded", a, b)
}

func failSub(a Address, b any) error {
	return fail(BadOffset, "Operation failed: %v - %v, offsets cant be negative", a, b)
}

func failInconsistent(at Address, old, now Cell) error {
	return fail(Inconsistent, "Inconsistent memory assignment at address %s. %s != %s", at.debug(), old.debug(), now.debug())
}

func failU32(x felt.Felt) error {
	return fail(BadConversion, "Conversion to u32 failed for Felt252 %s", x.Decimal())
}

// RunError is the failure of a run at an instruction or at a hint of it.
type RunError struct {
	// PC is the address of the instruction.
	PC Address
	// Hint tells that a hint in front of the instruction failed.
	Hint bool
	Err  error
}

// Error returns the text of the reference without position: for a hint, it says so.
func (e *RunError) Error() string {
	if e.Hint {
		return "Got an exception while executing a hint: " + e.Err.Error()
	}
	return e.Err.Error()
}

// Unwrap returns what failed.
func (e *RunError) Unwrap() error { return e.Err }
