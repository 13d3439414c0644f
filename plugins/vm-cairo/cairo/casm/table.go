package casm

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// Table has the hints of a class, made ready. It is not changed after [Compile], and any number of runs share it.
type Table struct {
	offsets []uint64
	lists   [][]compiled
	unknown []string
}

// compiled is a hint with its operands.
type compiled struct {
	name string
	// do executes the hint; nil if it is not known, and then name is its text.
	do  func(*call)
	in  []operand
	out []cell
}

// form is a kind of hint: the names of the operands that it reads and of the cells that it writes, and what it does.
type form struct {
	in, out []string
	do      func(*call)
}

func names(list ...string) []string { return list }

func nothing(*call) {}

// forms are the hints of the core library, the deprecated ones, those of Starknet, and of the external ones those that
// only trace.
var forms = map[string]form{
	"AllocSegment":               {nil, names("dst"), allocSegment},
	"TestLessThan":               {names("lhs", "rhs"), names("dst"), testLessThan},
	"TestLessThanOrEqual":        {names("lhs", "rhs"), names("dst"), testLessThanOrEqual},
	"TestLessThanOrEqualAddress": {names("lhs", "rhs"), names("dst"), testLessThanOrEqual},
	"WideMul128":                 {names("lhs", "rhs"), names("high", "low"), wideMul},
	"DivMod":                     {names("lhs", "rhs"), names("quotient", "remainder"), divMod},
	"Uint256DivMod": {
		names("dividend0", "dividend1", "divisor0", "divisor1"),
		names("quotient0", "quotient1", "remainder0", "remainder1"), uint256DivMod,
	},
	"Uint512DivModByUint256": {
		names("dividend0", "dividend1", "dividend2", "dividend3", "divisor0", "divisor1"),
		names("quotient0", "quotient1", "quotient2", "quotient3", "remainder0", "remainder1"), uint512DivMod,
	},
	"SquareRoot": {names("value"), names("dst"), squareRoot},
	"Uint256SquareRoot": {
		names("value_low", "value_high"),
		names("sqrt0", "sqrt1", "remainder_low", "remainder_high", "sqrt_mul_2_minus_remainder_ge_u128"), uint256SquareRoot,
	},
	"LinearSplit":            {names("value", "scalar", "max_x"), names("x", "y"), linearSplit},
	"RandomEcPoint":          {nil, names("x", "y"), randomPoint},
	"FieldSqrt":              {names("val"), names("sqrt"), fieldSqrt},
	"AllocFelt252Dict":       {names("segment_arena_ptr"), nil, allocDict},
	"Felt252DictEntryInit":   {names("dict_ptr", "key"), nil, dictEntryInit},
	"Felt252DictEntryUpdate": {names("dict_ptr", "value"), nil, dictEntryUpdate},
	"GetSegmentArenaIndex":   {names("dict_end_ptr"), names("dict_index"), arenaIndex},
	"InitSquashData":         {names("dict_accesses", "n_accesses"), names("big_keys", "first_key"), initSquash},
	"GetCurrentAccessIndex":  {names("range_check_ptr"), nil, accessIndex},
	"ShouldSkipSquashLoop":   {nil, names("should_skip_loop"), func(c *call) { c.setBool(0, len(c.left()) <= 1) }},
	"GetCurrentAccessDelta":  {nil, names("index_delta_minus1"), accessDelta},
	"ShouldContinueSquashLoop": {
		nil, names("should_continue"), func(c *call) { c.setBool(0, len(c.left()) > 1) },
	},
	"GetNextDictKey":              {nil, names("next_key"), nextKey},
	"AssertLeFindSmallArcs":       {names("range_check_ptr", "a", "b"), nil, findSmallArcs},
	"AssertLeIsFirstArcExcluded":  {nil, names("skip_exclude_a_flag"), func(c *call) { c.setExcluded(0) }},
	"AssertLeIsSecondArcExcluded": {nil, names("skip_exclude_b_minus_a"), func(c *call) { c.setExcluded(1) }},
	"DebugPrint":                  {names("start", "end"), nil, debugPrint},
	"AllocConstantSize":           {names("size"), names("dst"), allocConstantSize},
	"U256InvModN": {
		names("b0", "b1", "n0", "n1"),
		names("g0_or_no_inv", "g1_option", "s_or_r0", "s_or_r1", "t_or_k0", "t_or_k1"), inverseModulo,
	},
	"EvalCircuit": {names("n_add_mods", "add_mod_builtin", "n_mul_mods", "mul_mod_builtin"), nil, evalCircuit},

	"AssertCurrentAccessIndicesIsEmpty": {nil, nil, nothing},
	"AssertAllAccessesUsed":             {nil, nil, nothing},
	"AssertAllKeysUsed":                 {nil, nil, nothing},
	"AssertLeAssertThirdArcExcluded":    {nil, nil, nothing},
	"AssertLtAssertValidInput":          {nil, nil, nothing},
	"Felt252DictRead":                   {names("dict_ptr", "key"), names("value_dst"), dictRead},
	"Felt252DictWrite":                  {names("dict_ptr", "key", "value"), nil, dictWrite},

	"SystemCall": {names("system"), nil, systemCall},
	"Cheatcode":  {nil, nil, func(c *call) { c.failf("Cheatcode: not on a network") }},
	"AddMarker":  {nil, nil, nothing},
	"AddTrace":   {nil, nil, nothing},
}

