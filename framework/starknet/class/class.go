package class

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Class is one of *[Cairo0], *[Sierra], *[Casm] and *[Compiled].
type Class interface {
	kind() kind
	appendBody(dst []byte) []byte
}

var (
	_ Class = (*Cairo0)(nil)
	_ Class = (*Sierra)(nil)
	_ Class = (*Casm)(nil)
	_ Class = (*Compiled)(nil)
)

// Compiled is a Sierra class with the code that it compiles to. Whether the two belong together cannot be told
// from them.
type Compiled struct {
	Sierra *Sierra
	Casm   *Casm
}

// EntryPoints are the functions of a class that can be called from outside, by how. Each list is in the order
// of the class, which hashes depend on; compilers sort by selector.
type EntryPoints[E any] struct {
	External    []E
	L1Handler   []E
	Constructor []E
}

// EntryPoint is an entry point of a Cairo 0 class.
type EntryPoint struct {
	Selector felt.Felt
	Offset   uint64 // into the bytecode
}

// SierraEntryPoint is an entry point of a Sierra class.
type SierraEntryPoint struct {
	Selector felt.Felt
	Function uint64 // index of the function in the program
}

// CasmEntryPoint is an entry point of compiled code.
type CasmEntryPoint struct {
	Selector felt.Felt
	Offset   uint64   // into the bytecode
	Builtins []string // in the order in which they are passed, without suffix: "range_check"
}

// lists returns the lists in the order in which all hashes take them.
func (e *EntryPoints[E]) lists() [3]*[]E { return [3]*[]E{&e.External, &e.L1Handler, &e.Constructor} }

// entryPointKeys are the names of the lists in JSON, in the order of lists.
var entryPointKeys = [3]string{"EXTERNAL", "L1_HANDLER", "CONSTRUCTOR"}

// addressBound is 2^251 - 256: Sierra class hashes are below it.
var addressBound = felt.MustParse("0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00")
