package execution

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// syscall0 is a system call of Cairo 0: what it is called in hints, how many cells its request has besides the selector,
// and what answers it: the cells of the response.
type syscall0 struct {
	call    rules.Syscall
	request uint64
	serve   func(g handler0, request []machine.Cell) ([]machine.Cell, error)
}

// handler0 serves the system calls of a frame of Cairo 0.
type handler0 struct{ *frame }

// calls0 are the system calls of Cairo 0.
//
// Source: crates/blockifier/src/execution/deprecated_syscalls.
var calls0 = [...]syscall0{
	{rules.CallContract, 4, handler0.callContract},
	{rules.DelegateCall, 4, delegate(external)},
	{rules.DelegateL1Handler, 4, delegate(l1Handler)},
	{rules.LibraryCall, 4, library(external)},
	{rules.LibraryCallL1Handler, 4, library(l1Handler)},
	{rules.Deploy, 5, handler0.deploy},
	{rules.EmitEvent, 4, handler0.emitEvent},
	{rules.SendMessageToL1, 3, handler0.sendMessage},
	{rules.StorageRead, 1, handler0.storageRead},
	{rules.StorageWrite, 2, handler0.storageWrite},
	{rules.ReplaceClass, 1, handler0.replaceClass},
	{rules.GetCallerAddress, 0, func(g handler0, _ []machine.Cell) ([]machine.Cell, error) {
		return one(g.call.caller)
	}},
	{rules.GetContractAddress, 0, func(g handler0, _ []machine.Cell) ([]machine.Cell, error) {
		return one(g.call.storage)
	}},
	{rules.GetSequencerAddress, 0, handler0.sequencer},
	{rules.GetBlockNumber, 0, func(g handler0, _ []machine.Cell) ([]machine.Cell, error) {
		return one(felt.FromUint64(g.shownNumber()))
	}},
	{rules.GetBlockTimestamp, 0, func(g handler0, _ []machine.Cell) ([]machine.Cell, error) {
		return one(felt.FromUint64(g.shownTime()))
	}},
	{rules.GetTxInfo, 0, handler0.txInfo},
	{rules.GetTxSignature, 0, handler0.txSignature},
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
	request := make([]machine.Cell, s.request)
	for i := range request {
		at := ptr.Plus(uint64(i) + 1)
		if request[i] = g.m.Read(at); !request[i].Known() {
			return fail("Unknown memory cell at address %v", at)
		}
	}
	if s.call != rules.Deploy {
		g.usage.count(s.call, 0)
	}
	response, err := s.serve(g, request)
	if err != nil {
		return err
	}
	if g.st.err != nil {
		return g.st.err
	}
	g.next = ptr.Plus(1 + s.request)
	for _, v := range response {
		if err := g.m.Write(g.next, v); err != nil {
			return err
		}
		g.next = g.next.Plus(1)
	}
	return nil
}

// felt returns the felt in a cell of a request.
func (g handler0) felt(c machine.Cell) (felt.Felt, error) {
	x, ok := c.Felt()
	if !ok {
		return x, fail("Expected an integer in the request of a system call, got %v", c)
	}
	return x, nil
}

// array returns the felts that a size and an address in a request name.
func (g handler0) array(size, at machine.Cell) ([]felt.Felt, error) {
	n, ok := size.Uint64()
	from, ok2 := at.Address()
	if !ok || !ok2 && n > 0 {
		return nil, fail("Bad array in the request of a system call: size %v, address %v", size, at)
	}
	return readFelts(&g.m, from, n)
}

// innerCall runs the call of the request [address or class, selector, size, pointer].
func (g handler0) innerCall(c *call, request []machine.Cell) ([]machine.Cell, error) {
	var err error
	if c.selector, err = g.felt(request[1]); err != nil {
		return nil, err
	}
	if c.calldata, err = g.array(request[2], request[3]); err != nil {
		return nil, err
	}
	c.gas = g.rules.InitialGas
	r, err := g.inner(c)
	if err != nil {
		return nil, err
	}
	at, err := g.give(feltCells(r.retdata))
	return []machine.Cell{machine.UintCell(uint64(len(r.retdata))), at.Cell()}, err
}

