package oracle

import (
	"math/big"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// Engine has a memory and the registers. It is used by one goroutine at a time.
type Engine struct {
	memory
	pc     machine.Address
	ap, fp uint64
	trace  []machine.Registers
	blakes uint64
	// hint executes the hints in front of the instruction at an offset of segment 0; it may be nil.
	hint func(pc uint64) error
}

// New returns an engine with the words of a program in segment 0, all of them accessed, and an empty segment 1.
// hint executes the hints of the instruction at an offset of the program; it may be nil.
func New(program []felt.Felt, hint func(pc uint64) error) *Engine {
	e := &Engine{hint: hint, memory: memory{
		cells: make(map[machine.Address]*value), accessed: make(map[machine.Address]bool),
		deduced: make(map[machine.Address]bool), moves: make(map[int]machine.Address),
		signatures: make(map[machine.Address]crypto.Signature),
	}}
	e.AddSegment(machine.NoRule)
	e.AddSegment(machine.NoRule)
	for i := range program {
		at := machine.Address{Offset: uint64(i)}
		e.cells[at] = number(program[i].Big())
		e.accessed[at] = true
	}
	return e
}

// Registers returns the registers.
func (e *Engine) Registers() machine.Registers {
	return machine.Registers{PC: e.pc, AP: e.ap, FP: e.fp}
}

// SetRegisters sets the registers.
func (e *Engine) SetRegisters(r machine.Registers) { e.pc, e.ap, e.fp = r.PC, r.AP, r.FP }

// Trace returns the registers before each step so far.
func (e *Engine) Trace() []machine.Registers { return e.trace }

// Steps returns the number of steps so far.
func (e *Engine) Steps() uint64 { return uint64(len(e.trace)) }

// Blakes returns the number of Blake instructions among them.
func (e *Engine) Blakes() uint64 { return e.blakes }

// Run executes instructions until pc is end, at most limit in all.
func (e *Engine) Run(end machine.Address, limit uint64) error {
	for e.pc != end {
		if e.Steps() >= limit {
			return machine.ErrSteps
		}
		at := e.pc
		if e.hint != nil && at.Segment == 0 {
			if err := e.hint(at.Offset); err != nil {
				return &machine.RunError{PC: at, Hint: true, Err: err}
			}
		}
		before := e.Registers()
		if err := e.step(); err != nil {
			return &machine.RunError{PC: at, Err: err}
		}
		e.trace = append(e.trace, before)
	}
	return nil
}

// bitsOf returns n bits of w from bit i.
func bitsOf(w *big.Int, i, n uint) uint64 {
	v := new(big.Int).Rsh(w, i)
	return v.And(v, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), n), big.NewInt(1))).Uint64()
}

// instruction is an instruction with its fields by the names of the paper.
type instruction struct {
	off                                            [3]int64
	dst, op0, op1, res, pc, ap, opcode, ext, flags uint64
	size                                           int64
}

func (e *Engine) decode() (*instruction, error) {
	v := e.get(e.pc)
	switch {
	case v == nil:
		return nil, failf(machine.UnknownCell, "Unknown memory cell at address %v", e.pc)
	case v.n == nil:
		return nil, failf(machine.ExpectedInteger, "Expected integer at address %v", e.pc)
	case v.n.BitLen() > 128:
		return nil, failf(machine.BadEncoding, "Instruction should be an int")
	}
	w := v.n
	in := &instruction{
		dst: bitsOf(w, 48, 1), op0: bitsOf(w, 49, 1), op1: bitsOf(w, 50, 3), res: bitsOf(w, 53, 2), pc: bitsOf(w, 55, 3),
		ap: bitsOf(w, 58, 2), opcode: bitsOf(w, 60, 3), flags: bitsOf(w, 48, 15), size: 1,
	}
	for i := range in.off {
		in.off[i] = int64(bitsOf(w, uint(16*i), 16)) - 1<<15
	}
	if in.op1 == 1 {
		in.size = 2
	}
	return in, in.check(new(big.Int).Rsh(w, 63))
}

// check finds the first rule that in breaks.
func (in *instruction) check(ext *big.Int) error {
	bad := func(what string, v any) error {
		return failf(machine.BadEncoding, "Invalid %s value: %v", what, v)
	}
	legal := map[uint64]bool{0: true, 1: true, 2: true, 4: true}
	if !legal[in.op1] {
		return bad("op1_register", in.op1)
	}
	if !legal[in.pc] {
		return bad("pc_update", in.pc)
	}
	if in.res == 3 || in.pc == 4 && in.res != 0 {
		return bad("res", in.res)
	}
	if !legal[in.opcode] {
		return bad("opcode", in.opcode)
	}
	if ext.Cmp(big.NewInt(3)) > 0 {
		return bad("opcode extension", ext)
	}
	in.ext = ext.Uint64()
	blake := in.opcode == 0 && (in.op1 == 2 || in.op1 == 4) && in.res == 0 && in.pc == 0 && (in.ap == 0 || in.ap == 2)
	if (in.ext == 1 || in.ext == 2) && !blake {
		return failf(machine.BadEncoding, "Blake2s opcode invalid flags %d", in.flags)
	}
	packed := in.opcode == 4 && in.op1 != 0 && (in.res == 1 || in.res == 2) && in.pc == 0 && (in.ap == 0 || in.ap == 2)
	if in.ext == 3 && !packed {
		return failf(machine.BadEncoding, "QM31 add mul opcode invalid flags %d", in.flags)
	}
	if in.ap == 3 || in.opcode == 1 && in.ap != 0 {
		return bad("ap_update", in.ap)
	}
	if in.opcode == 1 && (in.off[0] != 0 || in.off[1] != 1 || in.dst != 0 || in.op0 != 0) {
		return bad("opcode", 1)
	}
	if in.opcode == 2 && (in.off[0] != -2 || in.off[2] != -1 || in.dst != 1 || in.op1 != 2 || in.res != 0 || in.pc != 1) {
		return bad("opcode", 2)
	}
	return nil
}
