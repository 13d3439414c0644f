package execution

import (
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// arenaSteps is what an instance of the segment arena counts for, in steps.
const arenaSteps = 10

// Gas on L1 for a word that is published there, and for messages.
//
// Source: crates/blockifier/src/fee/eth_gas_constants.rs and gas_usage.rs.
const (
	wordGas          = 551 // calldata of 32 bytes with a share of its hash
	contractDiscount = 312
	balanceDiscount  = 240
	blobGas          = 32
	legacyWordGas    = 612
	segmentGas       = 512
	messageGas       = 20_000
	consumeGas       = 5_000
	logGas           = 375
	logByteGas       = 256
)

// overhead returns what the operating system takes for the transaction, publishing left out.
func (a *attempt) overhead() rules.Cost {
	switch t := a.in.Transaction.(type) {
	case *starknet.Invoke:
		return a.rules.Invoke.Of(uint64(len(t.Calldata) + len(t.ProofFacts)))
	case *starknet.DeployAccount:
		return a.rules.DeployAccount.Of(uint64(len(t.ConstructorCalldata)))
	case *starknet.L1Handler:
		return a.rules.L1Handler.Of(uint64(len(t.Calldata) - 1))
	default:
		return a.rules.Declare.Of(0)
	}
}

// diffCount counts what a transaction changes, as it is paid for.
type diffCount struct {
	contracts, classes, storage, compiled, allocated uint64
}

// felts returns how many felts are published.
func (d *diffCount) felts() uint64 { return 2*d.contracts + d.classes + 2*d.storage + 2*d.compiled }

// countDiff counts what has changed. after, unless it is nil, has the values after validation, from which the changes of
// execution count on their own.
//
// Source: crates/blockifier/src/state/cached_state.rs, count_for_fee_charge.
func (a *attempt) countDiff(after []uint256) (d diffCount) {
	contracts := map[uint256]bool{}
	balance, _ := a.balanceKeys(a.info.sender)
	paid := a.info.l1
	for i := range a.st.cells {
		c := &a.st.cells[i]
		changed := c.value != c.initial
		if after != nil && i < len(after) {
			changed = after[i] != c.initial || c.value != after[i]
		}
		if !changed {
			continue
		}
		switch c.key.Space {
		case starknet.SpaceStorage:
			d.storage++
			if c.initial == (uint256{}) && c.value != (uint256{}) {
				d.allocated++
			}
			paid = paid || c.key == balance
			contracts[c.key.Owner] = true
		case starknet.SpaceNonce:
			contracts[c.key.Owner] = true
		case starknet.SpaceClassHash:
			d.classes++
			contracts[c.key.Owner] = true
		case starknet.SpaceCompiledClass:
			d.compiled++
		}
	}
	delete(contracts, uint256(a.token))
	d.contracts = uint64(len(contracts))
	if !paid {
		d.storage++
	}
	return d
}

// count computes gas and fee of r.
//
// Source: crates/blockifier/src/fee/resources.rs.
func (a *attempt) count(r *receipt) {
	d := a.countDiff(r.before)
	r.total = r.cost
	overhead := a.overhead()
	r.total.Add(&overhead)
	if a.blobs() {
		publish := a.rules.Publish(d.felts())
		r.total.Add(&publish)
	}
	if a.rules.LegacyFee {
		a.countLegacy(r, &d)
		return
	}
	r.gas, r.da = starknet.Gas{}, a.published(&d)
	a.addComputation(r)
	a.addArchival(r)
	add(&r.gas, r.da)
	add(&r.gas, a.allocation(d.allocated))
	r.gas.L1 += a.messageGas(r)
	r.fee = a.cost(r.gas)
	if t, ok := a.in.Transaction.(*starknet.Declare); ok && t.Version.Number() == 0 {
		r.fee = starknet.Uint128{}
	}
}

func add(g *starknet.Gas, h starknet.Gas) {
	g.L1 += h.L1
	g.L1Data += h.L1Data
	g.L2 += h.L2
}

// blobs reports whether the block is published in blobs.
func (a *attempt) blobs() bool { return a.env.Header.L1DA == starknet.Blob }

// published returns the gas for publishing a change of the state.
func (a *attempt) published(d *diffCount) starknet.Gas {
	n := d.felts()
	if a.blobs() {
		return starknet.Gas{L1Data: blobGas * n}
	}
	gas := wordGas * n
	return starknet.Gas{L1: gas - min(gas, contractDiscount*d.contracts+balanceDiscount)}
}

// allocation returns the gas for new storage keys.
func (a *attempt) allocation(n uint64) starknet.Gas {
	g := a.rules.AllocationCalldata
	if a.blobs() {
		g = a.rules.AllocationBlob
	}
	return starknet.Gas{L1: n * g.L1, L1Data: n * g.L1Data, L2: n * g.L2}
}

// l2PerL1 is how much L2 gas is worth a unit of L1 gas in computation.
func (a *attempt) l2PerL1() uint64 {
	w := a.rules.Weights.Step
	return (a.rules.StepGas*w.Den + w.Num - 1) / w.Num
}

// addComputation adds the gas of what ran.
func (a *attempt) addComputation(r *receipt) {
	c := rules.Fraction.Up(a.rules.Weights.Step, r.vmSteps()+r.total.Holes)
	for b, n := range r.total.Builtins {
		if n != 0 {
			c = max(c, a.rules.Weights.Builtins[starknet.Builtin(b).String()].Up(n))
		}
	}
	ratio := a.l2PerL1()
	c = max(c, (a.rules.BuiltinGas.Blake+ratio-1)/ratio*r.blakes)
	if a.all {
		r.gas.L2 += ratio*c + r.sierraGas + r.revertedGas
		return
	}
	r.gas.L1 += c + (r.sierraGas+r.revertedGas+ratio-1)/ratio
}

// addArchival adds the gas for what is kept.
func (a *attempt) addArchival(r *receipt) {
	p, into := &a.rules.ArchivalL1, &r.gas.L1
	if a.all {
		p, into = &a.rules.ArchivalL2, &r.gas.L2
	}
	*into += p.Felt.Down(a.inputFelts())
	keys, data := r.eventFelts(a.rules.Switches.RootEvents)
	*into += rules.Fraction{Num: p.Felt.Num * (p.KeyFactor.Num*keys + p.KeyFactor.Den*data), Den: p.Felt.Den * p.KeyFactor.Den}.Down(1)
	*into += p.CodeByte.Down(r.codeBytes)
	if a.all && len(a.info.proofFacts) > 0 {
		*into += p.Proof.Down(1)
	}
}

// inputFelts counts calldata, proof facts and signature; of a message from L1 the payload.
func (a *attempt) inputFelts() uint64 {
	n := len(a.info.signature) + len(a.info.proofFacts)
	switch t := a.in.Transaction.(type) {
	case *starknet.Invoke:
		n += len(t.Calldata)
	case *starknet.DeployAccount:
		n += len(t.ConstructorCalldata)
	case *starknet.L1Handler:
		n += len(t.Calldata) - 1
	}
	return uint64(n)
}

// messageSegment returns how many felts of messages are published.
func (a *attempt) messageSegment(r *receipt) (n uint64) {
	for i := range r.messages {
		n += 3 + uint64(len(r.messages[i].Payload))
	}
	if a.info.l1 {
		n += 5 + uint64(r.l1Payload)
	}
	return n
}

// messageL1Gas returns the gas for messages, their publishing left out.
func (a *attempt) messageL1Gas(r *receipt) uint64 {
	gas := a.messageSegment(r)*segmentGas + messageGas*uint64(len(r.messages))
	for i := range r.messages {
		gas += logGas + 3*logGas + (2+uint64(len(r.messages[i].Payload)))*logByteGas
	}
	if a.info.l1 {
		gas += consumeGas + logGas + 4*logGas + (3+uint64(r.l1Payload))*logByteGas
	}
	return gas
}

func (a *attempt) messageGas(r *receipt) uint64 {
	return a.messageL1Gas(r) + a.messageSegment(r)*legacyWordGas
}

// countLegacy computes gas and fee as versions before 0.13 did: one rounding at the end.
func (a *attempt) countLegacy(r *receipt, d *diffCount) {
	l1 := legacyWordGas*(2*d.contracts+2*d.storage+d.classes+2*d.compiled) + a.messageGas(r)
	w := a.rules.Weights
	c := rules.Fraction{Num: w.Step.Num * (r.vmSteps() + r.total.Holes), Den: w.Step.Den}
	for b, n := range r.total.Builtins {
		if v, ok := w.Builtins[starknet.Builtin(b).String()]; ok && n != 0 {
			if v.Num *= n; c.Num*v.Den < v.Num*c.Den {
				c = v
			}
		}
	}
	r.gas = starknet.Gas{L1: l1 + c.Up(1)}
	r.fee = a.cost(r.gas)
	if r.reverted && r.fee.Cmp(a.info.maxFee) > 0 {
		r.fee = a.info.maxFee
	}
	if a.info.maxFee.IsZero() {
		r.fee = starknet.Uint128{}
	}
}

// price returns the price of a resource in the token of the transaction.
func (a *attempt) price(p starknet.GasPrice) starknet.Uint128 {
	if a.info.v3 != nil {
		return p.Fri
	}
	return p.Wei
}

// cost returns what gas costs.
func (a *attempt) cost(g starknet.Gas) starknet.Uint128 {
	h := &a.env.Header
	l2 := a.price(h.L2Gas)
	if a.rules.Switches.Tip {
		l2 = plus(l2, starknet.Uint128{Lo: a.info.tip()})
	}
	fee := times(a.price(h.L1Gas), g.L1)
	fee = plus(fee, times(a.price(h.L1DataGas), g.L1Data))
	return plus(fee, times(l2, g.L2))
}

// discounted returns gas as L1 gas alone.
func (a *attempt) discounted(g starknet.Gas) uint64 {
	l1 := a.price(a.env.Header.L1Gas)
	data := times(a.price(a.env.Header.L1DataGas), g.L1Data)
	ratio := a.l2PerL1()
	return g.L1 + overUp(data, l1) + (g.L2+ratio-1)/ratio
}

// minimal returns the least gas that a transaction of the kind takes.
//
// Source: crates/blockifier/src/fee/gas_usage.rs, estimate_minimal_gas_vector.
func (a *attempt) minimal() starknet.Gas {
	d := diffCount{contracts: 1, storage: 1}
	if _, ok := a.in.Transaction.(*starknet.DeployAccount); ok {
		d.classes = 1
	}
	steps := a.overhead().Steps + a.rules.Publish(d.felts()).Steps
	g := a.published(&d)
	c := a.rules.Weights.Step.Up(steps)
	if a.all {
		g.L2 += a.l2PerL1() * c
	} else {
		g.L1 += c
	}
	return g
}
