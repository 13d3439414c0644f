package class

import (
	"encoding/json"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Cairo0 is a class of the first generation: a compiled Cairo program with what hints and debuggers need.
//
// The fields of type json.RawMessage are JSON as Python writes it, with the keys sorted, as the parsers leave them;
// nobody changes them, and none is empty.
type Cairo0 struct {
	EntryPoints EntryPoints[EntryPoint]
	Builtins    []string    // that the program uses, without suffix
	Data        []felt.Felt // the bytecode
	MainScope   string
	// CompilerVersion is "" before 0.10, which did not say it.
	CompilerVersion string
	// ABI is null if there is none.
	ABI json.RawMessage
	// Hints is an object from program counters, sorted as numbers, to lists of hints.
	Hints            json.RawMessage
	Identifiers      json.RawMessage
	ReferenceManager json.RawMessage
	// Attributes is a list. It came with 0.8.
	Attributes json.RawMessage
}

// Hash returns the class hash:
//
//	HC(0, HC(external: selector, offset, ..), HC(l1_handler ..), HC(constructor ..), HC(builtin names as S()),
//	   hinted, HC(bytecode))
//
// where hinted covers names and hints, see [Cairo0.HintedText].
//
// Source: cairo-lang, starkware/starknet/core/os/contract_class/deprecated_class_hash.py.
func (c *Cairo0) Hash() felt.Felt {
	parts := []felt.Felt{{}}
	for _, list := range c.EntryPoints.lists() {
		var flat []felt.Felt
		for _, e := range *list {
			flat = append(flat, e.Selector, felt.FromUint64(e.Offset))
		}
		parts = append(parts, crypto.PedersenChain(flat...))
	}
	parts = append(parts,
		crypto.PedersenChain(shortStrings(c.Builtins)...),
		crypto.Keccak(c.HintedText()),
		crypto.PedersenChain(c.Data...),
	)
	return crypto.PedersenChain(parts...)
}

// shortStrings returns the names of builtins as felts; parsing has made sure that they fit.
func shortStrings(names []string) []felt.Felt {
	out := make([]felt.Felt, len(names))
	for i, n := range names {
		out[i].SetBytesReduce([]byte(n))
	}
	return out
}

// HintedText returns the text whose Keccak hash stands for names and hints in the class hash: {"abi": ..,
// "program": ..} as Python writes it with sorted keys, except that
//
//   - debug_info is null;
//   - attributes are left out if there are none, and in each of them accessible_scopes if empty and
//     flow_tracking_data if null: they came with 0.8, and older classes keep their hashes;
//   - compiler_version is left out if it is not known, and types in identifiers and references are written with
//     a space before the colon then, as compilers did before 0.10.
//
// Source: as for Hash, compute_hinted_class_hash.
func (c *Cairo0) HintedText() []byte {
	return c.appendText(nil, true)
}

// ProgramText returns the program as JSON, in the form of compilers, without debug information.
func (c *Cairo0) ProgramText() []byte { return c.appendProgram(nil, false) }

// EntryPointsText returns the entry points as JSON: lists by type, with the offsets in hexadecimal.
func (c *Cairo0) EntryPointsText() []byte { return c.appendEntryPoints(nil) }

// Text returns the class as JSON, in the form of compilers, without debug information. Parsing it gives c.
func (c *Cairo0) Text() []byte { return c.appendText(nil, false) }

func (c *Cairo0) appendText(dst []byte, hinted bool) []byte {
	dst = append(dst, `{"abi": `...)
	dst = append(dst, c.ABI...)
	if !hinted {
		dst = c.appendEntryPoints(append(dst, `, "entry_points_by_type": `...))
	}
	dst = c.appendProgram(append(dst, `, "program": `...), hinted)
	return append(dst, '}')
}

func (c *Cairo0) appendEntryPoints(dst []byte) []byte {
	dst = append(dst, '{')
	for i, list := range c.EntryPoints.lists() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(append(dst, '"'), entryPointKeys[i]...), `": [`...)
		for j, e := range *list {
			if j > 0 {
				dst = append(dst, ", "...)
			}
			offset := felt.FromUint64(e.Offset)
			dst = append(offset.AppendHex(append(dst, `{"offset": "`...)), `", "selector": "`...)
			dst = append(e.Selector.AppendHex(dst), `"}`...)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func (c *Cairo0) appendProgram(dst []byte, hinted bool) []byte {
	dst = append(dst, '{')
	switch {
	case !hinted:
		dst = append(append(append(dst, `"attributes": `...), c.Attributes...), ", "...)
	case string(c.Attributes) != "[]":
		dst = append(append(dst, `"attributes": `...), trimAttributes(c.Attributes)...)
		dst = append(dst, ", "...)
	}
	dst = append(dst, `"builtins": [`...)
	for i, b := range c.Builtins {
		dst = appendItem(dst, i, []byte(b))
	}
	dst = append(dst, "], "...)
	if c.CompilerVersion != "" {
		dst = append(appendText(append(dst, `"compiler_version": `...), c.CompilerVersion), ", "...)
	}
	dst = append(dst, `"data": [`...)
	var hex [66]byte
	for i := range c.Data {
		dst = appendItem(dst, i, c.Data[i].AppendHex(hex[:0]))
	}
	dst = append(append(dst, `], "debug_info": null, "hints": `...), c.Hints...)
	dst = append(append(dst, `, "identifiers": `...), c.typed(c.Identifiers, hinted)...)
	dst = appendText(append(dst, `, "main_scope": `...), c.MainScope)
	dst = append(dst, `, "prime": "0x800000000000011000000000000000000000000000000000000000000000001"`...)
	dst = append(append(dst, `, "reference_manager": `...), c.typed(c.ReferenceManager, hinted)...)
	return append(dst, '}')
}

// typed returns text, with the types in it written the old way where the hash needs that.
func (c *Cairo0) typed(text json.RawMessage, hinted bool) []byte {
	if !hinted || c.CompilerVersion != "" {
		return text
	}
	return style{sorted: true, spaced: true}.again(text)
}

// appendItem appends a string of plain characters as item i of an array.
func appendItem(dst []byte, i int, item []byte) []byte {
	if i > 0 {
		dst = append(dst, ", "...)
	}
	return append(append(append(dst, '"'), item...), '"')
}
