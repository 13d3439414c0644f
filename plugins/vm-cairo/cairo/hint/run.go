package hint

import (
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

// These errors can occur when a hint is executed.
var (
	// ErrUnknown says that nobody knows the hint.
	ErrUnknown = errors.New("unknown hint")
	// ErrFailed says that a hint found something wrong, or that something that it needs is missing.
	ErrFailed = errors.New("hint failed")
)

// ErrNoSyscalls says that a program makes a system call where nobody answers any.
var ErrNoSyscalls = errors.New("system call outside of Starknet")

// Error is the failure of a hint, with the text of the reference.
type Error struct {
	// Kind is ErrUnknown or ErrFailed.
	Kind error
	Text string
}

// Error returns the text of the reference.
func (e *Error) Error() string { return e.Text }

// Unwrap returns the kind of e.
func (e *Error) Unwrap() error { return e.Kind }

// VM is what hints see of a machine.
type VM interface {
	Read(machine.Address) machine.Cell
	Write(machine.Address, machine.Cell) error
	AddSegment(machine.Rule) machine.Address
	AddTemporary() machine.Address
	Relocate(from, to machine.Address) error
	AddSignature(key machine.Address, s crypto.Signature)
	Registers() machine.Registers
	// Aborted reports whether the hint should give up, with framework.ErrAborted.
	Aborted() bool
}

// Syscalls executes system calls, which belong to the layer above the machine.
type Syscalls interface {
	// Syscall executes the next system call: it reads the request from memory and writes the response behind it. Ptr is
	// where the program says that the request is, empty if it does not say; the layer above knows where it has to be. An
	// error ends the run, and becomes the Err of a [machine.RunError].
	Syscall(vm VM, ptr machine.Cell) error
}

// Builtins are the segments of builtins that hints ask for; -1 is none.
type Builtins struct{ RangeCheck, Ecdsa, AddMod, MulMod int }

// Run executes the hints of one run of a program. One goroutine uses it at a time; the zero value is ready for [Run.Reset].
type Run struct {
	vm VM
	// reader, viewer and marker are vm as what else it is; the last two may be nil.
	reader   program.Reader
	viewer   viewer
	marker   marker
	table    *Table
	builtins Builtins
	syscalls Syscalls
	scopes   []scope
	dicts    []dict // in order of their segments
	managers int    // how many sets of dictionaries there are
	call     Call
	// bytes is memory for what a hint hashes.
	bytes []byte
	// stop asks whether to give up.
	stop func() bool
	// failed is the number of the hint, in its list, that failed last.
	failed int
}

// Reset makes r ready to execute the hints of t on vm. It is then the host of the machine. Nil syscalls refuse system calls.
func (r *Run) Reset(t *Table, vm VM, b Builtins, syscalls Syscalls) {
	r.trim()
	*r = Run{
		vm: vm, table: t, builtins: b, syscalls: syscalls, stop: r.stop,
		scopes: r.scopes[:0], dicts: r.dicts[:0], bytes: r.bytes,
	}
	if r.stop == nil {
		r.stop = func() bool { return r.vm.Aborted() }
	}
	r.reader = vm
	r.viewer, _ = vm.(viewer)
	r.marker, _ = vm.(marker)
	r.call.run = r
	r.call.enter()
}

var _ machine.Host = (*Run)(nil)

// viewer is a machine whose cells can be looked at in place.
type viewer interface {
	// View returns the cells from a on up to the last known one, but not more than n.
	View(a machine.Address, n uint64) []machine.Cell
}

// marker is a machine that counts which cells were accessed.
type marker interface {
	MarkAccessed(a machine.Address, n uint64)
}

// Hint executes the hints of number i, in order, until one fails.
func (r *Run) Hint(i int) error {
	list := r.table.lists[i]
	for k := range list {
		h := &list[k]
		r.failed = k
		if h.f == nil {
			return &Error{ErrUnknown, "Unknown Hint: " + h.code}
		}
		c := &r.call
		c.hint, c.err, c.at = h, nil, r.vm.Registers()
		if h.f(c); c.err != nil {
			return c.err
		}
	}
	return nil
}

// Failed returns which of the hints in front of an instruction it was that made Hint fail.
func (r *Run) Failed() int { return r.failed }

// Done returns an error if a scope was entered and not left.
func (r *Run) Done() error {
	if len(r.scopes) != 1 {
		return &Error{ErrFailed, "Every enter_scope() requires a corresponding exit_scope()."}
	}
	return nil
}

// Call is the execution of one hint. It is valid until the function of the hint returns.
type Call struct {
	run  *Run
	hint *compiled
	at   machine.Registers
	err  error
	// accesses counts what the hint read and wrote.
	accesses uint
}

// pollEvery is after how many accesses a hint asks whether to go on: some 3 µs in hints that do more than copy.
const pollEvery = 16

// poll counts an access, and makes the hint fail now and then if nobody waits for it.
func (c *Call) poll() {
	if c.accesses++; c.accesses%pollEvery == 0 {
		c.ask()
	}
}

// ask makes the hint fail if nobody waits for it.
func (c *Call) ask() {
	if c.run.vm.Aborted() {
		c.abort()
	}
}

// abort makes the hint fail because nobody waits for it.
func (c *Call) abort() { c.fail(framework.ErrAborted) }

// Failf makes the hint fail, if it hasn't already.
func (c *Call) Failf(format string, args ...any) {
	c.fail(&Error{ErrFailed, fmt.Sprintf(format, args...)})
}

func (c *Call) fail(err error) {
	if c.err == nil && err != nil {
		c.err = err
	}
}

// Failed reports whether something failed.
func (c *Call) Failed() bool { return c.err != nil }

// VM returns the machine.
func (c *Call) VM() VM { return c.run.vm }

// lookup returns the meaning of a name, nil if there is none.
func (c *Call) lookup(last string) *name {
	for i := range c.hint.names {
		if n := &c.hint.names[i]; n.last == last {
			if n.lost || n.back > c.at.AP && n.usesAP {
				break
			}
			return n
		}
	}
	return nil
}

// value returns ids.last, empty if it is not known.
func (c *Call) value(last string) machine.Cell {
	n := c.lookup(last)
	switch {
	case n == nil:
		return machine.Cell{}
	case n.plain:
		return c.run.vm.Read(c.cell(n))
	}
	return n.value.Value(c.run.reader, c.at.AP-n.back, c.at.FP)
}

// cell returns the address of a plain name. One below the stack is far above it, where nothing is.
func (c *Call) cell(n *name) machine.Address {
	base := c.at.FP
	if n.usesAP {
		base = c.at.AP - n.back
	}
	return machine.Address{Segment: machine.StackSegment, Offset: base + uint64(n.offset)} //nolint:gosec // wraps on purpose
}

// Value returns the value of ids.last.
func (c *Call) Value(last string) machine.Cell {
	v := c.value(last)
	if !v.Known() {
		c.Failf("Unknown identifier %s", last)
	}
	return v
}

// Felt returns the felt ids.last.
func (c *Call) Felt(last string) felt.Felt {
	x, ok := c.Value(last).Felt()
	if !ok {
		c.Failf("Expected ids.%s to be an Integer value", last)
		return felt.Felt{}
	}
	return x
}

// Pointer returns the address ids.last.
func (c *Call) Pointer(last string) machine.Address {
	a, ok := c.Value(last).Address()
	if !ok {
		c.Failf("Expected ids.%s to be a Relocatable value", last)
	}
	return a
}

// Address returns the address of the cell of ids.last.
func (c *Call) Address(last string) machine.Address {
	if n := c.lookup(last); n != nil {
		if n.plain {
			return c.cell(n)
		}
		if a, ok := n.value.Address(c.run.reader, c.at.AP-n.back, c.at.FP); ok {
			return a
		}
	}
	c.Failf("Unknown identifier %s", last)
	return machine.Address{}
}

// Set writes v to the cell of ids.last.
func (c *Call) Set(last string, v machine.Cell) { c.Write(c.Address(last), v) }

// SetFelt writes x to the cell of ids.last.
func (c *Call) SetFelt(last string, x felt.Felt) { c.Set(last, machine.FeltCell(x)) }

// SetBool writes 1 or 0 to the cell of ids.last.
func (c *Call) SetBool(last string, b bool) { c.Set(last, boolCell(b)) }

// SetAP writes v to the cell at ap.
func (c *Call) SetAP(v machine.Cell) {
	c.Write(machine.Address{Segment: machine.StackSegment, Offset: c.at.AP}, v)
}

// Write writes v to a.
func (c *Call) Write(a machine.Address, v machine.Cell) {
	if c.poll(); c.err == nil {
		c.err = c.run.vm.Write(a, v)
	}
}

// Read returns the value at a.
func (c *Call) Read(a machine.Address) machine.Cell {
	c.poll()
	v := c.run.vm.Read(a)
	if !v.Known() {
		c.Failf("Unknown memory cell at address %v", a)
	}
	return v
}

// readPointer returns the address at a.
func (c *Call) readPointer(a machine.Address) machine.Address {
	to, ok := c.Read(a).Address()
	if !ok {
		c.Failf("Expected relocatable at address %v", a)
	}
	return to
}

// ReadFelt returns the felt at a.
func (c *Call) ReadFelt(a machine.Address) felt.Felt {
	x, ok := c.Read(a).Felt()
	if !ok {
		c.Failf("Expected integer at address %v", a)
		return felt.Felt{}
	}
	return x
}

// Constant returns the constant of that last name: in a scope of the hint, or else anywhere.
func (c *Call) Constant(last string) felt.Felt {
	for i := range c.hint.constants {
		if k := &c.hint.constants[i]; k.last == last {
			return k.value
		}
	}
	x, ok := c.run.table.constant(c.hint.scopes, last)
	if !ok {
		c.Failf("Missing constant: %s", last)
	}
	return x
}

// rangeCheck fails if the program has no range checks.
func (c *Call) rangeCheck() {
	if c.run.builtins.RangeCheck < 0 {
		c.Failf("Expected range_check builtin to be present")
	}
}

func boolCell(b bool) machine.Cell {
	if b {
		return machine.UintCell(1)
	}
	return machine.UintCell(0)
}
