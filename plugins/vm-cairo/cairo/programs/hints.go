package programs

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
)

// What the text of a hint says of the names that it uses.
var (
	anyName = regexp.MustCompile(`ids\.(\w+)(\.\w+)?`)
	// targets are the left side of an assignment.
	targets = regexp.MustCompile(`(?m)^\s*(ids\.[\w., ]*\w) *= *[^=\s]`)
	target  = regexp.MustCompile(`ids\.(\w+)`)
	pointer = regexp.MustCompile(`ptr|start|^end|output$|inputs|^data|elements|state|^array|input$|^dict|^set|dst$|src$|^[mq]$|_end$|^points`)
)

// constants are the values that the library gives to names in capitals.
var constants = map[string]string{
	"SHIFT": "0x100000000000000000000000000000000", "BASE": "0x4000000000000000000000", "BYTES_IN_WORD": "0x8", "KECCAK_STATE_SIZE_FELTS": "0x19",
	"BLOCK_SIZE": "0x3", "SHA256_INPUT_CHUNK_SIZE_FELTS": "0x10", "SHA256_STATE_SIZE_FELTS": "0x8", "N_PACKED_INSTANCES": "0x7",
	"INPUT_BLOCK_FELTS": "0x10", "BLAKE2S_INPUT_CHUNK_SIZE_FELTS": "0x10", "MAX_HIGH": "0x8000000000000110000000000000000", "MAX_LOW": "0x0",
	"UPPER_BOUND":       "0x400000000000000000000000000000000000000000000000000000000000000",
	"ADDR_BOUND":        "0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
	"PRIME_OVER_3_HIGH": "0x2aaaaaaaaaaaab05555555555555556", "PRIME_OVER_2_HIGH": "0x4000000000000088000000000000001",
	"KECCAK_FULL_RATE_IN_BYTES": "0x88", "MARGIN_CHECK_INITIAL": "0x1", "BATCH_SIZE": "0x1", "HALF_SHIFT": "0x10000000000000000",
	"SECP_REM": "0x1000003d1", "BETA": "0x7",
}

// libraries are where the Rust machine looks for constants, which it does not find elsewhere.
var libraries = []string{
	"starkware.cairo.common.builtin_keccak.keccak", "starkware.cairo.common.cairo_keccak.keccak", "starkware.cairo.common.cairo_keccak.packed_keccak", "starkware.cairo.common.cairo_secp.constants",
	"starkware.cairo.common.math.assert_250_bit", "starkware.cairo.common.math.assert_le_felt", "starkware.cairo.common.modulo.run_mod_p_circuit_with_large_batch_size",
	"starkware.cairo.common.secp256r1.field.assert_165_bit", "starkware.cairo.common.uint256", "starkware.starknet.common.storage",
}

// families are the hints that work together, and bare those that use no names: some of them say what others compute with.
var (
	families = hint.Families()
	bare     = slices.DeleteFunc(slices.Concat(families...), func(text string) bool { return strings.Contains(text, "ids.") })
)

// hintProgram returns a program with hints of one family. Each hint has its turn with as many seeds as there are hints.
func hintProgram(seed uint64) any {
	b := newBuilder(seed, "memory[ap] = segments.add()")
	all := slices.Concat(families...)
	main := all[seed%uint64(len(all))]
	family := families[slices.IndexFunc(families, func(f []string) bool { return slices.Contains(f, main) })]
	texts := []string{main}
	for range one(b, 0, 0, 0, 1, 1, 2, 3) {
		texts = slices.Insert(texts, 0, one(b, family...))
	}
	if b.in(3) {
		texts = slices.Insert(texts, 0, one(b, bare...))
	}
	if b.in(3) {
		texts = append(texts, one(b, family...))
	}
	p := &program0{builder: b, values: make(map[string]felt.Felt), places: make(map[string]int), structs: make(map[string]bool)}
	p.layOut(texts)
	for _, text := range texts {
		b.hint(text)
		b.skip(1)
	}
	return p.file()
}

// program0 is a program of Cairo 0.
type program0 struct {
	*builder
	values  map[string]felt.Felt // of constants
	places  map[string]int       // of references
	structs map[string]bool      // the references that are no plain felts
}

