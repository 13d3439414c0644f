package execution

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// traced reports whether the receipt has the calls. That of a read-only call has them always: what it returned stands there.
func (a *attempt) traced() bool { return a.trace || a.mode.Kind() == framework.Call }

// node is the node of a call that is going on.
type node struct {
	starknet.Invocation

	outer *node
	// before is what the scope had taken when the call began.
	before rules.Cost
}

// entries are the types of entry points as traces have them.
var entries = [...]starknet.EntryPointType{
	external: starknet.ExternalEntry, l1Handler: starknet.L1HandlerEntry, constructor: starknet.ConstructorEntry,
}

// openNode makes the node of a call that begins, nil if nobody wants to know. Its resources are those of the scope so far.
func (x *scope) openNode(c *call, class felt.Felt) *node {
	if !x.traced() {
		return nil
	}
	n := &node{outer: x.node, before: x.cost}
	n.Invocation = starknet.Invocation{
		Contract: c.storage, Caller: c.caller, Class: class, Entry: entries[c.kind], Delegate: c.library,
		Selector: c.selector, Calldata: c.calldata,
	}
	x.node = n
	return n
}

// closeNode completes the node of a call that is over, and hangs it below that of the call around it.
func (x *scope) closeNode(n *node, r *result) *starknet.Invocation {
	if n == nil {
		return nil
	}
	n.Failed, n.Result, n.Gas = r.failed, r.retdata, r.gas
	n.Resources = starknet.Resources{
		Steps: x.cost.Steps - n.before.Steps, MemoryHoles: x.cost.Holes - n.before.Holes, Builtins: x.cost.Builtins,
	}
	for b, before := range n.before.Builtins {
		n.Resources.Builtins[b] -= before
	}
	paid := rules.Cost{Steps: n.Resources.Steps, Holes: n.Resources.MemoryHoles, Builtins: n.Resources.Builtins}
	n.Resources.Gas = &starknet.Gas{L2: x.rules.Gas(&paid) + r.gas}
	tree := &n.Invocation
	if r.failed {
		tree = silent(tree)
	}
	x.node = n.outer
	x.hang(tree)
	return tree
}

// hang adds a call that is over to the one that is going on.
func (x *scope) hang(tree *starknet.Invocation) {
	if x.node == nil {
		x.tree = tree
		return
	}
	x.node.Calls = append(x.node.Calls, tree)
}

// silent returns a call that failed without its events and messages, and those of the calls in it. Others may have it as it is.
func silent(c *starknet.Invocation) *starknet.Invocation {
	out := *c
	out.Events, out.Messages, out.Calls = nil, nil, nil
	for _, inner := range c.Calls {
		out.Calls = append(out.Calls, silent(inner))
	}
	return &out
}
