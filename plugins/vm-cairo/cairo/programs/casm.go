package programs

import (
	"slices"
	"strconv"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/casm"
)

// object is an object of JSON.
type object = map[string]any

// class1 is a class with one entry point.
type class1 struct {
	*builder
	numbers, pointers []int // cells with numbers and with addresses of segments
}

// casmProgram returns a class with random hints, or a dictionary or a circuit.
func casmProgram(seed uint64) any {
	c := &class1{builder: newBuilder(seed, object{"AllocSegment": object{"dst": cellAt("AP", 0)}})}
	for range 4 + c.IntN(4) {
		c.numbers = append(c.numbers, c.push(c.felt()))
	}
	for range 2 {
		at := c.segment()
		c.fill(at, c.IntN(6), one(c.builder, 0, 0, 96, 128))
		c.pointers = append(c.pointers, at)
	}
	switch c.IntN(4) {
	case 0:
		c.dictionary()
	case 1:
		c.circuit()
	default:
		for range 1 + c.IntN(6) {
			c.single()
		}
	}
	return c.file()
}

// lonely are the hints that need no other one before them.
var lonely = slices.DeleteFunc(casm.Names(), func(name string) bool {
	return name == "Cheatcode" || name == "AddMarker" || name == "AddTrace" || name == "SystemCall" || name == "RandomEcPoint" ||
		strings.Contains(name, "Dict") || strings.Contains(name, "Squash") || strings.Contains(name, "Access") || name == "EvalCircuit"
})

// more are operands that hints have and nobody looks at.
var more = map[string][]string{
	"InitSquashData": {"ptr_diff"}, "AssertLtAssertValidInput": {"a", "b"},
}

// single adds a hint whose operands are whatever there is.
func (c *class1) single() {
	name := one(c.builder, lonely...)
	in, _ := casm.Operands(name)
	operands := object{}
	for _, n := range in {
		operands[n] = c.operand(n)
	}
	c.add(name, operands)
}

// add adds a hint with these operands, and with new cells for what it writes, and returns where they begin.
func (c *class1) add(name string, operands object) (at int) {
	_, out := casm.Operands(name)
	if name == "AssertAllAccessesUsed" {
		out = []string{"n_used_accesses"}
	}
	for i, n := range out {
		operands[n] = cellAt("FP", c.cells+i)
		if c.in(40) { // a cell that is there already
			operands[n] = cellAt("FP", one(c.builder, c.numbers...))
		}
	}
	for _, n := range more[name] {
		operands[n] = c.number()
	}
	if len(operands) == 0 {
		c.hint(name)
	} else {
		c.hint(object{name: operands})
	}
	return c.skip(max(len(out), 1))
}

// operand returns an operand for a name: mostly of the kind that it should be.
func (c *class1) operand(name string) object {
	isPointer := strings.Contains(name, "ptr") || name == "start" || name == "end"
	if isPointer != c.in(25) {
		return c.at(one(c.builder, c.pointers...), c.IntN(3))
	}
	return c.number()
}

// number returns an operand that is a number, in one of the forms that there are.
func (c *class1) number() object {
	cell := cellAt("FP", one(c.builder, c.numbers...))
	second := object{"Deref": cellAt("FP", one(c.builder, c.numbers...))}
	if c.in(2) {
		x := c.felt()
		second = object{"Immediate": x.Hex()}
	}
	switch c.IntN(8) {
	case 0:
		return object{"DoubleDeref": []any{cellAt("FP", one(c.builder, c.pointers...)), c.IntN(4) - 1}}
	case 1:
		return object{"BinOp": object{"op": one(c.builder, "Add", "Mul"), "a": cell, "b": second}}
	case 2, 3:
		x := c.felt()
		if c.in(2) {
			return object{"Immediate": "-" + x.Hex()}
		}
		return object{"Immediate": x.Hex()}
	}
	return object{"Deref": cell}
}

// at returns an operand that is the address in a cell, moved by a distance.
func (c *class1) at(cell, distance int) object {
	if distance == 0 {
		return object{"Deref": cellAt("FP", cell)}
	}
	n := object{"Immediate": "0x" + strconv.FormatInt(int64(distance), 16)}
	return object{"BinOp": object{"op": "Add", "a": cellAt("FP", cell), "b": n}}
}

func cellAt(register string, off int) object { return object{"register": register, "offset": off} }

// immediate returns an operand that is a small number.
func immediate(n int) object { return object{"Immediate": "0x" + strconv.FormatInt(int64(n), 16)} }

