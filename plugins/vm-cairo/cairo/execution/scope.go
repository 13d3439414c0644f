package execution

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// phase is a part of a transaction. Each has budgets, events and messages of its own.
type phase uint8

const (
	validating phase = iota
	executing
	paying
)

// scope is one phase of a transaction: what all calls in it share. It ends with its first hard failure.
type scope struct {
	*attempt

	phase phase
	// restricted: the calls are for validation, and may not ask for everything.
	restricted bool
	// info is the transaction as contracts see it.
	info *txInfo
	// depth is how many calls are going on.
	depth int
	// allowed is the budget of steps of the scope, and left what frames that count steps have left of it.
	allowed, left uint64
	// lastGas is the gas that the root had left when it was last seen; see [scope.see].
	lastGas uint64

	// cost is what frames that count steps have taken, and their system calls, and blakes how many Blake instructions that were.
	cost   rules.Cost
	blakes uint64
	// gasBuiltins and gasBlakes are those of frames that count gas, which pay for them with that.
	gasBuiltins starknet.BuiltinCounts
	gasBlakes   uint64

	events   []starknet.Event
	messages []starknet.MessageToL1
	// rootEvents are those of the outermost frame.
	rootEvents map[int]bool
	// executed are the classes that were called.
	executed map[felt.Felt]*contract
	// failed are the soft failures, for the reason of a revert.
	failed []softFailure
	// tree is the outermost call that is over, and node the one that is going on, if anybody wants to know.
	tree *starknet.Invocation
	node *node
}

// newScope returns a scope for a phase with a budget of steps.
func (a *attempt) newScope(p phase, steps uint64) *scope {
	return &scope{
		attempt: a, phase: p, restricted: p == validating, info: &a.info, allowed: steps, left: steps,
		rootEvents: map[int]bool{}, executed: map[felt.Felt]*contract{},
	}
}

// used returns how many steps the scope has taken of its budget.
func (x *scope) used() uint64 { return x.allowed - x.left }

// spend takes n steps off the budget, and reports whether there were so many.
func (x *scope) spend(n uint64) bool {
	if n > x.left {
		x.left = 0
		return false
	}
	x.left -= n
	return true
}

// see notes the gas that is left, as what a hard failure afterwards makes the sender pay for.
func (x *scope) see(gas uint64) { x.lastGas = gas }
