package execution

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// handler1 serves the system calls of a frame of Cairo 1.
type handler1 struct{ *frame }

// syscall1 is a system call of Cairo 1. Parse reads its arguments; what it returns serves the call, once that is paid for.
type syscall1 struct {
	call  rules.Syscall
	parse func(g handler1, r *request) (serve, uint64)
}

// serve serves a system call for which gas is left. It returns the results, or the data of a soft failure.
type serve func(gas *uint64) (results []machine.Cell, soft []felt.Felt, err error)

// calls1 are the system calls of Cairo 1.
//
// Source: crates/blockifier/src/execution/syscalls.
var calls1 = [...]syscall1{
	{rules.CallContract, handler1.callContract},
	{rules.LibraryCall, handler1.libraryCall},
	{rules.Deploy, handler1.deploy},
	{rules.MetaTxV0, handler1.metaTx},
	{rules.EmitEvent, handler1.emitEvent},
	{rules.SendMessageToL1, handler1.sendMessage},
	{rules.StorageRead, handler1.storageRead},
	{rules.StorageWrite, handler1.storageWrite},
	{rules.GetBlockHash, handler1.blockHash},
	{rules.GetClassHashAt, handler1.classHashAt},
	{rules.GetExecutionInfo, handler1.executionInfo},
	{rules.ReplaceClass, handler1.replaceClass},
	{rules.Keccak, handler1.keccak},
	{rules.Sha256ProcessBlock, handler1.sha256},
	{rules.Sha512ProcessBlock, handler1.sha512},
	{rules.Secp256k1New, secpNew(k1)},
	{rules.Secp256k1GetPointFromX, secpFromX(k1)},
	{rules.Secp256k1Add, secpAdd(k1)},
	{rules.Secp256k1Mul, secpMul(k1)},
	{rules.Secp256k1GetXy, secpXY(k1)},
	{rules.Secp256r1New, secpNew(r1)},
	{rules.Secp256r1GetPointFromX, secpFromX(r1)},
	{rules.Secp256r1Add, secpAdd(r1)},
	{rules.Secp256r1Mul, secpMul(r1)},
	{rules.Secp256r1GetXy, secpXY(r1)},
}

// syscalls1 are the system calls by what their requests begin with.
var syscalls1 = func() map[felt.Felt]*syscall1 {
	m := make(map[felt.Felt]*syscall1)
	for i := range calls1 {
		m[felt.MustShortString(calls1[i].call.String())] = &calls1[i]
	}
	return m
}()

// Syscall implements [hint.Syscalls].
func (g handler1) Syscall(_ hint.VM, at machine.Cell) error {
	ptr, ok := at.Address()
	if !ok || ptr != g.next {
		return fail("Bad syscall_ptr; expected: %v, got: %v.", g.next, at)
	}
	r := &request{m: &g.m, at: ptr}
	selector := r.felt()
	s := syscalls1[selector]
	if r.err != nil || s == nil {
		return fail("Invalid syscall selector: %s.", selector.Hex())
	}
	gas := r.uint64()
	serve, length := s.parse(g, r)
	if r.err != nil {
		return r.err
	}
	g.next = r.at
	if s.call != rules.Keccak {
		g.usage.count(s.call, int(length)) //nolint:gosec // the length of an array in memory
	}
	price := g.rules.SyscallPrice(s.call, length)
	if price == 0 {
		return fail("The system call %v is not known to the protocol of this block.", s.call)
	}
	required := price - min(price, g.rules.SyscallBaseGas)
	if gas < required {
		return g.respond(gas, nil, []felt.Felt{textOutOfGas})
	}
	gas -= required
	if !g.steps {
		g.see(gas)
	}
	results, soft, err := serve(&gas)
	if err == nil {
		err = g.st.err
	}
	if err != nil {
		return err
	}
	return g.respond(gas, results, soft)
}

// respond writes the response of a system call: its results, or the data of a soft failure.
func (g handler1) respond(gas uint64, results []machine.Cell, soft []felt.Felt) error {
	out := append([]machine.Cell{machine.UintCell(gas), machine.UintCell(0)}, results...)
	if soft != nil {
		at := g.m.AddSegment(machine.NoRule)
		for i := range soft {
			if err := g.m.Write(at.Plus(uint64(i)), machine.FeltCell(soft[i])); err != nil {
				return err
			}
		}
		out = []machine.Cell{
			machine.UintCell(gas), machine.UintCell(1), at.Cell(), at.Plus(uint64(len(soft))).Cell(),
		}
	}
	for _, c := range out {
		if err := g.m.Write(g.next, c); err != nil {
			return err
		}
		g.next = g.next.Plus(1)
	}
	return nil
}

// one returns the only result of a system call.
func single(x felt.Felt) ([]machine.Cell, []felt.Felt, error) {
	return []machine.Cell{machine.FeltCell(x)}, nil, nil
}

// softly returns a soft failure.
func softly(text felt.Felt) ([]machine.Cell, []felt.Felt, error) { return nil, []felt.Felt{text}, nil }

// limits gives data to the contract and returns where it begins and ends.
func (g handler1) limits(data []felt.Felt) ([]machine.Cell, error) {
	at, err := g.give(feltCells(data))
	return []machine.Cell{at.Cell(), at.Plus(uint64(len(data))).Cell()}, err
}