// dictionary adds hints that make a dictionary, use it, and squash its accesses.
func (c *class1) dictionary() {
	infos, arena := c.segment(), c.segment()
	count := c.IntN(3)
	c.store(arena, 0, infos)
	c.store(arena, 1, c.push(felt.FromUint64(uint64(count)))) //nolint:gosec // not negative
	c.store(arena, 2, c.push(felt.Felt{}))
	c.add("AllocFelt252Dict", object{"segment_arena_ptr": c.at(arena, 3)})
	dict := c.load(infos, 3*count)
	keys := []int{c.push(c.felt()), c.push(c.felt()), c.push(c.bits(64))}
	n := c.IntN(9)
	for i := range n {
		key := one(c.builder, keys...)
		value := object{"Deref": cellAt("FP", one(c.builder, slices.Concat(c.numbers, c.pointers)...))}
		c.store(dict, 3*i, key)
		switch c.IntN(4) {
		case 0:
			c.add("Felt252DictWrite", object{"dict_ptr": c.at(dict, 3*i), "key": object{"Deref": cellAt("FP", key)}, "value": value})
		case 1:
			c.add("Felt252DictRead", object{"dict_ptr": c.at(dict, 3*i), "key": object{"Deref": cellAt("FP", key)}})
		default:
			c.add("Felt252DictEntryInit", object{"dict_ptr": c.at(dict, 3*i), "key": object{"Deref": cellAt("FP", key)}})
			c.add("Felt252DictEntryUpdate", object{"dict_ptr": c.at(dict, 3*i+3), "value": value})
		}
	}
	c.add("GetSegmentArenaIndex", object{"dict_end_ptr": c.at(dict, 3*n)})
	c.add("InitSquashData", object{"dict_accesses": c.at(dict, 0), "n_accesses": immediate(n + c.IntN(20)/19)})
	to := c.segment()
	for i := range c.IntN(12) {
		switch c.IntN(9) {
		case 0, 1:
			c.add("GetCurrentAccessIndex", object{"range_check_ptr": c.at(to, i)})
		case 2, 3:
			c.add(one(c.builder, "ShouldSkipSquashLoop", "ShouldContinueSquashLoop", "AssertCurrentAccessIndicesIsEmpty", "AssertAllKeysUsed",
				"AssertAllAccessesUsed"), object{})
		case 4, 5:
			c.add("GetCurrentAccessDelta", object{})
		default:
			c.add("GetNextDictKey", object{})
		}
	}
}

// circuit adds a hint that evaluates a circuit.
func (c *class1) circuit() {
	values, offsets, adds, muls := c.segment(), c.segment(), c.segment(), c.segment()
	width := one(c.builder, 3, 96)
	var p [4]int
	for i := range p {
		if p[i] = c.push(c.bits(width)); i > 1 && c.in(2) {
			p[i] = c.push(felt.Felt{})
		}
	}
	inputs, gates, known := 2+c.IntN(3), 1+c.IntN(5), 0
	for known < 4*inputs {
		c.store(values, known, c.push(c.bits(width)))
		known++
	}
	products := c.IntN(gates + 1)
	for i := range 3 * gates {
		off := 4 * c.IntN(inputs)
		if i%3 == 2 || c.in(4) {
			off = known
			known += 4
		}
		c.store(offsets, i, c.push(felt.FromUint64(uint64(off)))) //nolint:gosec // not negative
	}
	first := [...]int{offsets, c.plus(offsets, 3*(gates-products))}
	for k, at := range [...]int{adds, muls} {
		for i := range p {
			c.store(at, i, p[i])
		}
		c.store(at, 4, values)
		c.store(at, 5, first[k])
	}
	c.add("EvalCircuit", object{
		"n_add_mods": immediate(gates - products), "add_mod_builtin": c.at(adds, 0),
		"n_mul_mods": immediate(products), "mul_mod_builtin": c.at(muls, 0),
	})
}

// file returns the class as a file has it.
func (c *class1) file() any {
	c.skip(1)
	c.data = append(c.data, felt.MustParse("0x208b7fff7fff7ffe")) // ret
	var hints []any
	for pc := range c.data {
		if list := c.hints[pc]; list != nil {
			hints = append(hints, []any{pc, list})
		}
	}
	entry := object{"selector": "0x1", "offset": 0, "builtins": []string{"range_check"}}
	return object{
		"prime": prime, "compiler_version": "2.1.0", "bytecode": hexes(c.data), "hints": hints, "pythonic_hints": nil,
		"entry_points_by_type": object{"EXTERNAL": []any{entry}, "L1_HANDLER": []any{}, "CONSTRUCTOR": []any{}},
	}
}
