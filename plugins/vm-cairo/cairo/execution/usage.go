package execution

import (
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/builtin"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/runner"
)

// usage is what one frame took, its inner calls left out.
type usage struct {
	run    rules.Cost
	blakes uint64
	// calls counts system calls, and lengths the felts of those whose cost grows with them.
	calls, lengths [rules.NumSyscalls]uint64
}

// builtins are the numbers of builtins.
var builtins = map[builtin.Name]starknet.Builtin{
	builtin.Output: starknet.Output, builtin.Pedersen: starknet.Pedersen, builtin.RangeCheck: starknet.RangeCheck,
	builtin.Ecdsa: starknet.ECDSA, builtin.Bitwise: starknet.Bitwise, builtin.EcOp: starknet.EcOp,
	builtin.Keccak: starknet.Keccak, builtin.Poseidon: starknet.Poseidon, builtin.RangeCheck96: starknet.RangeCheck96,
	builtin.AddMod: starknet.AddMod, builtin.MulMod: starknet.MulMod, builtin.SegmentArena: starknet.SegmentArena,
}

// addRun adds what the machine counted.
func (u *usage) addRun(r runner.Resources) {
	u.run.Steps += r.Steps
	u.run.Holes += r.Holes
	u.blakes += r.Blakes
	for name, n := range r.Instances {
		u.run.Builtins[builtins[name]] += n
	}
}

// count counts a system call with n felts.
func (u *usage) count(s rules.Syscall, n int) {
	u.calls[s]++
	u.lengths[s] += uint64(n)
}

// settle adds what the frame took to its scope.
func (f *frame) settle() {
	u := &f.usage
	if f.rules.Switches.ArenaCells {
		u.run.Builtins[starknet.SegmentArena] *= 3
	}
	for s := range u.calls {
		if u.calls[s] == 0 {
			continue
		}
		l := &f.rules.Syscalls[s]
		u.run.AddTimes(&l.Const, u.calls[s])
		per := l.For(u.lengths[s])
		u.run.Add(&per)
	}
	if f.steps {
		f.cost.Add(&u.run)
		f.blakes += u.blakes
		return
	}
	f.gasBlakes += u.blakes
	for b, n := range u.run.Builtins {
		f.gasBuiltins[b] += n
	}
}
