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

// compiled is a hint with its function, nil if nobody knows it, and the names that it may use: those that its text
// mentions come first.
type compiled struct {
	code      string
	f         Func
	names     []name
	scopes    []string
	constants []constant // that the text mentions
}

// constant is the value of a name that is no reference.
type constant struct {
	last  string
	value felt.Felt
}

// name is a name of a reference, by its last part.
type name struct {
	last  string
	value *program.Expression
	// back is how far ap has moved since the name was bound.
	back uint64
	// lost says that nobody knows how far.
	lost bool
	// plain says that it is the cell at a distance of offset from fp, or from ap if usesAP.
	plain, usesAP bool
	offset        int64
}

// Compile looks up the hints of p in lib.
func Compile(p *program.Program, lib Library) *Table {
	t := &Table{program: p}
	for _, at := range p.Hints {
		list := make([]compiled, len(at.Hints))
		for i, h := range at.Hints {
			list[i] = compiled{code: h.Code, f: lib[h.Code], scopes: h.Scopes, names: bind(p, &h.Flow)}
			if list[i].f != nil {
				t.mention(&list[i])
			}
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
		n := name{last: full[strings.LastIndexByte(full, '.')+1:], value: &r.Value, usesAP: r.Value.UsesAP()}
		if _, off, ok := r.Value.Offset(); ok {
			n.plain, n.offset = true, off
		}
		if n.usesAP {
			n.lost = r.AP.Group != flow.AP.Group
			n.back = uint64(flow.AP.Offset) - uint64(r.AP.Offset)
		}
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b name) int { return strings.Compare(a.last, b.last) })
	return names
}

// mention finds the names in the text of h, such as ids.a: references come first, and constants are looked up.
func (t *Table) mention(h *compiled) {
	front := 0
	for rest := h.code; ; {
		_, after, ok := strings.Cut(rest, "ids.")
		if !ok {
			return
		}
		end := strings.IndexFunc(after, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		})
		if end < 0 {
			end = len(after)
		}
		last := after[:end]
		rest = after[end:]
		if i := slices.IndexFunc(h.names, func(n name) bool { return n.last == last }); i >= front {
			n := h.names[i]
			h.names = slices.Insert(slices.Delete(h.names, i, i+1), front, n)
			front++
		} else if i < 0 {
			if x, ok := t.constant(h.scopes, last); ok {
				h.constants = append(h.constants, constant{last, x})
			}
		}
	}
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
