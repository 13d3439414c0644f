package execution

import (
	"slices"

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
	// rootEvents are the places of those of the outermost frame, rising.
	rootEvents []int
	// executed are the classes that were called.
	executed classSet
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
	}
}

// ofRoot reports whether an event is one of the outermost frame.
func (x *scope) ofRoot(event int) bool {
	_, found := slices.BinarySearch(x.rootEvents, event)
	return found
}

// classSet has some classes, few, each once. It only grows, at its end, so that one may share the memory of another that it
// grew from, and need not be copied.
type classSet []executedClass

// executedClass is a class that was called.
type executedClass struct {
	hash     felt.Felt
	contract *contract
}

// with returns the set with one more class.
func (s classSet) with(hash felt.Felt, k *contract) classSet {
	if slices.ContainsFunc(s, func(c executedClass) bool { return c.hash == hash }) {
		return s
	}
	return append(s, executedClass{hash, k})
}

// union returns the set with those of another.
func (s classSet) union(t classSet) classSet {
	for i := range t {
		s = s.with(t[i].hash, t[i].contract)
	}
	return s
}

// shared returns the set for others to keep: what is added to theirs is not added here.
func (s classSet) shared() classSet { return s[:len(s):len(s)] }

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