// Names returns the names of the hints that are known, sorted.
func Names() []string {
	list := make([]string, 0, len(forms))
	for n := range forms {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

// Operands returns the names of the operands that a hint reads, and of the cells that it writes. The caller must not change
// them.
func Operands(name string) (in, out []string) { return forms[name].in, forms[name].out }

// Compile resolves the hints of a class.
func Compile(hints []class.Hints) *Table {
	t := &Table{}
	for _, at := range hints {
		var texts []json.RawMessage
		if err := json.Unmarshal(at.Code, &texts); err != nil {
			texts = []json.RawMessage{at.Code}
		}
		list := make([]compiled, len(texts))
		for i, text := range texts {
			h, err := compile(text)
			if err != nil {
				h = compiled{name: string(text)}
				t.unknown = append(t.unknown, fmt.Sprintf("%d: %v: %.200s", at.PC, err, text))
			}
			list[i] = h
		}
		t.offsets = append(t.offsets, at.PC)
		t.lists = append(t.lists, list)
	}
	return t
}

// compile reads a hint: its name alone, or {name: {operand: ..}}.
func compile(text json.RawMessage) (compiled, error) {
	var name string
	var operands map[string]json.RawMessage
	if json.Unmarshal(text, &name) != nil {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(text, &object); err != nil || len(object) != 1 {
			return compiled{}, fmt.Errorf("want a hint")
		}
		for name = range object {
			if err := json.Unmarshal(object[name], &operands); err != nil {
				return compiled{}, fmt.Errorf("operands: %w", err)
			}
		}
	}
	f, ok := forms[name]
	if !ok {
		return compiled{}, fmt.Errorf("unknown hint")
	}
	h := compiled{name: name, do: f.do}
	for _, n := range f.in {
		o, err := parseOperand(operands[n])
		if err != nil {
			return h, fmt.Errorf("%s: %w", n, err)
		}
		h.in = append(h.in, o)
	}
	for _, n := range f.out {
		o, err := parseCell(operands[n])
		if err != nil {
			return h, fmt.Errorf("%s: %w", n, err)
		}
		h.out = append(h.out, o)
	}
	return h, nil
}

// Offsets returns the offsets of the instructions with hints, as [machine.NewCode] wants them. The caller must
// not change them.
func (t *Table) Offsets() []uint64 { return t.offsets }

// Len returns the number of hints in front of the instruction at offset i of [Table.Offsets].
func (t *Table) Len(i int) int { return len(t.lists[i]) }

// Unknown returns the hints that fail when they are executed, each with the offset of its instruction and the reason, in the
// order of the class.
func (t *Table) Unknown() []string { return t.unknown }