func (g handler0) callContract(request []machine.Cell) ([]machine.Cell, error) {
	to, err := g.felt(request[0])
	if err != nil {
		return nil, err
	}
	if err := checkAddress(to); err != nil {
		return nil, err
	}
	if g.restricted && to != g.call.storage {
		return nil, unauthorized("call_contract")
	}
	if selector, ok := request[1].Felt(); ok && selector == selectorExecute && g.rules.Switches.NoDirectExecute {
		return nil, fail("Calling `__execute__` directly is not allowed.")
	}
	return g.innerCall(&call{storage: to, caller: g.call.storage, kind: external}, request)
}

// delegate returns what serves calls of code by the address of a contract that has it.
func delegate(kind entryType) func(handler0, []machine.Cell) ([]machine.Cell, error) {
	return func(g handler0, request []machine.Cell) ([]machine.Cell, error) {
		from, err := g.felt(request[0])
		if err != nil {
			return nil, err
		}
		if err := checkAddress(from); err != nil {
			return nil, err
		}
		class := g.st.classOf(from)
		c := &call{class: &class, storage: g.call.storage, caller: g.call.caller, kind: kind, library: true}
		return g.innerCall(c, request)
	}
}

// library returns what serves calls of code by its class.
func library(kind entryType) func(handler0, []machine.Cell) ([]machine.Cell, error) {
	return func(g handler0, request []machine.Cell) ([]machine.Cell, error) {
		class, err := g.felt(request[0])
		if err != nil {
			return nil, err
		}
		c := &call{class: &class, storage: g.call.storage, caller: g.call.caller, kind: kind, library: true}
		return g.innerCall(c, request)
	}
}

func (g handler0) deploy(request []machine.Cell) ([]machine.Cell, error) {
	class, err := g.felt(request[0])
	if err != nil {
		return nil, err
	}
	salt, err := g.felt(request[1])
	if err != nil {
		return nil, err
	}
	calldata, err := g.array(request[2], request[3])
	if err != nil {
		return nil, err
	}
	fromZero, err := flag(request[4])
	if err != nil {
		return nil, err
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

// flag returns whether a cell holds 1 and not 0.
func flag(c machine.Cell) (bool, error) {
	n, ok := c.Uint64()
	if !ok || n > 1 {
		x, _ := c.Felt()
		return false, fail("Invalid syscall input: %s; The deploy_from_zero field in the deploy system call must be 0 or 1.", x.Hex())
	}
	return n == 1, nil
}

func (g handler0) emitEvent(request []machine.Cell) ([]machine.Cell, error) {
	keys, err := g.array(request[0], request[1])
	if err != nil {
		return nil, err
	}
	data, err := g.array(request[2], request[3])
	if err != nil {
		return nil, err
	}
	return nil, g.emit(keys, data)
}

func (g handler0) sendMessage(request []machine.Cell) ([]machine.Cell, error) {
	to, err := g.felt(request[0])
	if err != nil {
		return nil, err
	}
	payload, err := g.array(request[1], request[2])
	if err != nil {
		return nil, err
	}
	g.usage.lengths[rules.SendMessageToL1] += uint64(len(payload))
	return nil, g.send(to, payload)
}

func (g handler0) storageRead(request []machine.Cell) ([]machine.Cell, error) {
	slot, err := g.felt(request[0])
	if err != nil {
		return nil, err
	}
	v, err := g.loadSlot(slot)
	return []machine.Cell{machine.FeltCell(v)}, err
}

func (g handler0) storageWrite(request []machine.Cell) ([]machine.Cell, error) {
	slot, err := g.felt(request[0])
	if err != nil {
		return nil, err
	}
	v, err := g.felt(request[1])
	if err != nil {
		return nil, err
	}
	return nil, g.storeSlot(slot, v)
}

func (g handler0) replaceClass(request []machine.Cell) ([]machine.Cell, error) {
	class, err := g.felt(request[0])
	if err != nil {
		return nil, err
	}
	if _, err := g.scope.contract(class); err != nil {
		return nil, err
	}
	g.st.write(starknet.ClassHashKey(g.call.storage), class)
	return nil, nil
}

func (g handler0) sequencer([]machine.Cell) ([]machine.Cell, error) {
	if g.restricted {
		return nil, unauthorized("get_sequencer_address")
	}
	return one(g.env.Header.Sequencer)
}

// txSignature answers with the signature, which is put into memory once.
func (g handler0) txSignature([]machine.Cell) ([]machine.Cell, error) {
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
func (g handler0) txInfo([]machine.Cell) ([]machine.Cell, error) {
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
