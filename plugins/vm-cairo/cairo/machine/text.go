package machine

import (
	"fmt"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Text returns the instruction in the syntax of Cairo. Imm is the word behind it, nil if that is not known.
func (in *Instruction) Text(imm *felt.Felt) string {
	var text string
	res := in.resText(imm)
	dst := place(in.DstFP, in.Off0)
	switch {
	case in.Ext == ExtBlake:
		text = fmt.Sprintf("blake2s %s, %s, %s", place(in.Op0FP, in.Off1), in.op1Text(imm), dst)
	case in.Ext == ExtBlakeFinalize:
		text = fmt.Sprintf("blake2s_last %s, %s, %s", place(in.Op0FP, in.Off1), in.op1Text(imm), dst)
	case in.Opcode == OpRet:
		return "ret"
	case in.Opcode == OpCall:
		return "call " + in.jump() + res
	case in.Opcode == OpAssertEq:
		text = dst + " = " + res
		if in.Ext == ExtQM31 {
			text = "qm31 " + text
		}
		if in.PC != PCNext {
			text += "; jmp " + in.jump() + res
		}
	case in.PC == PCJnz:
		text = "jmp rel " + in.op1Text(imm) + " if " + dst + " != 0"
	case in.PC != PCNext:
		text = "jmp " + in.jump() + res
	case in.AP == APRes:
		return "ap += " + res
	default:
		text = "nop"
	}
	switch in.AP {
	case APInc:
		text += "; ap++"
	case APRes:
		text += "; ap += " + res
	}
	return text
}

func (in *Instruction) jump() string {
	if in.PC == PCAbs {
		return "abs "
	}
	return "rel "
}

// resText returns what res is computed from.
func (in *Instruction) resText(imm *felt.Felt) string {
	op1 := in.op1Text(imm)
	switch in.Res {
	case ResAdd:
		if after, negative := strings.CutPrefix(op1, "-"); negative {
			return place(in.Op0FP, in.Off1) + " - " + after
		}
		return place(in.Op0FP, in.Off1) + " + " + op1
	case ResMul:
		return place(in.Op0FP, in.Off1) + " * " + op1
	}
	return op1
}

func (in *Instruction) op1Text(imm *felt.Felt) string {
	switch in.Op1 {
	case Op1Imm:
		if imm == nil {
			return "?"
		}
		x, negative := imm.Signed()
		if negative {
			return "-" + x.Decimal()
		}
		return x.Decimal()
	case Op1Op0:
		return "[" + place(in.Op0FP, in.Off1) + shift(in.Off2) + "]"
	}
	return place(in.Op1 == Op1FP, in.Off2)
}

// place returns the cell at a distance from fp or ap.
func place(fp bool, off int16) string {
	if fp {
		return "[fp" + shift(off) + "]"
	}
	return "[ap" + shift(off) + "]"
}

func shift(off int16) string {
	switch {
	case off < 0:
		return fmt.Sprintf(" - %d", -int(off))
	case off > 0:
		return fmt.Sprintf(" + %d", off)
	}
	return ""
}
