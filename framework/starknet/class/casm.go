package class

import (
	"encoding/json"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/batch"
)

// Casm is the code that a Sierra class compiles to.
type Casm struct {
	Bytecode []felt.Felt
	// Segments divide the bytecode, all of it, into the parts that a proof may load without the others. Nil is
	// one part, as older compilers have it.
	Segments        *Segment
	Hints           []Hints
	EntryPoints     EntryPoints[CasmEntryPoint]
	CompilerVersion string
}

// Segment is a part of the bytecode: Length felts, or where there are children, those one after the other.
type Segment struct {
	Length   uint64 // of the whole part
	Children []Segment
}

// Hints are what is to be done before the instruction at PC.
type Hints struct {
	PC uint64
	// Code is a list of hints as JSON without white space; nobody changes it.
	Code json.RawMessage
}

var casmTag = felt.MustShortString("COMPILED_CLASS_V1")

// HashV1 returns the compiled class hash by Poseidon, which declarations before 0.14.1 contain:
//
//	X(S("COMPILED_CLASS_V1"), E(external), E(l1_handler), E(constructor), B)
//	E = X(selector, offset, X(builtin names as S()), ..)
//	B = X(bytecode), and for a segment with children 1 + X(length, B of the child, ..)
//
// with X = PN.
//
// Source: starkware-libs/sequencer, crates/starknet_api/src/contract_class/compiled_class_hash.rs.
func (c *Casm) HashV1() felt.Felt { return c.hash(batch.Sponges) }

// HashV2 is HashV1 with X = Blake2s: declarations from 0.14.1 on contain it, under the same tag.
//
// Source: as for HashV1, and SNIP-34.
func (c *Casm) HashV2() felt.Felt { return c.hash(blakes) }

// hasher returns the hash of each list.
type hasher func(lists [][]felt.Felt) []felt.Felt

func blakes(lists [][]felt.Felt) []felt.Felt {
	out := make([]felt.Felt, len(lists))
	for i, l := range lists {
		out[i] = crypto.Blake2s(l...)
	}
	return out
}

func (x hasher) one(list ...felt.Felt) felt.Felt { return x([][]felt.Felt{list})[0] }

func (c *Casm) hash(x hasher) felt.Felt {
	// What does not depend on other hashes goes first, in one batch: builtins, then pieces of bytecode.
	var lists [][]felt.Felt
	for _, list := range c.EntryPoints.lists() {
		for _, e := range *list {
			lists = append(lists, shortStrings(e.Builtins))
		}
	}
	segments := c.Segments
	if segments == nil {
		segments = &Segment{Length: uint64(len(c.Bytecode))}
	}
	lists, _ = segments.pieces(lists, c.Bytecode)
	done := x(lists)

	parts := []felt.Felt{casmTag}
	for _, list := range c.EntryPoints.lists() {
		var flat []felt.Felt
		for _, e := range *list {
			flat = append(flat, e.Selector, felt.FromUint64(e.Offset), done[0])
			done = done[1:]
		}
		parts = append(parts, x.one(flat...))
	}
	code, _ := segments.combine(x, done)
	return x.one(append(parts, code)...)
}

// pieces appends the parts of code without children, in order, and returns the code after the segment.
func (s *Segment) pieces(lists [][]felt.Felt, code []felt.Felt) ([][]felt.Felt, []felt.Felt) {
	if len(s.Children) == 0 {
		return append(lists, code[:s.Length]), code[s.Length:]
	}
	for i := range s.Children {
		lists, code = s.Children[i].pieces(lists, code)
	}
	return lists, code
}

// combine returns the hash of the segment from those of its pieces, and the hashes of the pieces after it.
func (s *Segment) combine(x hasher, pieces []felt.Felt) (felt.Felt, []felt.Felt) {
	if len(s.Children) == 0 {
		return pieces[0], pieces[1:]
	}
	flat := make([]felt.Felt, 0, 2*len(s.Children))
	for i := range s.Children {
		var h felt.Felt
		h, pieces = s.Children[i].combine(x, pieces)
		flat = append(flat, felt.FromUint64(s.Children[i].Length), h)
	}
	h := x.one(flat...)
	return *h.Add(&h, &felt.One), pieces
}
