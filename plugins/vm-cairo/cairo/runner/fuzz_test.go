package runner_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/casm"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// fuzzSteps is how long a run of something made up may be.
const fuzzSteps = 2000

// FuzzClass loads files as classes of Cairo 1 and calls their entry points: whatever they hold, a call ends with a result or an
// error.
func FuzzClass(f *testing.F) {
	for _, name := range casm.Names() {
		c := class.Casm{
			Bytecode: []felt.Felt{felt.MustParse("0x480680017fff8000"), felt.One, felt.MustParse("0x208b7fff7fff7ffe")},
			Hints: []class.Hints{{PC: 0, Code: []byte(`[{"` + name + `":{"lhs":{"Deref":{"register":"FP","offset":-3}},"rhs":{"Immediate":"0x5"},
				"dst":{"register":"AP","offset":1}}}]`)}},
			EntryPoints: class.EntryPoints[class.CasmEntryPoint]{External: []class.CasmEntryPoint{
				{Selector: felt.One, Builtins: []string{"range_check", "segment_arena", "range_check96", "add_mod", "mul_mod"}},
			}},
		}
		f.Add(c.Text())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := class.ParseCasm(text)
		if err != nil {
			return
		}
		c, err := runner.LoadCasm(parsed)
		if err != nil {
			return
		}
		var m machine.Machine
		var s runner.Session
		for _, list := range [][]runner.Entry{c.Entries.External, c.Entries.L1Handler, c.Entries.Constructor} {
			for i := range list {
				call := runner.Call{
					Calldata: make([]felt.Felt, 3), Gas: 1 << 40, Prices: make([]uint64, 7), Syscalls: &refuse{}, MaxSteps: fuzzSteps,
					Machine: machine.Config{MaxCells: 1 << 16},
				}
				err := s.Enter(&m, c, &list[i], &call)
				if err == nil {
					err = s.Run()
				}
				if err == nil {
					_, err = s.Leave()
				}
				if err != nil {
					_, _ = s.Failure(err)
				}
			}
		}
	})
}

// FuzzProgram runs files as programs of Cairo 0, hints included.
func FuzzProgram(f *testing.F) {
	f.Add([]byte(`{"prime":"0x800000000000011000000000000000000000000000000000000000000000001","builtins":["output","range_check"],
		"data":["0x480680017fff8000","0x7","0x208b7fff7fff7ffe"],"main_scope":"__main__","identifiers":{"__main__.main":{"type":"function","pc":0}},
		"hints":{"0":[{"code":"memory[ap] = segments.add()","accessible_scopes":[],"flow_tracking_data":{"ap_tracking":{"group":0,"offset":0},
		"reference_ids":{"__main__.main.a":0}}}]},"reference_manager":{"references":[{"ap_tracking_data":{"group":0,"offset":0},"pc":0,
		"value":"[cast(fp + (-3), felt*)]"}]},"attributes":[]}`))
	l := layout(f, "all_cairo")
	lib := hint.Standard()
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := program.Parse(text)
		if err != nil {
			return
		}
		var m machine.Machine
		s, err := runner.Main(&m, runner.Load(p, lib), runner.Config{Layout: l, MaxSteps: fuzzSteps}, machine.Config{MaxCells: 1 << 16})
		if err != nil {
			return
		}
		for _, stage := range []func() error{
			s.Run, s.End, s.ReadReturnValues, func() error { return s.Secure(true, uint64(len(p.Data))) },
		} {
			if err := stage(); err != nil {
				_, _ = s.Failure(err)
				return
			}
		}
		_ = s.Resources()
		_ = s.Output()
	})
}
