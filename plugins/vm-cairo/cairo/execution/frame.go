package execution

import (
	"errors"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// frame is a call that is going on: a contract on a machine of its own.
type frame struct {
	*scope

	call     *call
	class    felt.Felt
	contract *contract
	// steps says that the frame counts steps, not gas.
	steps bool
	usage usage
	// place is where in its code the frame failed.
	place string

	*stage
	// counted is how many steps of the frame are taken off the budget.
	counted uint64
	// next is where the next system call must begin.
	next machine.Address
	// given are segments that the contract only reads.
	given []given
	// made has what is put into memory once, when it is first asked for.
	made made
}

// stage is a machine with its session. Stages are used again.
type stage struct {
	m machine.Machine
	s runner.Session
}

// given is a segment that was given to a contract, which must not grow.
type given struct {
	at machine.Address
	n  uint64
}

// made has addresses of what is put into memory once; nil means not yet.
type made struct {
	signature, info *machine.Address
	sha256, sha512  *machine.Address
	points          *machine.Address
	// secp are the points that a contract has made.
	secp []secpPoint
}

// enterGas is what the compiler of Cairo 1 charges for entering a function, so that the caller does not pay it twice.
const enterGas = 10_000

// unlimited is the limit of steps of a frame that counts gas: it runs out of that first.
const unlimited = 1 << 62

// run runs the entry point.
func (f *frame) run() (result, error) {
	e, err := f.find()
	if err != nil {
		return result{}, before(err)
	}
	if e == nil {
		return f.soft("Entry point EntryPointSelector("+f.call.selector.Hex()+") not found in contract.", textEntryPointNotFound)
	}
	if f.contract.badBuiltins {
		return result{}, before(fail("Invalid builtins of class %s.", hex64(f.class)))
	}
	if !f.contract.cairo0 && f.call.gas < enterGas {
		return f.soft("Out of gas", textOutOfGas)
	}
	f.stage = f.takeStage()
	defer f.giveStage(f.stage)
	return f.runOnStage(e)
}

// soft returns a soft failure, or a hard one where the rules have no others.
func (f *frame) soft(text string, retdata felt.Felt) (result, error) {
	if !f.rules.Switches.SoftFailures {
		return result{}, before(fail("%s", text))
	}
	return result{failed: true, retdata: []felt.Felt{retdata}}, nil
}

func (f *frame) runOnStage(e *runner.Entry) (result, error) {
	c := runner.Call{
		Selector: f.call.selector, Calldata: f.call.calldata, Machine: f.machineConfig(), MaxSteps: unlimited,
	}
	if f.steps {
		c.MaxSteps = f.left
	}
	if f.contract.cairo0 {
		c.Syscalls = handler0{f}
	} else {
		c.Syscalls, c.Gas, c.Prices = handler1{f}, f.call.gas-enterGas, f.prices[:]
	}
	if err := f.s.Enter(&f.m, f.contract.Class, e, &c); err != nil {
		return result{}, f.machineError(err)
	}
	f.next = machine.Address{Segment: f.s.SyscallSegment()}
	err := machine.ErrSteps // at the entry point, if no steps are left: a session takes 0 for no limit
	if c.MaxSteps > 0 {
		err = f.s.Run()
	}
	if err == nil {
		err = f.st.err
	}
	if spent := f.pause(); err == nil {
		err = spent
	}
	if err != nil {
		return result{}, f.machineError(err)
	}
	r, err := f.leave()
	if err == nil && r.failed && !f.rules.Switches.SoftFailures {
		err = fail("%s", f.panicked(headPanic, f.call, f.class, r.retdata, nil))
	}
	return r, err
}

// leave makes the checks after a run, counts what it took, and reads the result.
func (f *frame) leave() (result, error) {
	for _, g := range f.given {
		f.m.MarkAccessed(g.at, g.n)
	}
	r, err := f.s.Leave()
	switch {
	case errors.Is(err, runner.ErrStopPointer), errors.Is(err, runner.ErrSyscalls):
		return result{}, before(fail("Validation failed: %v.", err))
	case errors.Is(err, runner.ErrReturn) && !f.contract.cairo0:
		return result{}, before(fail("Malformed return data : %v.", err))
	case errors.Is(err, runner.ErrReturn):
		return result{}, before(fail("%v", err))
	case err != nil:
		return result{}, fail("%v", err)
	}
	if r.Syscalls != f.next {
		return result{}, before(fail("Validation failed: Syscall segment end."))
	}
	for _, g := range f.given {
		r.Intact = r.Intact && f.m.Len(g.at.Segment) == g.n
	}
	if !r.Intact {
		return result{}, before(fail("Validation failed: Read-only segments."))
	}
	f.usage.addRun(f.s.Resources())
	f.settle()
	out := result{failed: r.Failed}
	if out.retdata, err = readFelts(&f.m, r.Retdata, r.Size); err != nil || f.contract.cairo0 {
		return out, before(err)
	}
	if r.Gas > f.call.gas {
		return out, before(fail("Malformed return data : Unexpected remaining gas: %d..", r.Gas))
	}
	out.gas = f.call.gas - r.Gas
	return out, nil
}

// pause takes the steps since the last pause off the budget, which all frames of a scope share.
func (f *frame) pause() error {
	if !f.steps {
		return nil
	}
	n := f.m.Steps() - f.counted
	f.counted += n
	if !f.spend(n) {
		return machine.ErrSteps
	}
	return nil
}

// resume lets the frame go on within what is left of the budget.
func (f *frame) resume() {
	if f.steps {
		f.m.SetLimit(f.counted + f.left)
	}
}

// find returns the entry point that the call names, nil if there is none.
func (f *frame) find() (*runner.Entry, error) {
	if f.call.kind == constructor && f.call.selector != selectorConstructor {
		return nil, fail("The entry point of a constructor must have its selector.")
	}
	list := f.contract.list(f.call.kind)
	var e *runner.Entry
	for i := range list {
		if list[i].Selector != f.call.selector {
			continue
		}
		if e != nil {
			return nil, fail("Entry point %s is not unique.", f.call.selector.Hex())
		}
		e = &list[i]
	}
	if e == nil && f.contract.cairo0 && len(list) > 0 && list[0].Selector.IsZero() {
		e = &list[0]
	}
	return e, nil
}

// inner runs a call that the contract makes. Who may not survive a soft failure gets it as a hard one.
func (f *frame) inner(c *call) (r result, err error) {
	c.steps = f.steps
	if err := f.pause(); err != nil {
		return r, err
	}
	defer f.resume()
	if f.contract.cairo0 {
		return f.mustCall(c)
	}
	r, err = f.scope.call(c)
	if err == nil && r.failed {
		r.retdata = append(r.retdata[:len(r.retdata):len(r.retdata)], textEntryPointFailed)
	}
	return r, err
}

// innerDeploy deploys a contract for the contract.
func (f *frame) innerDeploy(d *deployment) (result, error) {
	d.steps = f.steps
	if err := f.pause(); err != nil {
		return result{}, err
	}
	defer f.resume()
	return f.deploy(d)
}

// give makes a segment with the cells, which the contract may only read.
func (f *frame) give(cells []machine.Cell) (machine.Address, error) {
	at := f.m.AddSegment(machine.NoRule)
	for i := range cells {
		if err := f.m.Write(at.Plus(uint64(i)), cells[i]); err != nil {
			return at, err
		}
	}
	f.given = append(f.given, given{at, uint64(len(cells))})
	return at, nil
}

// feltCells returns felts as contents of cells.
func feltCells(xs []felt.Felt) []machine.Cell {
	out := make([]machine.Cell, len(xs))
	for i := range xs {
		out[i] = machine.FeltCell(xs[i])
	}
	return out
}

// maxFelts limits how many felts a contract may pass at once, so that no number makes the host reserve memory.
const maxFelts = 1 << 24

// errTooLong says that a contract passes more than that.
var errTooLong = errors.New("array is too long")

// readFelts returns n felts that begin at an address.
func readFelts(m *machine.Machine, at machine.Address, n uint64) ([]felt.Felt, error) {
	if n > maxFelts {
		return nil, fail("%v: %d felts", errTooLong, n)
	}
	out := make([]felt.Felt, 0, min(n, 1024))
	for i := range n {
		c := m.Read(at.Plus(i))
		x, ok := c.Felt()
		switch {
		case !c.Known():
			return nil, fail("Unknown memory cell at address %v", at.Plus(i))
		case !ok:
			return nil, fail("Expected integer at address %v", at.Plus(i))
		}
		out = append(out, x)
	}
	return out, nil
}

var (
	_ hint.Syscalls = handler0{}
	_ hint.Syscalls = handler1{}
)
