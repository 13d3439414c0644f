// Package builtin has the names and measures of Cairo's builtins, and the layouts: which builtins
// a proof may use, and how many of each per step.
//
// The source is the Rust implementation, release 3.2.0 (https://github.com/starkware-libs/cairo-vm),
// vm/src/types/instance_definitions and layout.rs.
package builtin

import (
	"iter"
	"slices"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Name is the name of a builtin as programs write it.
type Name string

// The builtins.
const (
	Output       Name = "output"
	Pedersen     Name = "pedersen"
	RangeCheck   Name = "range_check"
	Ecdsa        Name = "ecdsa"
	Bitwise      Name = "bitwise"
	EcOp         Name = "ec_op"
	Keccak       Name = "keccak"
	Poseidon     Name = "poseidon"
	RangeCheck96 Name = "range_check96"
	AddMod       Name = "add_mod"
	MulMod       Name = "mul_mod"
	SegmentArena Name = "segment_arena"
)

// order is the order of builtins in programs. The segment arena belongs to entry points of
// Cairo 1 classes only and stands nowhere in it.
var order = []Name{
	Output, Pedersen, RangeCheck, Ecdsa, Bitwise, EcOp, Keccak, Poseidon, RangeCheck96, AddMod, MulMod,
}

// measure is the number of cells of an instance, the inputs first.
type measure struct {
	cells, inputs uint64
	rule          machine.Rule
}

var measures = map[Name]measure{
	Output:       {1, 0, machine.NoRule},
	Pedersen:     {3, 2, machine.PedersenRule},
	RangeCheck:   {1, 1, machine.RangeCheckRule},
	Ecdsa:        {2, 2, machine.EcdsaRule},
	Bitwise:      {5, 2, machine.BitwiseRule},
	EcOp:         {7, 5, machine.EcOpRule},
	Keccak:       {16, 8, machine.KeccakRule},
	Poseidon:     {6, 3, machine.PoseidonRule},
	RangeCheck96: {1, 1, machine.RangeCheck96Rule},
	AddMod:       {7, 7, machine.NoRule},
	MulMod:       {7, 7, machine.NoRule},
	SegmentArena: {3, 3, machine.NoRule},
}

// All returns the builtins that a layout may have, in the order that programs keep.
func All() iter.Seq[Name] { return slices.Values(order) }

// Known reports whether n is the name of a builtin.
func (n Name) Known() bool {
	_, ok := measures[n]
	return ok
}

// Cells returns the number of cells of an instance of n.
func (n Name) Cells() uint64 { return measures[n].cells }

// Inputs returns how many of the cells of an instance are inputs: the first ones.
func (n Name) Inputs() uint64 { return measures[n].inputs }

// Rule returns the rule of the cells of n.
func (n Name) Rule() machine.Rule { return measures[n].rule }

// String returns the name as files and error texts write it, with a suffix.
func (n Name) String() string { return string(n) + "_builtin" }

// Ordered reports whether names is a subsequence of the order that programs keep.
func Ordered(names []Name) bool {
	rest := order
	for _, n := range names {
		i := slices.Index(rest, n)
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}
