package execution

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// uint256 is a value of a cell.
type uint256 = framework.Word

// receipt is what a transaction took and did, so far.
type receipt struct {
	// empty: nothing was executed or paid for.
	empty bool

	reverted bool
	reason   string

	events   []starknet.Event
	messages []starknet.MessageToL1
	// rootKeys and rootData are felts of events of outermost frames.
	rootKeys, rootData uint64
	executed           classSet
	phases             uint8
	// paidEvents counts events, those of the payment left out.
	paidEvents int

	// cost is that of the calls, total that of the whole transaction.
	cost, total   rules.Cost
	gasBuiltins   starknet.BuiltinCounts
	blakes        uint64
	gasBlakes     uint64
	gasLeft       uint64
	sierraGas     uint64
	revertedSteps uint64
	revertedGas   uint64
	codeBytes     uint64
	declared      *felt.Felt
	l1Payload     int
	// before has the values of cells after validation, where changes of execution are counted on their own.
	before []uint256

	// trace has the calls, if anybody asked for them.
	trace starknet.Trace

	// addition is the fee as an addition to the balance of the sequencer.
	addition *framework.Add

	gas, da starknet.Gas
	fee     starknet.Uint128
}

// add adds what happened in a scope.
func (r *receipt) add(x *scope) {
	r.cost.Add(&x.cost)
	r.blakes += x.blakes
	r.gasBlakes += x.gasBlakes
	for b, n := range x.gasBuiltins {
		r.gasBuiltins[b] += n
	}
	for i := range x.events {
		if x.ofRoot(i) {
			r.rootKeys += uint64(len(x.events[i].Keys))
			r.rootData += uint64(len(x.events[i].Data))
		}
	}
	r.events = append(r.events[:len(r.events):len(r.events)], x.events...)
	r.messages = append(r.messages[:len(r.messages):len(r.messages)], x.messages...)
	r.noteExecuted(x)
	r.paidEvents += x.paidEvents()
	r.phases |= 1 << x.phase
}

// paidEvents returns how many events of the scope count.
func (x *scope) paidEvents() int {
	if !x.rules.Switches.RootEvents {
		return len(x.events)
	}
	n := 0
	for i := range x.events {
		if x.ofRoot(i) {
			n++
		}
	}
	return n
}

// noteExecuted adds the classes that were called in a scope. A receipt may share its set with the one that it was copied from.
func (r *receipt) noteExecuted(x *scope) { r.executed = r.executed.shared().union(x.executed) }

// spend takes the gas of a call off what is left.
func (r *receipt) spend(gas uint64) {
	r.gasLeft -= min(gas, r.gasLeft)
	r.sierraGas += gas
}

// keepBefore remembers the values of all cells, where the rules want that.
func (r *receipt) keepBefore(a *attempt) {
	if a.rules.Switches.WholeDiff {
		return
	}
	r.before = make([]uint256, len(a.st.cells))
	for i := range a.st.cells {
		r.before[i] = a.st.cells[i].value
	}
}

// vmSteps returns the steps that are paid for, holes left out.
func (r *receipt) vmSteps() uint64 {
	return r.total.Steps + arenaSteps*r.total.Builtins[starknet.SegmentArena] + r.revertedSteps
}

// eventFelts returns how many keys and felts of data are paid for.
func (r *receipt) eventFelts(root bool) (keys, data uint64) {
	if root {
		return r.rootKeys, r.rootData
	}
	for i := range r.events {
		keys += uint64(len(r.events[i].Keys))
		data += uint64(len(r.events[i].Data))
	}
	return keys, data
}

// Versions from which receipts say more.
var (
	sinceDA  = starknet.Version{0, 13, 1}
	sinceGas = starknet.Version{0, 13, 2}
)

// receipt returns r as blocks have it.
func (a *attempt) receipt(r *receipt) *starknet.Receipt {
	out := &starknet.Receipt{
		TransactionHash: a.info.hash, ActualFee: r.fee, Reverted: r.reverted, RevertReason: r.reason,
		Events: r.events, Messages: r.messages,
	}
	if t, ok := a.in.Transaction.(*starknet.L1Handler); ok {
		if m, ok := t.Message(); ok {
			out.Consumed = &m
		}
	}
	if a.traced() {
		out.Trace = &r.trace
	}
	if r.empty {
		return out
	}
	out.Resources.Steps = r.vmSteps()
	if a.rules.Switches.HolesInSteps {
		out.Resources.Steps += r.total.Holes
	}
	out.Resources.Builtins = r.total.Builtins
	out.Resources.Builtins[starknet.SegmentArena] = 0
	out.Resources.Builtins[starknet.Output] = 0
	if v, err := starknet.ParseVersion(a.rules.Version); err == nil {
		if !v.Less(sinceDA) {
			out.Resources.DataAvailability = &starknet.Gas{L1: r.da.L1, L1Data: r.da.L1Data}
		}
		if !v.Less(sinceGas) {
			out.Resources.Gas = &r.gas
		}
	}
	return out
}

// fill fills out with what the transaction came to.
func (a *attempt) fill(out *framework.Outcome, r *receipt) error {
	out.Status = framework.Succeeded
	if r.reverted {
		out.Status = framework.Reverted
	}
	a.st.changes(func(c *cell) {
		if !c.shadow {
			out.Writes = append(out.Writes, framework.Write{Key: c.key, Value: c.value})
		}
	})
	framework.SortWrites(out.Writes)
	if r.addition != nil {
		out.Adds = append(out.Adds, *r.addition)
	}
	if r.declared != nil {
		out.Classes = append(out.Classes, framework.Class{Hash: framework.Word(*r.declared), Body: a.in.Class})
	}
	if err := a.fillUsage(out, r); err != nil {
		return err
	}
	out.Receipt = starknet.AppendReceipt(out.Receipt, a.receipt(r))
	return nil
}
