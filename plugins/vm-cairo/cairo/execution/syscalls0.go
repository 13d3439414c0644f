package execution

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// syscall0 is a system call of Cairo 0, and what reads its request and answers it: with the cells of the response.
type syscall0 struct {
	call  rules.Syscall
	serve func(g handler0, r *request) ([]machine.Cell, error)
}

// handler0 serves the system calls of a frame of Cairo 0.
type handler0 struct{ *frame }

// calls0 are the system calls of Cairo 0.
//
// Source: crates/blockifier/src/execution/deprecated_syscalls.
var calls0 = [...]syscall0{
	{rules.CallContract, handler0.callContract},
	{rules.DelegateCall, delegate(external)},
	{rules.DelegateL1Handler, delegate(l1Handler)},
	{rules.LibraryCall, library(external)},
	{rules.LibraryCallL1Handler, library(l1Handler)},
	{rules.Deploy, handler0.deploy},
	{rules.EmitEvent, handler0.emitEvent},
	{rules.SendMessageToL1, handler0.sendMessage},
	{rules.StorageRead, handler0.storageRead},
	{rules.StorageWrite, handler0.storageWrite},
	{rules.ReplaceClass, handler0.replaceClass},
	{rules.GetCallerAddress, func(g handler0, _ *request) ([]machine.Cell, error) {
		return one(g.call.caller)
	}},
	{rules.GetContractAddress, func(g handler0, _ *request) ([]machine.Cell, error) {
		return one(g.call.storage)
	}},
	{rules.GetSequencerAddress, handler0.sequencer},
	{rules.GetBlockNumber, func(g handler0, _ *request) ([]machine.Cell, error) {
		return one(felt.FromUint64(g.shownNumber()))
	}},
	{rules.GetBlockTimestamp, func(g handler0, _ *request) ([]machine.Cell, error) {
		return one(felt.FromUint64(g.shownTime()))
	}},
	{rules.GetTxInfo, handler0.txInfo},
	{rules.GetTxSignature, handler0.txSignature},
}

// syscalls0 are the system calls by what their requests begin with.
var syscalls0 = func() map[felt.Felt]*syscall0 {
	m := make(map[felt.Felt]*syscall0)
	for i := range calls0 {
		m[felt.MustShortString(calls0[i].call.String())] = &calls0[i]
	}
	return m
}()

func one(x felt.Felt) ([]machine.Cell, error) { return []machine.Cell{machine.FeltCell(x)}, nil }

// Syscall implements [hint.Syscalls].
func (g handler0) Syscall(_ hint.VM, at machine.Cell) error {
	ptr, ok := at.Address()
	if !ok || ptr != g.next {
		return fail("Bad syscall_ptr; expected: %v, got: %v.", g.next, at)
	}
	selector, ok := g.m.Read(ptr).Felt()
	s := syscalls0[selector]
	if !ok || s == nil {
		return fail("Invalid syscall selector: %v.", selector.Hex())
	}
	if s.call != rules.Deploy {
		g.usage.count(s.call, 0)
	}
	r := &request{m: &g.m, at: ptr.Plus(1)}
	response, err := s.serve(g, r)
	if err != nil {
		return err
	}
	if g.st.err != nil {
		return g.st.err
	}
	g.next = r.at
	for _, v := range response {
		if err := g.m.Write(g.next, v); err != nil {
			return err
		}
		g.next = g.next.Plus(1)
	}
	return nil
}

// innerCall runs a call, of which the request still has selector and calldata.
func (g handler0) innerCall(c *call, r *request) ([]machine.Cell, error) {
	c.selector, c.calldata = r.felt(), r.counted()
	if r.err != nil {
		return nil, r.err
	}
	c.gas = g.rules.InitialGas
	if c.class == nil { // of another contract
		if g.restricted && c.storage != g.call.storage {
			return nil, unauthorized("call_contract")
		}
		if c.selector == selectorExecute && g.rules.Switches.NoDirectExecute {
			return nil, fail("Calling `__execute__` directly is not allowed.")
		}
	}
	res, err := g.inner(c)
	if err != nil {
		return nil, err
	}
	at, err := g.give(feltCells(res.retdata))
	return []machine.Cell{machine.UintCell(uint64(len(res.retdata))), at.Cell()}, err
}

func (g handler0) callContract(r *request) ([]machine.Cell, error) {
	return g.innerCall(&call{storage: r.address(), caller: g.call.storage, kind: external}, r)
}

