package machine

import "github.com/switchyard-dev/switchyard/framework/felt"

// Code is a program made ready for execution: its words, and each of them decoded. It is never
// changed after [NewCode]; any number of machines may run it at once.
type Code struct {
	cells []Cell
	ops   []op
}

// op is a decoded instruction with what the fast path wants to know.
type op struct {
	Instruction
	kind kind
	// under is the kind without the mark that hints or the end are here.
	under kind
	// inc is by how much ap grows, in the kinds of the fast path.
	inc uint8
	// use0, use1, use2 say which register dst, op0 and op1 are relative to: all ones for ap, 0 for fp.
	use0, use1, use2 int8
	// hint is the position of the instruction's hints in the list given to NewCode.
	hint int32
	// target is where a jump or a call goes to, and by how much kindAddAP moves ap.
	target uint64
}

// kind is the form of an instruction in the fast path.
type kind uint8

const (
	kindSlow   kind = iota // anything else, and words that are no instruction
	kindHint               // hints first, then kind under
	kindStop               // the end of the run is here
	kindImm                // assert dst = imm
	kindCopy               // assert dst = op1
	kindDeref              // assert dst = [op0 + off2]
	kindAddImm             // assert dst = op0 + imm
	kindAdd                // assert dst = op0 + op1
	kindMulImm
	kindMul
	kindJump   // jmp rel imm
	kindJnz    // jmp rel imm if dst != 0
	kindJnzMem // jmp rel op1 if dst != 0
	kindAddAP  // ap += imm
	kindCall   // call rel imm
	kindCallMem
	kindCallAbs
	kindRet
)

// NewCode decodes a program. hinted are the offsets of the instructions that have hints in front
// of them; hints[i] are those that [Host.Hint] is asked for as i. It fails never: a word that is no
// instruction, and most programs hold some, matters only when it is executed.
func NewCode(data []felt.Felt, hinted []uint64) *Code {
	c := &Code{cells: make([]Cell, len(data)), ops: make([]op, len(data))}
	for i := range data {
		c.cells[i] = FeltCell(data[i])
	}
	for i := range data {
		c.ops[i] = c.prepare(uint64(i))
	}
	for i, pc := range hinted {
		if pc < uint64(len(c.ops)) {
			c.ops[pc].kind, c.ops[pc].hint = kindHint, int32(i) //nolint:gosec // fewer hints than words
		}
	}
	return c
}

// Len returns the number of words of the program.
func (c *Code) Len() int { return len(c.cells) }

// Word returns word i of the program.
func (c *Code) Word(i int) felt.Felt { return c.cells[i].felt() }

// Instruction returns the instruction at offset pc, and whether there is one.
func (c *Code) Instruction(pc int) (Instruction, bool) {
	in, err := Decode(c.cells[pc].felt())
	return in, err == nil
}

func (c *Code) prepare(pc uint64) op {
	in, err := Decode(c.cells[pc].felt())
	if err != nil {
		return op{}
	}
	o := op{Instruction: in, use0: useAP(!in.DstFP), use1: useAP(!in.Op0FP), use2: useAP(in.Op1 == Op1AP)}
	if in.AP == APInc {
		o.inc = 1
	}
	o.kind = in.kind()
	if in.Op1 == Op1Imm && !o.setTarget(c, pc) {
		o.kind = kindSlow
	}
	o.under = o.kind
	return o
}

// setTarget adds up what depends on the immediate alone. It reports false if there is none, or if
// the sum is out of range.
func (o *op) setTarget(c *Code, pc uint64) (ok bool) {
	if pc+1 >= uint64(len(c.cells)) {
		return false
	}
	imm := c.cells[pc+1].felt()
	switch o.kind {
	case kindJump, kindJnz, kindCall:
		o.target, ok = imm.AddOffset(pc)
	case kindAddAP:
		o.target, ok = imm[0], imm.BitLen() <= 32
	default:
		ok = true
	}
	return ok
}

func useAP(ap bool) int8 {
	if ap {
		return -1
	}
	return 0
}

// kind returns the form of in. All forms but those that use op0 demand that the unused operands
// are [fp - 1], as compilers make them: that cell is known and accessed whenever the fast path
// runs, so nobody needs to look at it.
func (in *Instruction) kind() kind {
	idle0 := in.DstFP && in.Off0 == -1
	idle1 := in.Op0FP && in.Off1 == -1
	imm := in.Op1 == Op1Imm
	switch {
	case in.Ext != ExtStone || imm && in.Off2 != 1:
		return kindSlow
	case in.Opcode == OpRet:
		if idle1 && in.AP == APNone {
			return kindRet
		}
		return kindSlow
	case in.Opcode == OpCall:
		return in.callKind()
	case in.Opcode == OpAssertEq:
		return in.assertKind(imm, idle1)
	case in.PC == PCJnz && in.AP != APRes && idle1:
		if imm {
			return kindJnz
		}
		if in.Op1 != Op1Op0 {
			return kindJnzMem
		}
	case imm && idle0 && idle1 && in.Res == ResOp1:
		if in.PC == PCRel && in.AP != APRes {
			return kindJump
		}
		if in.PC == PCNext && in.AP == APRes {
			return kindAddAP
		}
	}
	return kindSlow
}

func (in *Instruction) callKind() kind {
	switch {
	case in.Res != ResOp1 || in.Op1 == Op1Op0:
		return kindSlow
	case in.PC == PCRel && in.Op1 == Op1Imm:
		return kindCall
	case in.PC == PCRel:
		return kindCallMem
	case in.PC == PCAbs && in.Op1 != Op1Imm:
		return kindCallAbs
	}
	return kindSlow
}

func (in *Instruction) assertKind(imm, idle1 bool) kind {
	if in.PC != PCNext || in.AP == APRes {
		return kindSlow
	}
	if in.Op1 == Op1Op0 {
		if in.Res == ResOp1 {
			return kindDeref
		}
		return kindSlow
	}
	plain, withImm := kindCopy, kindImm
	switch in.Res {
	case ResOp1:
		if !idle1 {
			return kindSlow
		}
	case ResAdd:
		plain, withImm = kindAdd, kindAddImm
	case ResMul:
		plain, withImm = kindMul, kindMulImm
	}
	if imm {
		return withImm
	}
	return plain
}

// stopAt returns the decoded instructions with the mark of the end at offset pc.
func (c *Code) stopAt(pc uint64) []op {
	if pc >= uint64(len(c.ops)) {
		return c.ops
	}
	ops := append([]op(nil), c.ops...)
	ops[pc].kind = kindStop
	return ops
}
