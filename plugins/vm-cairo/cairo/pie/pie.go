// Package pie has position independent executions of Cairo programs: a run with its whole memory, in which segments keep
// their own addresses, so that another program can take it in and check it.
//
// The file is a zip archive of four JSON files and one of cells, in the form that the Python implementation writes
// (https://github.com/starkware-libs/cairo-lang, src/starkware/cairo/lang/vm/cairo_pie.py); what makes one valid follows
// the Rust implementation (vm/src/vm/runners/cairo_pie.rs).
package pie

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// These errors can occur with an execution.
var (
	// ErrFormat says that a file is not of the form of such an execution.
	ErrFormat = errors.New("pie: bad file")
	// ErrInvalid says that the parts of an execution contradict each other; the text is that of the reference.
	ErrInvalid = errors.New("pie: invalid")
	// ErrDifferent says that a run of an execution came to another one; the text is that of the reference.
	ErrDifferent = errors.New("pie: different")
)

// Error is a failure with the text of the reference.
type Error struct {
	// Kind is one of the errors of this package.
	Kind error
	Text string
}

// Error returns the text of the reference.
func (e *Error) Error() string { return e.Text }

// Unwrap returns the kind of e.
func (e *Error) Unwrap() error { return e.Kind }

func fail(kind error, format string, args ...any) error {
	return &Error{kind, fmt.Sprintf(format, args...)}
}

// Segment is the number of a segment and how much of it is used.
type Segment struct {
	Index int
	Size  uint64
}

// Cell is a known cell of memory.
type Cell struct {
	At    machine.Address
	Value machine.Cell
}

// Page is a part of the output that is told apart from the rest.
type Page struct{ Start, Size uint64 }

// PIE is a position independent execution.
type PIE struct {
	// Data, Builtins and Main are the program: its words, and the offset of main.
	Data     []felt.Felt
	Builtins []builtin.Name
	Main     uint64

	Program, Execution, ReturnFP, ReturnPC Segment
	BuiltinSegments                        map[builtin.Name]Segment
	Extra                                  []Segment

	// Memory is in ascending order of addresses.
	Memory []Cell

	// Pages and Attributes are those of the output builtin.
	Pages      map[uint64]Page
	Attributes map[string][]uint64
	// Pedersen are the cells of hashes that were computed, Signatures those of ecdsa by the cell of the public key.
	Pedersen   []machine.Address
	Signatures map[machine.Address]crypto.Signature

	Steps, Holes uint64
	Instances    map[builtin.Name]uint64
}

// Segments returns all segments, in the order of the file.
func (p *PIE) Segments() []Segment {
	all := []Segment{p.Program, p.Execution, p.ReturnFP, p.ReturnPC}
	for _, n := range p.Builtins {
		all = append(all, p.BuiltinSegments[n])
	}
	return append(all, p.Extra...)
}

// Check checks that segments are numbered as those of a run and hold the memory.
func (p *PIE) Check() error {
	same := func(have map[builtin.Name]bool) bool {
		return len(have) == len(p.Builtins) && !slices.ContainsFunc(p.Builtins, func(n builtin.Name) bool { return !have[n] })
	}
	inSegments, counted := map[builtin.Name]bool{}, map[builtin.Name]bool{}
	for n := range p.BuiltinSegments {
		inSegments[n] = true
	}
	for n := range p.Instances {
		counted[n] = true
	}
	switch {
	case p.Main > uint64(len(p.Data)):
		return fail(ErrInvalid, "Invalid main() address.")
	case uint64(len(p.Data)) != p.Program.Size:
		return fail(ErrInvalid, "Program length does not match the program segment size.")
	case !same(inSegments):
		return fail(ErrInvalid, "Builtin list mismatch in builtin_segments.")
	case p.ReturnFP.Size != 0:
		return fail(ErrInvalid, "Invalid segment size for ret_fp. Must be 0.")
	case p.ReturnPC.Size != 0:
		return fail(ErrInvalid, "Invalid segment size for ret_pc. Must be 0.")
	}
	if err := p.checkOrder(); err != nil {
		return err
	}
	sizes := make(map[int]uint64)
	for _, s := range p.Segments() {
		sizes[s.Index] = s.Size
	}
	for i := range p.Memory {
		if a := p.Memory[i].At; a.Offset >= sizes[a.Segment] {
			return fail(ErrInvalid, "Invalid address")
		}
	}
	if !same(counted) {
		return fail(ErrInvalid, "Builtin list mismatch in builtin_segments.")
	}
	return nil
}