// runCall runs an inner call with all gas that is left.
func (g handler1) runCall(c *call, gas *uint64) ([]machine.Cell, []felt.Felt, error) {
	c.gas = *gas
	r, err := g.inner(c)
	if err != nil {
		return nil, nil, err
	}
	*gas -= min(r.gas, *gas)
	if r.failed {
		return nil, r.retdata, nil
	}
	out, err := g.limits(r.retdata)
	return out, nil, err
}

func (g handler1) callContract(r *request) (serve, uint64) {
	to, selector, calldata := r.address(), r.felt(), r.array()
	return func(gas *uint64) ([]machine.Cell, []felt.Felt, error) {
		if selector == selectorExecute && g.rules.Switches.NoDirectExecute {
			return softly(textInvalidArgument)
		}
		if g.restricted && to != g.call.storage {
			return nil, nil, unauthorized("call_contract")
		}
		return g.runCall(&call{
			storage: to, caller: g.call.storage, kind: external, selector: selector, calldata: calldata,
		}, gas)
	}, 0
}

func (g handler1) libraryCall(r *request) (serve, uint64) {
	class, selector, calldata := r.felt(), r.felt(), r.array()
	return func(gas *uint64) ([]machine.Cell, []felt.Felt, error) {
		return g.runCall(&call{
			class: &class, storage: g.call.storage, caller: g.call.caller, kind: external, selector: selector,
			calldata: calldata, library: true,
		}, gas)
	}, 0
}

func (g handler1) deploy(r *request) (serve, uint64) {
	class, salt, calldata := r.felt(), r.felt(), r.array()
	fromZero := r.fromZero()
	return func(gas *uint64) ([]machine.Cell, []felt.Felt, error) {
		if g.restricted && g.rules.Switches.NoDeployInValidate {
			return nil, nil, unauthorized("deploy")
		}
		var origin felt.Felt
		if !fromZero {
			origin = g.call.storage
		}
		d := &deployment{
			address: starknet.ContractAddress(origin, salt, class, calldata), deployer: g.call.storage, class: class,
			calldata: calldata, gas: *gas,
		}
		res, err := g.innerDeploy(d)
		if err != nil {
			return nil, nil, err
		}
		*gas -= min(res.gas, *gas)
		out, err := g.limits(res.retdata)
		return append([]machine.Cell{machine.FeltCell(d.address)}, out...), nil, err
	}, uint64(len(calldata))
}

// metaTx runs a call as if it were a transaction of version 0.
func (g handler1) metaTx(r *request) (serve, uint64) {
	to, selector, calldata, signature := r.address(), r.felt(), r.array(), r.array()
	return func(gas *uint64) ([]machine.Cell, []felt.Felt, error) {
		if g.restricted {
			return nil, nil, unauthorized("meta_tx_v0")
		}
		if selector != selectorExecute {
			return softly(textInvalidArgument)
		}
		tx := &starknet.Invoke{Sender: to, Selector: selector, Calldata: calldata, Signature: signature}
		tx.Version = g.scope.info.version & starknet.Query
		outer := g.scope.info
		info := newTxInfo(tx, tx.Hash(g.env.Chain), g.mode)
		g.scope.info = &info
		defer func() { g.scope.info = outer }()
		return g.runCall(&call{storage: to, kind: external, selector: selector, calldata: calldata}, gas)
	}, uint64(len(calldata))
}

func (g handler1) emitEvent(r *request) (serve, uint64) {
	keys, data := r.array(), r.array()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) { return nil, nil, g.emit(keys, data) }, 0
}

func (g handler1) sendMessage(r *request) (serve, uint64) {
	to, payload := r.felt(), r.array()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) { return nil, nil, g.send(to, payload) }, uint64(len(payload))
}

func (g handler1) storageRead(r *request) (serve, uint64) {
	r.domain()
	slot := r.address()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
		v, err := g.loadSlot(slot)
		if err != nil {
			return nil, nil, err
		}
		return single(v)
	}, 0
}

func (g handler1) storageWrite(r *request) (serve, uint64) {
	r.domain()
	slot, v := r.address(), r.felt()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) { return nil, nil, g.storeSlot(slot, v) }, 0
}

// hashBuffer is how many of the last blocks have hashes that contracts cannot ask for.
const hashBuffer = 10

// blockHashes is the contract whose storage has the hashes of blocks.
var blockHashes = felt.FromUint64(1)

func (g handler1) blockHash(r *request) (serve, uint64) {
	n := r.uint64()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
		recent := g.number < hashBuffer || n > g.number-hashBuffer
		if g.restricted && (recent || g.rules.LegacyFee) {
			return nil, nil, unauthorized("get_block_hash on recent blocks")
		}
		if recent {
			return softly(textBlockNumber)
		}
		return single(g.st.storage(blockHashes, felt.FromUint64(n)))
	}, 0
}

func (g handler1) classHashAt(r *request) (serve, uint64) {
	at := r.address()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
		if g.restricted {
			return nil, nil, unauthorized("get_class_hash_at")
		}
		return single(g.st.classOf(at))
	}, 0
}

func (g handler1) replaceClass(r *request) (serve, uint64) {
	class := r.felt()
	return func(*uint64) ([]machine.Cell, []felt.Felt, error) {
		k, err := g.scope.contract(class)
		if err != nil {
			return nil, nil, err
		}
		if k.cairo0 {
			return nil, nil, fail("Cannot replace V1 class hash with V0 class hash: %s.", class.Decimal())
		}
		g.st.write(starknet.ClassHashKey(g.call.storage), class)
		return nil, nil, nil
	}, 0
}
