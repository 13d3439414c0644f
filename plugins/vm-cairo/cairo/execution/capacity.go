package execution

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// Spaces that no cell has: spaceContract marks a charge for a contract that is changed, spaceChange one for a slot that is, and
// spaceMigration one for a class that gets the Blake hash of its code.
const (
	spaceContract  uint8 = 0xff
	spaceChange    uint8 = 0xfe
	spaceMigration uint8 = 0xfd
)

// treeUpdate is what an update of a leaf of the state's tries takes.
var treeUpdate = func() (c rules.Cost) {
	c.Steps, c.Builtins[starknet.Pedersen] = 384, 24
	return c
}()

// provingPrices are what the prover takes for an instance of a builtin: the capacity of a block, 5 * 10^9, over how many
// instances fit into one.
var provingPrices = starknet.BuiltinCounts{
	starknet.Pedersen: 2_500, starknet.RangeCheck: 75, starknet.RangeCheck96: 149, starknet.Poseidon: 8_333,
	starknet.ECDSA: 1_666_666, starknet.EcOp: 38_461, starknet.Bitwise: 476, starknet.Keccak: 500_000,
	starknet.AddMod: 1_666, starknet.MulMod: 1_666,
}

// provingBlake is that price for a Blake instruction.
const provingBlake = 2_777

// proving returns what the prover takes for c.
func (a *attempt) proving(c *rules.Cost) uint64 {
	gas := c.Steps*a.rules.StepGas + c.Holes*a.rules.HoleGas
	for b, n := range c.Builtins {
		gas += n * provingPrices[b]
	}
	return gas
}

// fillUsage says what the transaction takes of the capacity of its block. The error is one of the view.
func (a *attempt) fillUsage(out *framework.Outcome, r *receipt) error {
	counters := make([]uint64, starknet.NumCounters)
	counters[starknet.CountTransactions] = 1
	if !r.empty {
		counters[starknet.CountL1Gas] = a.messageL1Gas(r)
		counters[starknet.CountMessageSegment] = a.messageSegment(r)
		counters[starknet.CountEvents] = uint64(r.paidEvents)
		arena := arenaSteps * r.total.Builtins[starknet.SegmentArena] * a.rules.StepGas
		gas := a.rules.Gas(&r.total) + arena + r.blakes*a.rules.BuiltinGas.Blake + r.sierraGas
		counters[starknet.CountSierraGas] = gas
		counters[starknet.CountProvingGas] = a.provingGas(gas, r)
		counters[starknet.CountReceiptL2Gas] = r.gas.L2
		counters[starknet.CountSteps] = r.total.Steps
	}
	out.Usage.Counters = append(out.Usage.Counters, counters...)
	a.charge1(out, r)
	return a.st.err
}

// provingGas returns gas with builtins at the prices of the prover.
func (a *attempt) provingGas(gas uint64, r *receipt) uint64 {
	blakes := r.blakes + r.gasBlakes
	builtins, proving := blakes*a.rules.BuiltinGas.Blake, blakes*provingBlake
	for b := range r.total.Builtins {
		n := r.total.Builtins[b] + r.gasBuiltins[b]
		builtins += n * a.rules.BuiltinGas.Of(starknet.Builtin(b))
		proving += n * provingPrices[b]
	}
	return proving + gas - min(gas, builtins)
}

// charge1 adds what is charged once in a block: cells changed and visited, contracts changed, classes executed.
func (a *attempt) charge1(out *framework.Outcome, r *receipt) {
	update, proving := a.rules.Gas(&treeUpdate), a.proving(&treeUpdate)
	once := func(c starknet.Counter, k framework.Key, n uint64) {
		out.Usage.Once = append(out.Usage.Once, framework.Charge{Counter: uint8(c), Key: k, Amount: n})
	}
	contracts := map[framework.Word]bool{}
	tree := func(k framework.Key) {
		once(starknet.CountSierraGas, k, update)
		once(starknet.CountProvingGas, k, proving)
	}
	for i := range a.st.cells {
		c := &a.st.cells[i]
		changed := c.value != c.initial
		if c.key.Space == starknet.SpaceStorage && c.touched&r.phases != 0 {
			tree(c.key)
		}
		if !changed {
			continue
		}
		switch c.key.Space {
		case starknet.SpaceStorage:
			once(starknet.CountStateDiff, c.key, 2)
			k := c.key
			k.Space = spaceChange
			tree(k)
		case starknet.SpaceCompiledClass:
			once(starknet.CountStateDiff, c.key, 2)
		case starknet.SpaceClassHash:
			once(starknet.CountStateDiff, c.key, 1)
		}
		if c.key.Space <= starknet.SpaceClassHash && !contracts[c.key.Owner] {
			contracts[c.key.Owner] = true
			k := framework.Key{Space: spaceContract, Owner: c.key.Owner}
			once(starknet.CountStateDiff, k, 2)
		}
	}
	a.chargeClasses(r, once)
}

// chargeClasses charges for the classes that were executed: for the hash of their code, and for its migration.
func (a *attempt) chargeClasses(r *receipt, once func(starknet.Counter, framework.Key, uint64)) {
	hash := func(k framework.Key, h *hashCost) {
		once(starknet.CountSierraGas, k, a.rules.Gas(&h.Cost)+h.blakes*a.rules.BuiltinGas.Blake)
		once(starknet.CountProvingGas, k, a.proving(&h.Cost)+h.blakes*provingBlake)
	}
	for _, c := range slices.SortedFunc(slices.Values(r.executed), func(x, y executedClass) int { return x.hash.Cmp(&y.hash) }) {
		class, k := c.hash, c.contract
		hash(starknet.DeclaredKey(class), &k.hash)
		once(starknet.CountClasses, starknet.DeclaredKey(class), 1)
		if a.migrates(class, k) {
			key := framework.Key{Space: spaceMigration, Owner: framework.Word(class)}
			hash(key, &k.rehash)
			once(starknet.CountStateDiff, key, 2)
		}
	}
}

// migrates reports whether a class that the transaction executes gets the Blake hash of its code at the end of the block.
func (a *attempt) migrates(class felt.Felt, k *contract) bool {
	if !a.rules.Switches.Migration || k.cairo0 || a.mode.Kind() != framework.Execute {
		return false
	}
	old := a.st.read(starknet.CompiledClassKey(class))
	return !old.IsZero() && old != k.blake()
}

// fit rejects a transaction that would not fit into an empty block.
func (a *attempt) fit(r *receipt) error {
	if len(a.capacity) == 0 {
		return nil
	}
	var o framework.Outcome
	if err := a.fillUsage(&o, r); err != nil {
		return err
	}
	total := o.Usage.Counters
	for _, c := range o.Usage.Once {
		total[c.Counter] += c.Amount
	}
	for i, n := range total {
		if i < len(a.capacity) && a.capacity[i] != 0 && n > a.capacity[i] {
			return &rejection{"Transaction size exceeds the maximum block capacity."}
		}
	}
	return nil
}