// checkOrder checks the numbers of the segments.
func (p *PIE) checkOrder() error {
	n := len(p.Builtins)
	switch {
	case p.Program.Index != machine.ProgramSegment:
		return fail(ErrInvalid, "Invalid segment index for program_segment.")
	case p.Execution.Index != machine.StackSegment:
		return fail(ErrInvalid, "Invalid segment index for execution_segment.")
	}
	for i, name := range p.Builtins {
		if p.BuiltinSegments[name].Index != 2+i {
			return fail(ErrInvalid, "Invalid segment index for %v.", name)
		}
	}
	switch {
	case p.ReturnFP.Index != n+2:
		return fail(ErrInvalid, "Invalid segment index for ret_fp_segment.")
	case p.ReturnPC.Index != n+3:
		return fail(ErrInvalid, "Invalid segment index for ret_pc_segment.")
	}
	for i, s := range p.Extra {
		if s.Index != n+4+i {
			return fail(ErrInvalid, "Invalid segment indices for extra_segments.")
		}
	}
	return nil
}

// Compare returns an error if p, made by a run of old, differs from it in more than what a stricter run changes: holes,
// and the hashes that were computed.
func (p *PIE) Compare(old *PIE) error {
	switch {
	case !slices.Equal(p.Data, old.Data) || !slices.Equal(p.Builtins, old.Builtins) || p.Main != old.Main ||
		!slices.Equal(p.Segments(), old.Segments()):
		return fail(ErrDifferent, "Cairo PIE diff: metadata mismatch")
	case !slices.Equal(p.Memory, old.Memory) && !maps.Equal(cells(p.Memory), cells(old.Memory)):
		return fail(ErrDifferent, "Cairo PIE diff: memory mismatch")
	case p.Steps != old.Steps || !maps.Equal(p.Instances, old.Instances):
		return fail(ErrDifferent, "Cairo PIE diff: execution_resources mismatch")
	case !maps.Equal(p.Pages, old.Pages) || !maps.EqualFunc(p.Attributes, old.Attributes, slices.Equal):
		return fail(ErrDifferent, "Cairo PIE diff: additional_data[%v] mismatch", builtin.Output)
	case !maps.Equal(p.Signatures, old.Signatures):
		return fail(ErrDifferent, "Cairo PIE diff: additional_data[%v] mismatch", builtin.Ecdsa)
	}
	return nil
}

func cells(list []Cell) map[machine.Address]machine.Cell {
	m := make(map[machine.Address]machine.Cell, len(list))
	for _, c := range list {
		m[c.At] = c.Value
	}
	return m
}

// merged returns p with all extra segments joined into the first one.
func (p *PIE) merged() *PIE {
	if len(p.Extra) == 0 {
		return p
	}
	begin := make(map[int]uint64)
	one := Segment{Index: p.Extra[0].Index}
	for _, s := range p.Extra {
		begin[s.Index] = one.Size
		one.Size += s.Size
	}
	move := func(a machine.Address) machine.Address {
		if off, ok := begin[a.Segment]; ok {
			return machine.Address{Segment: one.Index, Offset: a.Offset + off}
		}
		return a
	}
	q := *p
	q.Extra = []Segment{one}
	q.Memory = make([]Cell, len(p.Memory))
	for i, c := range p.Memory {
		if a, ok := c.Value.Address(); ok {
			c.Value = move(a).Cell()
		}
		q.Memory[i] = Cell{move(c.At), c.Value}
	}
	return &q
}
