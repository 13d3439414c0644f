package casm

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/keyed"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// Run executes the hints of one run of a class. One goroutine uses it at a time; the zero value is ready for [Run.Reset].
type Run struct {
	vm       hint.VM
	table    *Table
	syscalls hint.Syscalls
	dicts    []dict // in order of their segments
	squash   squash
	// longest is the number of the longest arc of the last comparison, from 1 on.
	longest int
	// pool is where the next cells of the shared segment are; hasPool says that there is one.
	pool    machine.Address
	hasPool bool
	// points is how many random points were asked for.
	points uint64
	call   call
	// stop asks whether to give up.
	stop func() bool
}

var _ machine.Host = (*Run)(nil)

// Reset makes r ready to execute the hints of t on vm. Syscalls executes system calls; nil refuses them.
func (r *Run) Reset(t *Table, vm hint.VM, syscalls hint.Syscalls) {
	r.vm, r.table, r.syscalls = vm, t, syscalls
	r.trim()
	r.squash.reset()
	r.longest, r.hasPool, r.points = 0, false, 0
	r.call.run = r
	if r.stop == nil {
		r.stop = func() bool { return r.vm.Aborted() }
	}
}

// dictsKept is the number of dictionaries whose memory is kept from run to run.
const dictsKept = 1 << 12

// trim forgets the dictionaries of earlier runs, and drops their memory if it is more than a run should keep.
func (r *Run) trim() {
	dicts, room := r.dicts[:cap(r.dicts)], r.squash.places.Room()
	for i := range dicts[:min(len(dicts), dictsKept)] {
		room += dicts[i].values.Room()
	}
	if r.dicts = dicts[:0]; len(dicts) > dictsKept || room > keyed.Most {
		r.dicts, r.squash = nil, squash{}
	}
}

// Hint executes the hints of number i, in order, until one fails.
func (r *Run) Hint(i int) error {
	list := r.table.lists[i]
	c := &r.call
	registers := r.vm.Registers()
	c.ap, c.fp, c.err = registers.AP, registers.FP, nil
	for k := range list {
		h := &list[k]
		if h.do == nil {
			return &hint.Error{Kind: hint.ErrUnknown, Text: "Unknown Hint: " + h.name}
		}
		c.hint = h
		if h.do(c); c.err != nil {
			return c.err
		}
	}
	return nil
}

// call is the execution of one hint. After the first failure its methods do nothing.
type call struct {
	run    *Run
	hint   *compiled
	ap, fp uint64
	err    error
	// accesses counts what the hint read and wrote.
	accesses uint
}

// pollEvery is after how many accesses a hint asks whether to go on: some 3 µs in hints that do more than copy.
const pollEvery = 16

// poll counts an access, and makes the hint fail now and then if nobody waits for it.
func (c *call) poll() {
	if c.accesses++; c.accesses%pollEvery == 0 && c.run.vm.Aborted() {
		c.abort()
	}
}

// abort makes the hint fail because nobody waits for it.
func (c *call) abort() { c.fail(framework.ErrAborted) }

func (c *call) failf(format string, args ...any) {
	c.fail(&hint.Error{Kind: hint.ErrFailed, Text: fmt.Sprintf(format, args...)})
}

func (c *call) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// write writes v to a.
func (c *call) write(a machine.Address, v machine.Cell) {
	if c.poll(); c.err == nil {
		c.err = c.run.vm.Write(a, v)
	}
}

// set writes v to output i.
func (c *call) set(i int, v machine.Cell) { c.write(c.at(c.hint.out[i]), v) }

func (c *call) setFelt(i int, x felt.Felt) { c.set(i, machine.FeltCell(x)) }

func (c *call) setBool(i int, b bool) { c.set(i, boolCell(b)) }

// setInt writes x modulo P to output i.
func (c *call) setInt(i int, x *wide.Int) { c.setFelt(i, x.Felt()) }

func boolCell(b bool) machine.Cell {
	if b {
		return machine.UintCell(1)
	}
	return machine.UintCell(0)
}

func systemCall(c *call) {
	if c.run.syscalls == nil {
		c.fail(hint.ErrNoSyscalls)
		return
	}
	ptr := c.value(0) // empty if there is none: whether that matters is for the layer above to say
	c.err = c.run.syscalls.Syscall(c.run.vm, ptr)
}

func allocSegment(c *call) { c.set(0, c.run.vm.AddSegment(machine.NoRule).Cell()) }

// allocConstantSize hands out cells of one segment.
func allocConstantSize(c *call) {
	n := c.number(0)
	if c.err != nil {
		return
	}
	r := c.run
	if !r.hasPool {
		r.pool, r.hasPool = r.vm.AddSegment(machine.NoRule), true
	}
	next := c.plus(r.pool, n)
	c.set(0, r.pool.Cell())
	r.pool = next
}

// debugPrint prints nothing, but fails where there is nothing to print.
func debugPrint(c *call) {
	at, end := c.pointer(0), c.pointer(1)
	for c.err == nil && at != end {
		c.readFelt(at)
		at = c.plus(at, 1)
	}
}
