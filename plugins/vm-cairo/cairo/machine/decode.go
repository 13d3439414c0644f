package machine

import "github.com/switchyard-dev/switchyard/framework/felt"

// Instruction is a decoded instruction word. The fields hold the numbers of the encoding: see the
// constants. The zero value is not an instruction that a compiler makes.
type Instruction struct {
	Off0, Off1, Off2 int16
	DstFP, Op0FP     bool // the register of dst and of op0 is fp, not ap
	Op1              uint8
	Res              uint8
	PC               uint8
	AP               uint8
	Opcode           uint8
	Ext              uint8
}

// Values of [Instruction.Op1].
const (
	Op1Op0 = 0
	Op1Imm = 1
	Op1FP  = 2
	Op1AP  = 4
)

// Values of [Instruction.Res]. ResOp1 with [PCJnz] means that there is no res.
const (
	ResOp1 = 0
	ResAdd = 1
	ResMul = 2
)

// Values of [Instruction.PC].
const (
	PCNext = 0
	PCAbs  = 1
	PCRel  = 2
	PCJnz  = 4
)

// Values of [Instruction.AP]. APNone of a call means ap + 2.
const (
	APNone = 0
	APRes  = 1
	APInc  = 2
)

// Values of [Instruction.Opcode].
const (
	OpNop      = 0
	OpCall     = 1
	OpRet      = 2
	OpAssertEq = 4
)

// Values of [Instruction.Ext], the opcode extension.
const (
	ExtStone         = 0
	ExtBlake         = 1
	ExtBlakeFinalize = 2
	ExtQM31          = 3
)

// bias is what offsets are shifted by in the encoding.
const bias = 1 << 15

// Decode returns the instruction in w, or an error of kind [BadEncoding] with the text of the
// first rule broken, in the order of the reference (vm/src/vm/decoding/decoder.rs).
func Decode(w felt.Felt) (Instruction, error) {
	if !w.IsUint128() {
		return Instruction{}, fail(BadEncoding, "Instruction should be an int")
	}
	f := w[0] >> 48
	in := Instruction{
		Off0:  int16(w[0] ^ bias), //nolint:gosec // takes the lowest 16 bits
		Off1:  int16(w[0]>>16 ^ bias),
		Off2:  int16(w[0]>>32 ^ bias),
		DstFP: f&1 != 0, Op0FP: f>>1&1 != 0,
		Op1: uint8(f >> 2 & 7), Res: uint8(f >> 5 & 3), PC: uint8(f >> 7 & 7),
		AP: uint8(f >> 10 & 3), Opcode: uint8(f >> 12 & 7),
	}
	ext := w[0]>>63 | w[1]<<1
	bad := func(what string, v any) (Instruction, error) {
		return Instruction{}, fail(BadEncoding, "Invalid %s value: %v", what, v)
	}
	oneHot := func(v uint8) bool { return v == 3 || v > 4 }
	switch {
	case oneHot(in.Op1):
		return bad("op1_register", in.Op1)
	case oneHot(in.PC):
		return bad("pc_update", in.PC)
	case in.Res == 3 || in.Res != ResOp1 && in.PC == PCJnz:
		return bad("res", in.Res)
	case oneHot(in.Opcode):
		return bad("opcode", in.Opcode)
	case ext > ExtQM31 || w[1]>>63 != 0:
		n := felt.Felt{ext, w[1] >> 63}
		return bad("opcode extension", n.Decimal())
	}
	in.Ext = uint8(ext)
	if text := in.badExtension(); text != "" {
		return Instruction{}, fail(BadEncoding, "%s opcode invalid flags %d", text, f&0x7fff)
	}
	switch {
	case in.AP == 3 || in.AP != APNone && in.Opcode == OpCall:
		return bad("ap_update", in.AP)
	case in.badShape():
		return bad("opcode", in.Opcode)
	}
	return in, nil
}

// badExtension names the extension whose rules the flags of in break.
func (in *Instruction) badExtension() string {
	plain := in.PC == PCNext && (in.AP == APNone || in.AP == APInc)
	switch in.Ext {
	case ExtBlake, ExtBlakeFinalize:
		if !plain || in.Opcode != OpNop || in.Op1 != Op1FP && in.Op1 != Op1AP || in.Res != ResOp1 {
			return "Blake2s"
		}
	case ExtQM31:
		if !plain || in.Opcode != OpAssertEq || in.Op1 == Op1Op0 || in.Res == ResOp1 {
			return "QM31 add mul"
		}
	}
	return ""
}

// badShape reports whether in is a call or a ret with operands that those must not have.
func (in *Instruction) badShape() bool {
	switch in.Opcode {
	case OpCall:
		return in.Off0 != 0 || in.Off1 != 1 || in.DstFP || in.Op0FP
	case OpRet:
		return in.Off0 != -2 || in.Off2 != -1 || !in.DstFP || in.Op1 != Op1FP || in.Res != ResOp1 || in.PC != PCAbs
	}
	return false
}

// Encode returns the word of in.
func (in Instruction) Encode() felt.Felt {
	var f uint64
	if in.DstFP {
		f |= 1
	}
	if in.Op0FP {
		f |= 2
	}
	f |= uint64(in.Op1)<<2 | uint64(in.Res)<<5 | uint64(in.PC)<<7 | uint64(in.AP)<<10 | uint64(in.Opcode)<<12
	off := func(v int16) uint64 { return uint64(uint16(v)) ^ bias }
	w := f<<48 | off(in.Off2)<<32 | off(in.Off1)<<16 | off(in.Off0)
	return felt.Felt{w | uint64(in.Ext)<<63, uint64(in.Ext) >> 1}
}

// Size returns the number of cells of in: 2 with an immediate, else 1.
func (in *Instruction) Size() uint64 {
	if in.Op1 == Op1Imm {
		return 2
	}
	return 1
}

// IsCall reports whether w is a call as the reference looks for one when it makes a traceback.
func IsCall(w felt.Felt) bool {
	in, err := Decode(w)
	return err == nil && in.Opcode == OpCall && in.Res == ResOp1 && (in.PC == PCAbs || in.PC == PCRel)
}
