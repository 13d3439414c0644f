package execution

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// hashCost is what the operating system takes to hash the code of a class, which it does once in each block that runs it. The
// numbers are estimates that the public networks have agreed on: they decide when a block is full.
//
// Source: crates/blockifier/src/execution/casm_hash_estimation.rs and contract_class.rs.
type hashCost struct {
	rules.Cost

	blakes uint64
}

// pedersenSteps is what a Pedersen hash takes in a chain of them.
const pedersenSteps = 8

// hashCost0 returns the cost for a class of Cairo 0, which is hashed with Pedersen.
func hashCost0(c *class.Cairo0) (h hashCost) {
	e := &c.EntryPoints
	n := uint64(2*(len(e.External)+len(e.L1Handler)+len(e.Constructor)) + len(c.Builtins) + len(c.Data) + 1)
	h.Steps = pedersenSteps * n
	h.Builtins[starknet.Pedersen] = n
	return h
}

// Steps of the parts of the program that hashes a class of Cairo 1.
const (
	hashClassSteps      = 54
	hashEntriesSteps    = 21
	hashNestedSteps     = 3
	hashNodeSteps       = 4
	hashSegmentedSteps  = 15
	blakeEmptySteps     = 167
	blakeLargeSteps     = 50
	blakeSmallSteps     = 18
	blakeFullSteps      = 216
	blakePartialSteps   = 192
	blakeDiscount       = 26
	blakeRangeChecks    = 3
	blakeMessage        = 16 // words of 32 bits
	blakeLarge          = 8  // words of a large felt
	blakeSmall          = 2  // and of a small one
	blakeSmallBits      = 63
	entryPointLarge     = 2
	entryPointSmall     = 1
	classHashComponents = 5
)

// codeHash is one of the two hashes of code: the steps that it takes besides hashing for an entry point and for a segment, and
// what it takes to hash felts, large and small ones.
type codeHash struct {
	entrySteps, segmentSteps uint64
	felts                    func(h *hashCost, large, small uint64)
}

var (
	blakeCode    = codeHash{31, 30, (*hashCost).blake}
	poseidonCode = codeHash{27, 18, (*hashCost).poseidon}
)

// hashCost1 returns the cost for a class of Cairo 1, which is hashed with Blake2s.
func hashCost1(c *class.Casm) hashCost { return blakeCode.cost(c) }

// rehashCost returns the cost for a class whose hash in the state is to become the one with Blake2s: both are computed.
func rehashCost(c *class.Casm) hashCost {
	h, old := blakeCode.cost(c), poseidonCode.cost(c)
	h.Add(&old.Cost)
	return h
}

// cost returns what it takes to hash a class.
func (f *codeHash) cost(c *class.Casm) (h hashCost) {
	h.Steps = hashClassSteps
	for _, list := range [][]class.CasmEntryPoint{c.EntryPoints.L1Handler, c.EntryPoints.External, c.EntryPoints.Constructor} {
		h.Steps += hashEntriesSteps
		for i := range list {
			h.Steps += f.entrySteps + hashNestedSteps
			f.felts(&h, uint64(len(list[i].Builtins)), 0)
		}
		n := uint64(len(list))
		f.felts(&h, entryPointLarge*n, entryPointSmall*n)
	}
	h.Steps += hashNodeSteps
	if c.Segments == nil || len(c.Segments.Children) == 0 {
		f.code(&h, c.Bytecode)
	} else {
		h.Steps += hashSegmentedSteps
		rest := c.Bytecode
		for i := range c.Segments.Children {
			n := c.Segments.Children[i].Length
			h.Steps += f.segmentSteps
			f.code(&h, rest[:n])
			rest = rest[n:]
		}
		n := uint64(len(c.Segments.Children))
		f.felts(&h, n, n)
	}
	f.felts(&h, classHashComponents, 0)
	return h
}

// code adds the hash of a part of the code.
func (f *codeHash) code(h *hashCost, xs []felt.Felt) {
	small := uint64(0)
	for i := range xs {
		if xs[i].BitLen() <= blakeSmallBits {
			small++
		}
	}
	f.felts(h, uint64(len(xs))-small, small)
}

// poseidon adds the hash of so many felts with Poseidon.
func (h *hashCost) poseidon(large, small uint64) {
	c := rules.HashMany(large + small)
	h.Add(&c)
}

// blake adds the hash of so many felts with Blake2s.
func (h *hashCost) blake(large, small uint64) {
	words := blakeLarge*large + blakeSmall*small
	if words == 0 {
		h.Steps += blakeEmptySteps
		return
	}
	base := uint64(blakePartialSteps)
	if words%blakeMessage == 0 {
		base = blakeFullSteps
	}
	steps := large*blakeLargeSteps + small*blakeSmallSteps + base
	h.Steps += steps - min(steps, words/blakeMessage*blakeDiscount)
	h.Builtins[starknet.RangeCheck] += large + small + blakeRangeChecks
	h.blakes += (words + blakeMessage - 1) / blakeMessage
}
