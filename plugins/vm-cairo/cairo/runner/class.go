package runner

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/casm"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

// Class is a class of Starknet made ready for any number of calls at once. It is not changed after it was loaded.
type Class struct {
	*Loaded
	Entries class.EntryPoints[Entry]
}

// Entry is a function of a class that can be called from outside.
type Entry struct {
	Selector felt.Felt
	Offset   uint64
	Builtins []builtin.Name // in the order in which they are passed
}

// retWord is the instruction ret. Code of Cairo 1 expects one behind its end, and behind that the address of the
// prices of builtins.
var retWord = felt.FromUint64(0x208b7fff7fff7ffe)

// LoadCasm makes a class of Cairo 1 ready.
func LoadCasm(c *class.Casm) (*Class, error) {
	data := append(append(make([]felt.Felt, 0, len(c.Bytecode)+1), c.Bytecode...), retWord)
	if len(data) > program.MaxWords {
		return nil, fail(ErrEntry, "bytecode of %d words, at most %d", len(data), program.MaxWords)
	}
	t := casm.Compile(c.Hints)
	out := &Class{Loaded: &Loaded{
		Program: &program.Program{Data: data, Compiler: c.CompilerVersion},
		Code:    machine.NewCode(data, t.Offsets()), Casm: t,
	}}
	from := [...][]class.CasmEntryPoint{c.EntryPoints.External, c.EntryPoints.L1Handler, c.EntryPoints.Constructor}
	for i, to := range out.entryLists() {
		for _, e := range from[i] {
			names, err := builtinNames(e.Builtins)
			if err != nil {
				return nil, fmt.Errorf("entry point %v: %w", e.Selector, err)
			}
			*to = append(*to, Entry{e.Selector, e.Offset, names})
		}
	}
	return out, nil
}

// LoadCairo0 makes a class of Cairo 0 ready.
func LoadCairo0(c *class.Cairo0) (*Class, error) {
	p, err := program.Parse(c.ProgramText())
	if err != nil {
		return nil, err
	}
	out := &Class{Loaded: Load(p, hint.Starknet())}
	from := [...][]class.EntryPoint{c.EntryPoints.External, c.EntryPoints.L1Handler, c.EntryPoints.Constructor}
	for i, to := range out.entryLists() {
		for _, e := range from[i] {
			*to = append(*to, Entry{e.Selector, e.Offset, p.Builtins})
		}
	}
	return out, nil
}

func (c *Class) entryLists() [3]*[]Entry {
	return [...]*[]Entry{&c.Entries.External, &c.Entries.L1Handler, &c.Entries.Constructor}
}

func builtinNames(list []string) ([]builtin.Name, error) {
	names := make([]builtin.Name, len(list))
	for i, n := range list {
		if names[i] = builtin.Name(n); !names[i].Known() {
			return nil, fail(ErrBuiltins, "unknown builtin %.100q", n)
		}
	}
	return names, nil
}
