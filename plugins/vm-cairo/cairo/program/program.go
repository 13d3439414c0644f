// Package program reads programs that the compiler of Cairo 0 made: words, hints, and what the hints need to
// know about names. A class of Cairo 0 has such a program inside.
//
// The format has no specification but its readers and writers: https://github.com/starkware-libs/cairo-lang,
// src/starkware/cairo/lang/compiler/program.py, and vm/src/serde/deserialize_program.rs of
// https://github.com/starkware-libs/cairo-vm.
package program

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
)

// Program is a compiled program. It is not changed after [Parse].
type Program struct {
	Data     []felt.Felt
	Builtins []builtin.Name
	// Hints has the hints by the offset of the instruction that they stand in front of, in ascending order.
	Hints []HintsAt
	// References are where the names of hints and attributes are found.
	References  []Reference
	Identifiers map[string]Identifier
	Attributes  []Attribute
	// Locations are the places in source files, by offset; empty without debug information.
	Locations map[uint64]Location
	// HintLocations are those of the hints in front of an instruction.
	HintLocations map[uint64][]Location
	MainScope     string
	Compiler      string
}

// HintsAt are the hints in front of an instruction, in order of execution.
type HintsAt struct {
	PC    uint64
	Hints []Hint
}

// Hint is a piece of host code, which is known by its exact text.
type Hint struct {
	Code string
	// Scopes are the scopes whose names it may use, outermost first.
	Scopes []string
	Flow   Flow
}

// Flow is what the compiler knows about ap and about names at a place of the program.
type Flow struct {
	AP Tracking
	// References has indices into Program.References by full name.
	References map[string]int
}

// Tracking says how far ap has moved: places with the same group differ by their offsets.
type Tracking struct{ Group, Offset int }

// Reference is a name's value where it was bound.
type Reference struct {
	AP    Tracking
	PC    uint64
	Value Expression
}

// Identifier is what a full name stands for.
type Identifier struct {
	// Type is const, function, label, struct, member, alias, reference, namespace, type_definition ...
	Type string
	// PC is the offset of a function or label.
	PC uint64
	// Value is the value of a constant.
	Value felt.Felt
	// Destination is the full name that an alias stands for.
	Destination string
	// Size and Members are those of a struct: Members has the offset of each.
	Size    uint64
	Members map[string]uint64
}

// Attribute is an annotation of the instructions from StartPC up to EndPC, such as error_message.
type Attribute struct {
	Name, Value    string
	StartPC, EndPC uint64
	Flow           *Flow // nil if there is none
}

// Location is the place of an instruction in a source file.
type Location struct {
	File               string
	Line, Column       int
	EndLine, EndColumn int
	// Parent is where the code was made from that stands at this place, nil if it is from the source; Reason is the
	// compiler's note on that.
	Parent *Location
	Reason string
}

// Label returns the offset of the function or label of that full name, and whether there is one.
func (p *Program) Label(name string) (uint64, bool) {
	id, ok := p.Identifiers[name]
	for hops := 0; ok && id.Type == "alias" && hops < 10; hops++ {
		id, ok = p.Identifiers[id.Destination]
	}
	return id.PC, ok && (id.Type == "function" || id.Type == "label")
}