// layOut gives a value, or room for one, to each name that the hints use.
func (p *program0) layOut(texts []string) {
	wild := p.in(4)
	written := map[string]bool{}
	var names []string
	for _, text := range texts {
		for _, m := range anyName.FindAllStringSubmatch(text, -1) {
			p.structs[m[1]] = p.structs[m[1]] || m[2] != ""
			names = append(names, m[1])
		}
		for _, side := range targets.FindAllStringSubmatch(text, -1) {
			for _, m := range target.FindAllStringSubmatch(side[1], -1) {
				written[m[1]] = true
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	p.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var outputs []string
	for _, name := range names {
		switch {
		case len(name) > 1 && strings.ToUpper(name) == name:
			p.values[name] = p.constant(name)
		case written[name] && !p.in(20):
			outputs = append(outputs, name)
		default:
			p.places[name] = p.input(pointer.MatchString(name) != (wild && p.in(10)), wild)
		}
	}
	for _, name := range []string{"BETA", "SECP_REM"} { // which texts do not mention
		p.values[name] = p.constant(name)
	}
	for _, name := range outputs {
		p.places[name] = p.skip(members)
	}
	p.skip(1)
}

// members is how many cells a name has, the most that any struct needs.
const members = 6

func (p *program0) constant(name string) felt.Felt {
	if text, ok := constants[name]; ok && !p.in(20) {
		return felt.MustParse(text)
	}
	return p.felt()
}

// input lays out what a name stands for: the address of a segment with numbers, or numbers. A wild one is short, or has
// addresses and nothing among them.
func (p *program0) input(isPointer, wild bool) int {
	if isPointer {
		at := p.segment()
		p.fill(at, one(p.builder, 0, 3, 8, 16, 26, 32), one(p.builder, 0, 32, 64, 128))
		return at
	}
	n, at, limbs := members, p.cells, p.in(2)
	if wild {
		n = one(p.builder, 1, 2, 3, members)
	}
	for range n {
		switch {
		case wild && p.in(25):
			p.segment()
		case wild && p.in(25):
			p.skip(1)
		case limbs:
			p.push(p.bits(86))
		default:
			p.push(p.felt())
		}
	}
	return at
}

// file returns the program as a file has it.
func (p *program0) file() any {
	p.data = append(p.data, felt.MustParse("0x480a7ffd7fff8000"), felt.MustParse("0x208b7fff7fff7ffe")) // [ap] = [fp - 3]; ap++; ret
	none := map[string]any{"group": 0, "offset": 0}
	references, ids := []any{}, map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(p.places)) {
		at, kind := p.places[name], "felt"
		if p.structs[name] {
			kind = "__main__.S"
		}
		ids["__main__.main."+name] = len(references)
		references = append(references, map[string]any{
			"ap_tracking_data": none, "pc": 0, "value": "[cast(fp + (" + strconv.Itoa(at) + "), " + kind + "*)]",
		})
	}
	identifiers := map[string]any{"__main__.main": map[string]any{"decorators": []string{}, "pc": 0, "type": "function"}}
	for name, v := range p.values {
		constant := map[string]any{"type": "const", "value": v.Big()}
		identifiers["__main__."+name] = constant
		for _, library := range libraries {
			identifiers[library+"."+name] = constant
		}
	}
	hints := map[string]any{}
	for pc, list := range p.hints {
		var all []any
		for _, code := range list {
			all = append(all, map[string]any{
				"accessible_scopes": []string{"__main__", "__main__.main"}, "code": code,
				"flow_tracking_data": map[string]any{"ap_tracking": none, "reference_ids": ids},
			})
		}
		hints[strconv.Itoa(pc)] = all
	}
	return map[string]any{
		"attributes": []any{}, "builtins": []string{"range_check"}, "compiler_version": "0.14.0.1", "data": hexes(p.data), "debug_info": nil,
		"hints": hints, "identifiers": identifiers, "main_scope": "__main__", "prime": prime,
		"reference_manager": map[string]any{"references": references},
	}
}