// delegate returns what serves calls of code by the address of a contract that has it.
func delegate(kind entryType) func(handler0, *request) ([]machine.Cell, error) {
	return func(g handler0, r *request) ([]machine.Cell, error) {
		from := r.address()
		c := &call{class: new(felt.Felt), storage: g.call.storage, caller: g.call.caller, kind: kind, library: true}
		if r.err == nil {
			*c.class = g.st.classOf(from)
		}
		return g.innerCall(c, r)
	}
}

// library returns what serves calls of code by its class.
func library(kind entryType) func(handler0, *request) ([]machine.Cell, error) {
	return func(g handler0, r *request) ([]machine.Cell, error) {
		class := r.felt()
		c := &call{class: &class, storage: g.call.storage, caller: g.call.caller, kind: kind, library: true}
		return g.innerCall(c, r)
	}
}

func (g handler0) deploy(r *request) ([]machine.Cell, error) {
	class, salt, calldata, fromZero := r.felt(), r.felt(), r.counted(), r.fromZero()
	if r.err != nil {
		return nil, r.err
	}
	if g.restricted && g.rules.Switches.NoDeployInValidate {
		return nil, unauthorized("deploy")
	}
	g.usage.count(rules.Deploy, len(calldata))
	d := deployment{deployer: g.call.storage, class: class, calldata: calldata, gas: g.rules.InitialGas, steps: true}
	var origin felt.Felt
	if !fromZero {
		origin = g.call.storage
	}
	d.address = starknet.ContractAddress(origin, salt, class, calldata)
	if _, err := g.innerDeploy(&d); err != nil {
		return nil, err
	}
	return []machine.Cell{machine.FeltCell(d.address), machine.UintCell(0), machine.UintCell(0)}, nil
}

func (g handler0) emitEvent(r *request) ([]machine.Cell, error) {
	keys, data := r.counted(), r.counted()
	if r.err != nil {
		return nil, r.err
	}
	return nil, g.emit(keys, data)
}

func (g handler0) sendMessage(r *request) ([]machine.Cell, error) {
	to, payload := r.felt(), r.counted()
	if r.err != nil {
		return nil, r.err
	}
	g.usage.lengths[rules.SendMessageToL1] += uint64(len(payload))
	return nil, g.send(to, payload)
}

func (g handler0) storageRead(r *request) ([]machine.Cell, error) {
	slot := r.address()
	if r.err != nil {
		return nil, r.err
	}
	v, err := g.loadSlot(slot)
	return []machine.Cell{machine.FeltCell(v)}, err
}

func (g handler0) storageWrite(r *request) ([]machine.Cell, error) {
	slot, v := r.address(), r.felt()
	if r.err != nil {
		return nil, r.err
	}
	return nil, g.storeSlot(slot, v)
}

func (g handler0) replaceClass(r *request) ([]machine.Cell, error) {
	class := r.felt()
	if r.err != nil {
		return nil, r.err
	}
	if _, err := g.scope.contract(class); err != nil {
		return nil, err
	}
	g.st.write(starknet.ClassHashKey(g.call.storage), class)
	return nil, nil
}

func (g handler0) sequencer(*request) ([]machine.Cell, error) {
	if g.restricted {
		return nil, unauthorized("get_sequencer_address")
	}
	return one(g.env.Header.Sequencer)
}

// txSignature answers with the signature, which is put into memory once.
func (g handler0) txSignature(*request) ([]machine.Cell, error) {
	at, err := g.signatureSegment()
	return []machine.Cell{machine.UintCell(uint64(len(g.scope.info.signature))), at.Cell()}, err
}

func (g handler0) signatureSegment() (machine.Address, error) {
	if g.made.signature == nil {
		at, err := g.give(feltCells(g.scope.info.signature))
		if err != nil {
			return at, err
		}
		g.made.signature = &at
	}
	return *g.made.signature, nil
}

// txInfo answers with the address of what the contract is told of the transaction.
func (g handler0) txInfo(*request) ([]machine.Cell, error) {
	version, changed := g.scope.info.shownVersion(g.rules, g.rules.Accounts.Version1Cairo0, g.class)
	if g.made.info != nil && !changed {
		return []machine.Cell{g.made.info.Cell()}, nil
	}
	signature, err := g.signatureSegment()
	if err != nil {
		return nil, err
	}
	i := g.scope.info
	at, err := g.give([]machine.Cell{
		machine.FeltCell(version), machine.FeltCell(i.sender), machine.FeltCell(i.maxFee.Felt()),
		machine.UintCell(uint64(len(i.signature))), signature.Cell(),
		machine.FeltCell(i.hash), machine.FeltCell(felt.Felt(g.env.Chain)), machine.FeltCell(i.nonce),
	})
	if err == nil && !changed {
		g.made.info = &at
	}
	return []machine.Cell{at.Cell()}, err
}
