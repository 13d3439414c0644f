package starknet

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

// Trace has the calls of a transaction: a tree for each of its phases, nil for those that it did not have or that
// were taken back as a whole.
type Trace struct {
	Constructor *Invocation // of the account that a [DeployAccount] makes
	Validate    *Invocation
	Execute     *Invocation // for an [L1Handler] the handler
	FeeTransfer *Invocation
}

// EntryPointType says among which entry points of its class a call looks for its selector.
type EntryPointType uint8

// The types of entry points.
const (
	ExternalEntry EntryPointType = iota
	L1HandlerEntry
	ConstructorEntry
	entryPointTypes
)

var entryPointTypeNames = [entryPointTypes]string{"EXTERNAL", "L1_HANDLER", "CONSTRUCTOR"}

// String returns t as JSON-RPC writes it.
func (t EntryPointType) String() string {
	if t < entryPointTypes {
		return entryPointTypeNames[t]
	}
	return "unknown"
}

// Invocation is a call of an entry point, with the calls that it made.
type Invocation struct {
	// Contract is the one whose state was used, Class the code that ran.
	Contract, Caller, Class felt.Felt
	Entry                   EntryPointType
	// Delegate says that the code of a class ran on the state of the contract that called it.
	Delegate bool
	Selector felt.Felt
	Calldata []felt.Felt
	// Failed says that the call failed in a way that its caller survived: nothing of what it and the calls in it
	// did remains, and Result says why.
	Failed bool
	Result []felt.Felt
	// Events and Messages are those of this call alone.
	Events   []OrderedEvent
	Messages []OrderedMessage
	// Resources are the steps, holes and builtins that are paid for as such, of this call and all in it, and Gas is
	// the Sierra gas that it took from its caller. Resources.Gas is what both come to.
	Resources Resources
	Gas       uint64
	Calls     []*Invocation
}

// OrderedEvent is an event with its place among the events of its phase.
type OrderedEvent struct {
	Order      uint64
	Keys, Data []felt.Felt
}

// OrderedMessage is a message to L1 with its place among the messages of its phase.
type OrderedMessage struct {
	Order   uint64
	To      felt.Felt
	Payload []felt.Felt
}

// maxInvocationDepth limits how deep a trace may be nested: more than the protocol allows calls to be.
const maxInvocationDepth = 100

func (t *Trace) phases() [4]**Invocation {
	return [...]**Invocation{&t.Constructor, &t.Validate, &t.Execute, &t.FeeTransfer}
}

func (t *Trace) append(dst []byte) []byte {
	for _, p := range t.phases() {
		if dst = wire.AppendBool(dst, *p != nil); *p != nil {
			dst = (*p).append(dst)
		}
	}
	return dst
}

func (t *Trace) read(r *wire.Reader) {
	for _, p := range t.phases() {
		if r.Bool() {
			*p = new(Invocation)
			(*p).read(r, 0)
		}
	}
}

func (c *Invocation) append(dst []byte) []byte {
	for _, x := range [...]felt.Felt{c.Contract, c.Caller, c.Class, c.Selector} {
		dst = wire.AppendFelt(dst, x)
	}
	dst = wire.AppendBool(append(dst, byte(c.Entry)), c.Delegate)
	dst = wire.AppendBool(wire.AppendFelts(dst, c.Calldata), c.Failed)
	dst = wire.AppendFelts(dst, c.Result)
	dst = wire.AppendList(dst, c.Events, func(dst []byte, e *OrderedEvent) []byte {
		return wire.AppendFelts(wire.AppendFelts(wire.AppendUint(dst, e.Order), e.Keys), e.Data)
	})
	dst = wire.AppendList(dst, c.Messages, func(dst []byte, m *OrderedMessage) []byte {
		return wire.AppendFelts(wire.AppendFelt(wire.AppendUint(dst, m.Order), m.To), m.Payload)
	})
	dst = wire.AppendUint(c.Resources.append(dst), c.Gas)
	return wire.AppendList(dst, c.Calls, func(dst []byte, inner **Invocation) []byte { return (*inner).append(dst) })
}

func (c *Invocation) read(r *wire.Reader, depth int) {
	if depth > maxInvocationDepth {
		r.Failf("calls nested more than %d deep", maxInvocationDepth)
		return
	}
	for _, x := range [...]*felt.Felt{&c.Contract, &c.Caller, &c.Class, &c.Selector} {
		*x = r.Felt()
	}
	c.Entry, c.Delegate = EntryPointType(r.Below(byte(entryPointTypes))), r.Bool()
	c.Calldata, c.Failed, c.Result = r.Felts(), r.Bool(), r.Felts()
	c.Events = wire.List(r, 3, func(r *wire.Reader, e *OrderedEvent) { e.Order, e.Keys, e.Data = r.Uint(), r.Felts(), r.Felts() })
	c.Messages = wire.List(r, 3, func(r *wire.Reader, m *OrderedMessage) { m.Order, m.To, m.Payload = r.Uint(), r.Felt(), r.Felts() })
	c.Resources.read(r)
	c.Gas = r.Uint()
	c.Calls = wire.List(r, 18, func(r *wire.Reader, inner **Invocation) {
		*inner = new(Invocation)
		(*inner).read(r, depth+1)
	})
}
