package execution

import (
	"errors"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// call is a call of an entry point.
type call struct {
	// class is the class to run; without one, that of storage.
	class *felt.Felt
	// storage is the contract whose state is used.
	storage, caller felt.Felt
	kind            entryType
	selector        felt.Felt
	calldata        []felt.Felt
	gas             uint64
	// steps says that the calling frame counts steps, so that this one has to.
	steps bool
	// library says that another frame's state is used.
	library bool
}

// result is what a call comes to.
type result struct {
	// failed: the call failed in a way that its caller may survive, with data that says why.
	failed  bool
	retdata []felt.Felt
	// gas is what it consumed.
	gas uint64
	// steps says that the frame counted steps, not gas.
	steps bool
}

// short strings that contracts see.
var (
	textEntryPointFailed   = felt.MustShortString("ENTRYPOINT_FAILED")
	textEntryPointNotFound = felt.MustShortString("ENTRYPOINT_NOT_FOUND")
	textOutOfGas           = felt.MustShortString("Out of gas")
	textInvalidArgument    = felt.MustShortString("Invalid argument")
	textInvalidLength      = felt.MustShortString("Invalid input length")
	textBlockNumber        = felt.MustShortString("Block number out of range")
	textValid              = felt.MustShortString("VALID")
)

// fraudulent is the class of an account that calls of version 0 must not reach.
var fraudulent = felt.MustParse("0x1a7820094feaf82d53f53f214b81292d717e7bb9a92bb2488092cd306f3993f")

// call runs an entry point. The error is a *failure or one that ends the attempt; a soft failure is a result. The changes
// of a call that fails softly are undone.
//
// Source: crates/blockifier/src/execution/entry_point.rs, CallEntryPoint::execute.
func (x *scope) call(c *call) (result, error) {
	if x.depth >= x.rules.MaxDepth {
		return result{}, c.explain(x.classFor(c), "", before(fail("Execution failed due to recursion depth exceeded.")))
	}
	began, over := x.begin()
	if over != nil {
		return x.takeOver(over, c), nil
	}
	x.depth++
	defer func() { x.depth-- }()
	hash, k, err := x.target(c)
	if err != nil {
		return result{}, c.explain(hash, "", before(err))
	}
	x.executed = x.executed.with(hash, k)
	mark, events, messages := x.st.mark(), len(x.events), len(x.messages)
	f := &frame{scope: x, call: c, class: hash, contract: k}
	f.steps = c.steps || k.cairo0 || k.sierra.Less(x.rules.GasFrom)
	if f.steps {
		c.gas = x.rules.InitialGas
	}
	node := x.openNode(c, hash)
	r, err := f.run()
	if err == nil {
		err = x.st.err
	}
	if err != nil {
		return result{}, c.explain(hash, f.place, err)
	}
	if r.steps = f.steps; r.steps {
		r.gas = 0
	}
	tree := x.closeNode(node, &r)
	if r.failed {
		x.st.undo(mark)
		x.events, x.messages = x.events[:events], x.messages[:messages]
		x.noteFailure(c, hash, r.retdata)
	}
	x.note(&began, c, &r, tree)
	return r, nil
}

// target finds the class that a call runs.
func (x *scope) target(c *call) (felt.Felt, *contract, error) {
	own := x.st.classOf(c.storage)
	if x.st.err != nil {
		return own, nil, x.st.err
	}
	if own.IsZero() {
		return own, nil, fail("Requested contract address %s is not deployed.", hex64(c.storage))
	}
	hash := own
	if c.class != nil {
		hash = *c.class
	}
	if x.info.version.Number() == 0 && hash == fraudulent {
		return hash, nil, fail("Fraud attempt blocked.")
	}
	k, err := x.contract(hash)
	return hash, k, err
}

// contract returns a class, which must be declared.
func (x *scope) contract(hash felt.Felt) (*contract, error) {
	if !x.st.declared(hash) {
		if x.st.err != nil {
			return nil, x.st.err
		}
		return nil, fail("Class with hash %s is not declared.", hex64(hash))
	}
	return x.load(hash)
}

// mustCall is call for those who cannot survive a failure: a soft one becomes a hard one.
func (x *scope) mustCall(c *call) (result, error) {
	failures := len(x.failed)
	r, err := x.call(c)
	if err == nil && !r.steps {
		x.see(c.gas - min(r.gas, c.gas))
	}
	if err != nil || !r.failed {
		return r, err
	}
	hash := x.classFor(c)
	return r, c.explain(hash, "", &failure{text: x.panicked(headPanic, c, hash, r.retdata, x.failed[failures:])})
}

// classFor returns the class that a call runs, whether there is one or not.
func (x *scope) classFor(c *call) felt.Felt {
	if c.class != nil {
		return *c.class
	}
	return x.st.classOf(c.storage)
}

// deployment is a contract to be deployed.
type deployment struct {
	address, deployer, class felt.Felt
	calldata                 []felt.Felt
	gas                      uint64
	steps                    bool
}

// deploy makes a contract and runs its constructor. All failures are hard.
//
// Source: crates/blockifier/src/execution/execution_utils.rs, execute_deployment.
func (x *scope) deploy(d *deployment) (result, error) {
	if d.address.IsZero() {
		return result{}, d.explain(fail("Cannot deploy contract at address 0."))
	}
	if old := x.st.classOf(d.address); !old.IsZero() {
		return result{}, d.explain(fail("Deployment failed: contract already deployed at address %s", hex64(d.address)))
	}
	x.st.write(starknet.ClassHashKey(d.address), d.class)
	k, err := x.contract(d.class)
	if err != nil {
		return result{}, d.explain(err)
	}
	if len(k.Entries.Constructor) == 0 {
		if len(d.calldata) > 0 {
			return result{}, d.explain(fail("Invalid input: constructor_calldata; Cannot pass calldata to a contract with no constructor."))
		}
		x.executed = x.executed.with(d.class, k)
		var none result
		x.closeNode(x.openNode(d.call(), d.class), &none)
		return none, nil
	}
	return x.mustCall(d.call())
}

// call returns the call of the constructor.
func (d *deployment) call() *call {
	return &call{
		class: &d.class, storage: d.address, caller: d.deployer, kind: constructor, selector: selectorConstructor,
		calldata: d.calldata, gas: d.gas, steps: d.steps,
	}
}

// emit adds an event of the frame, within the limits.
func (f *frame) emit(keys, data []felt.Felt) error {
	limit := &f.rules.Events
	switch n := uint64(len(f.events)) + 1; {
	case n > limit.Count:
		return fail("Exceeded the maximum number of events, number events: %d, max number events: %d.", n, limit.Count)
	case uint64(len(keys)) > limit.Keys:
		return fail("Exceeded the maximum keys length, keys length: %d, max keys length: %d.", len(keys), limit.Keys)
	case uint64(len(data)) > limit.Data:
		return fail("Exceeded the maximum data length, data length: %d, max data length: %d.", len(data), limit.Data)
	}
	if f.depth == 1 {
		f.rootEvents = append(f.rootEvents, len(f.events))
	}
	if f.node != nil {
		f.node.Events = append(f.node.Events, starknet.OrderedEvent{Order: uint64(len(f.events)), Keys: keys, Data: data})
	}
	f.events = append(f.events, starknet.Event{From: f.call.storage, Keys: keys, Data: data})
	return nil
}

// send adds a message to L1.
func (f *frame) send(to felt.Felt, payload []felt.Felt) error {
	if _, ok := starknet.EthAddressFromFelt(to); !ok {
		return fail("Out of range %s.", to.Decimal())
	}
	if f.node != nil {
		f.node.Messages = append(f.node.Messages, starknet.OrderedMessage{Order: uint64(len(f.messages)), To: to, Payload: payload})
	}
	f.messages = append(f.messages, starknet.MessageToL1{From: f.call.storage, To: to, Payload: payload})
	return nil
}

// ends reports whether err ends the attempt and not only the transaction.
func ends(err error) bool {
	var f *failure
	return err != nil && !errors.As(err, &f)
}
