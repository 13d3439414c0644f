package programs

import "github.com/switchyard-dev/switchyard/framework/felt"

// codeProgram returns a program with random instructions on a few cells.
func codeProgram(seed uint64) any {
	b := newBuilder(seed, "memory[ap] = segments.add()")
	for range 3 + b.IntN(11) {
		switch b.IntN(8) {
		case 0:
			at := b.segment()
			b.fill(at, b.IntN(3), 0)
		case 1:
			b.skip(b.IntN(2))
		case 2: // the pointer of the range checks
			b.data = append(b.data, felt.MustParse("0x480a7ffd7fff8000"))
			b.cells++
		default:
			b.push(b.felt())
		}
	}
	broken := b.in(4)
	for range one(b, 1, 1, 2, 4) {
		b.random(broken)
	}
	p := &program0{builder: b}
	return p.file()
}

// shape is the fields of an instruction, in the order of its bits.
type shape struct{ dst, op0, op1, result, pc, ap, opcode, extension int }

// random adds an instruction. A broken one has a wrong bit now and then.
func (b *builder) random(broken bool) {
	s := shape{dst: b.IntN(2), op0: b.IntN(2), op1: one(b, 0, 1, 1, 2, 4)}
	off := [...]int{b.offset(s.dst == 1), b.offset(s.op0 == 1), b.IntN(5) - 2}
	switch s.op1 {
	case 1:
		off[2] = 1
	case 2, 4:
		off[2] = b.offset(s.op1 == 2)
	}
	if !b.in(5) { // the result has a cell of its own
		s.dst, off[0] = 0, 0
	}
	if b.in(3) {
		s.op0, off[1] = 1, -1
	}
	kind := b.IntN(24)
	b.operation(&s, &off, kind)
	word := instruction(s.dst|s.op0<<1|s.op1<<2|s.result<<5|s.pc<<7|s.ap<<10|s.opcode<<12, off[0], off[1], off[2])
	word[0] |= uint64(s.extension) << 63 //nolint:gosec // not negative
	word[1] |= uint64(s.extension) >> 1  //nolint:gosec // not negative
	if broken && b.in(10) {
		word[0] ^= 1 << b.IntN(48)
	}
	b.data = append(b.data, word)
	if s.op1 != 1 {
		return
	}
	x := b.felt()
	switch {
	case kind == kindQM31: // four numbers of 31 bits, each in 36
		x = felt.Felt{b.Uint64() & 0x7fffffff7fffffff, b.Uint64() & 0x7ffffff00, 0, 0}
	case (s.pc != 0 || s.ap == 1) && !b.in(20):
		x.SetInt64(one(b, int64(2), 2, 2, 3, 1, 4, 0, -2, 5))
	}
	b.data = append(b.data, x)
}

// Kinds of operations that come less often than assertions.
const (
	kindCall = iota
	kindJump
	kindBranch
	kindBranch2
	kindMove
	kindQM31
	kindBlake
)

// operation gives an instruction of a kind its operation.
func (b *builder) operation(s *shape, off *[3]int, kind int) {
	switch kind {
	case kindCall:
		s.pc, s.opcode, s.dst, s.op0, off[0], off[1] = one(b, 1, 2), 1, 0, 0, 0, 1
	case kindJump:
		s.pc, s.ap, s.dst, off[0] = one(b, 1, 2), one(b, 0, 2), 1, -1
	case kindBranch, kindBranch2:
		s.pc, s.ap = 4, one(b, 0, 0, 0, 2, 2, 2, 1)
	case kindMove:
		s.result, s.ap, s.dst, off[0] = b.IntN(3), 1, 1, -1
	case kindQM31:
		s.result, s.ap, s.opcode, s.extension = one(b, 1, 2), one(b, 0, 2), 4, 3
		if s.op1 == 0 {
			s.op1, off[2] = 1, 1
		}
	case kindBlake:
		s.ap, s.extension = one(b, 0, 2), one(b, 1, 2)
		if s.op1 < 2 {
			s.op1, off[2] = 2, b.offset(true)
		}
	default:
		s.result, s.ap, s.opcode = one(b, 0, 0, 0, 1, 1, 2), one(b, 0, 2, 2), 4
		if b.in(8) {
			s.pc = one(b, 1, 2, 4)
		}
	}
}

// offset returns the distance of a cell from fp, or from ap: mostly of one that was laid out.
func (b *builder) offset(fp bool) int {
	if b.in(8) {
		return b.IntN(b.cells+7) - 4 // or of one beside them
	}
	if fp {
		return b.IntN(b.cells)
	}
	return b.IntN(b.cells) - b.cells
}
