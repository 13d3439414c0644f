package hint

import (
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

// Table has the hints of a program, made ready. It is not changed after [Compile], and any number of runs share it.
type Table struct {
	offsets []uint64
	lists   [][]compiled
	program *program.Program
}

// compiled is a hint with its function, nil if nobody knows it, and the names that it may use.
type compiled struct {
	code   string
	f      Func
	names  []name
	scopes []string
}

// name is a name of a reference, by its last part.
type name struct {
	last  string
	value *program.Expression
	// back is how far ap has moved since the name was bound.
	back uint64
	// lost says that nobody knows how far.
	lost bool
}

// Compile looks up the hints of p in lib.
func Compile(p *program.Program, lib Library) *Table {
	t := &Table{program: p}
	for _, at := range p.Hints {
		list := make([]compiled, len(at.Hints))
		for i, h := range at.Hints {
			list[i] = compiled{code: h.Code, f: lib[h.Code], scopes: h.Scopes, names: bind(p, &h.Flow)}
		}
		t.offsets = append(t.offsets, at.PC)
		t.lists = append(t.lists, list)
	}
	return t
}

// bind finds out what the names at a place of the program mean.
func bind(p *program.Program, flow *program.Flow) []name {
	var names []name
	for full, i := range flow.References {
		r := &p.References[i]
		n := name{last: full[strings.LastIndexByte(full, '.')+1:], value: &r.Value}
		if r.Value.UsesAP() {
			n.lost = r.AP.Group != flow.AP.Group
			n.back = uint64(flow.AP.Offset) - uint64(r.AP.Offset)
		}
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b name) int { return strings.Compare(a.last, b.last) })
	return names
}

// Offsets returns the offsets of the instructions with hints, as [machine.NewCode] wants them. The caller must
// not change them.
func (t *Table) Offsets() []uint64 { return t.offsets }

// Unknown returns the texts of the hints that nobody knows, in order of the program.
func (t *Table) Unknown() []string {
	var codes []string
	for _, list := range t.lists {
		for i := range list {
			if list[i].f == nil && !slices.Contains(codes, list[i].code) {
				codes = append(codes, list[i].code)
			}
		}
	}
	return codes
}

// constant finds a constant by its last name in the scopes, innermost first, then anywhere.
func (t *Table) constant(scopes []string, last string) (felt.Felt, bool) {
	for _, scope := range slices.Backward(scopes) {
		id, ok := t.program.Identifiers[scope+"."+last]
		for hops := 0; ok && id.Type == "alias" && hops < 10; hops++ {
			id, ok = t.program.Identifiers[id.Destination]
		}
		if ok && id.Type == "const" {
			return id.Value, true
		}
	}
	best := ""
	for full, id := range t.program.Identifiers {
		if id.Type == "const" && strings.HasSuffix(full, "."+last) && (best == "" || full < best) {
			best = full
		}
	}
	id, ok := t.program.Identifiers[best]
	return id.Value, ok && best != ""
}
