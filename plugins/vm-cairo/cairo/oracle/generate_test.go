package oracle_test

import (
	"errors"
	"math/rand/v2"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// scenario is a program with a memory and registers to start from.
type scenario struct {
	words  []felt.Felt
	rules  []machine.Rule // of the segments from 2 on
	writes []write
	moves  map[int]machine.Address
	temps  int
	start  machine.Registers
	limit  uint64
}

type write struct {
	at machine.Address
	v  machine.Cell
}

// generator makes scenarios, legal ones with some luck.
type generator struct {
	*rand.Rand
	s    scenario
	wild bool // things that never work are likely
}

func newScenario(seed uint64) scenario {
	g := generator{Rand: rand.New(rand.NewPCG(seed, 99))}
	g.wild = g.IntN(4) == 0
	g.s.limit = 200
	for range g.IntN(6) {
		g.s.rules = append(g.s.rules, machine.Rule(g.IntN(int(machine.PoseidonRule)+1)))
	}
	if g.IntN(8) == 0 {
		g.s.temps = 1 + g.IntN(2)
		g.s.moves = map[int]machine.Address{}
		for k := range g.s.temps {
			if g.IntN(2) == 0 {
				g.s.moves[-k-1] = machine.Address{Segment: 1 + g.IntN(2), Offset: uint64(g.IntN(50))}
			}
		}
	}
	fp := uint64(2 + g.IntN(10))
	g.s.start = machine.Registers{AP: fp + uint64(g.IntN(4)), FP: fp}
	if g.wild && g.IntN(4) == 0 {
		g.s.start = machine.Registers{PC: g.address(), AP: uint64(g.IntN(4)), FP: uint64(g.IntN(4))}
	}
	g.fill(1, int(fp)+1)
	for i := range g.s.rules {
		g.fill(2+i, g.IntN(20))
	}
	g.program(3 + g.IntN(40))
	return g.s
}

// program appends instructions up to n words. Most of those that fail are taken back.
func (g *generator) program(n int) {
	var probe machine.Machine
	for tries := 0; len(g.s.words) < n && tries < 10*n; tries++ {
		at := len(g.s.words)
		g.instruction()
		if g.IntN(30) == 0 {
			continue
		}
		probe.Reset(machine.NewCode(g.s.words, nil), machine.Config{MaxCells: 1 << 16})
		var failed *machine.RunError
		if err := setUp(&probe, g.s); errors.As(err, &failed) && failed.PC == (machine.Address{Offset: uint64(at)}) {
			g.s.words = g.s.words[:at]
		}
	}
}

// setUp runs s on m.
func setUp(m *machine.Machine, s scenario) error {
	for _, r := range s.rules {
		m.AddSegment(r)
	}
	for range s.temps {
		m.AddTemporary()
	}
	for k, to := range s.moves {
		if err := m.Relocate(machine.Address{Segment: k}, to); err != nil {
			return err
		}
	}
	for _, w := range s.writes {
		_ = m.Write(w.at, w.v) // what a builtin refuses is not there
	}
	m.SetRegisters(s.start)
	return m.Run(end, s.limit)
}

// fill writes most of the first n cells of a segment.
func (g *generator) fill(seg, n int) {
	for off := range n {
		if g.IntN(5) != 0 {
			g.s.writes = append(g.s.writes, write{machine.Address{Segment: seg, Offset: uint64(off)}, g.value()})
		}
	}
}

func (g *generator) address() machine.Address {
	a := machine.Address{Segment: g.IntN(2 + len(g.s.rules)), Offset: uint64(g.IntN(24))}
	if g.s.temps > 0 && g.IntN(3) == 0 {
		a.Segment = -1 - g.IntN(g.s.temps)
	}
	if g.wild && g.IntN(20) == 0 {
		a.Segment = g.IntN(40) - 20
		a.Offset = g.Uint64() >> g.IntN(64)
	}
	return a
}

func (g *generator) value() machine.Cell {
	if g.IntN(3) == 0 {
		return g.address().Cell()
	}
	return machine.FeltCell(g.felt())
}

func (g *generator) felt() (x felt.Felt) {
	switch g.IntN(10) {
	case 0, 1, 2:
		x.SetInt64(int64(g.IntN(12)) - 4)
	case 3:
		x = felt.FromUint64(g.Uint64() >> g.IntN(64))
	case 4: // around the powers of two that matter
		x = felt.FromUint64(1)
		for range pickFrom(g, 31, 32, 63, 64, 96, 127, 128, 191, 192, 200, 250, 251) {
			x.Double(&x)
		}
		x.Sub(&x, new(felt.Felt).SetUint64(uint64(g.IntN(2))))
	case 5:
		p := crypto.Generator()
		x = p.X
		if g.IntN(2) == 0 {
			x = p.Y
		}
	case 6, 7: // words that other words, or the flags of a cell, may be taken for
		var w [4]uint64
		for i := range w {
			w[i] = pickFrom[uint64](g, 0, 0, 0, 1, 1<<63, 1<<62, 1<<61, 1<<63, ^uint64(0))
		}
		w[3] >>= 5
		x.SetWords(w)
	case 8: // packed QM31
		x = felt.Felt{g.Uint64()&0x7fffffff | g.Uint64()&7<<36, g.Uint64() & 0xff00, 0, 0}
	default:
		x.SetWords([4]uint64{g.Uint64(), g.Uint64(), g.Uint64(), g.Uint64()})
	}
	return x
}

func pickFrom[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// instruction appends an instruction, with its immediate.
func (g *generator) instruction() {
	off := func() int16 { return int16(g.IntN(8) - 4) }
	in := machine.Instruction{
		Off0: off(), Off1: off(), Off2: off(), DstFP: g.IntN(2) == 0, Op0FP: g.IntN(2) == 0,
		Op1: pickFrom[uint8](g, 0, 1, 1, 2, 4), AP: pickFrom[uint8](g, 0, 2, 2),
	}
	if g.IntN(2) == 0 {
		in.DstFP, in.Off0 = false, 0 // a new cell, as compilers like it
	}
	if g.IntN(2) == 0 {
		in.Op0FP, in.Off1 = true, -1
	}
	switch g.IntN(12) {
	case 0:
		in.Opcode, in.PC = machine.OpCall, pickFrom[uint8](g, 2, 2, 1)
		in.DstFP, in.Op0FP, in.Off0, in.Off1, in.AP = false, false, 0, 1, 0
	case 1:
		in = machine.Instruction{Off0: -2, Off1: -1, Off2: -1, DstFP: true, Op0FP: true, Op1: 2, PC: 1, Opcode: machine.OpRet}
	case 2:
		in.PC = pickFrom[uint8](g, 1, 2)
		in.DstFP, in.Off0 = true, -1
	case 3, 4:
		in.PC = machine.PCJnz
	case 5:
		in.AP, in.Res = machine.APRes, pickFrom[uint8](g, 0, 1, 2)
		in.DstFP, in.Off0 = true, -1
	case 6:
		in.Ext = pickFrom[uint8](g, 1, 2)
		in.Op1 = pickFrom[uint8](g, 2, 4)
	case 7:
		in.Ext, in.Opcode, in.Res = 3, machine.OpAssertEq, pickFrom[uint8](g, 1, 2)
	default:
		in.Opcode, in.Res = machine.OpAssertEq, pickFrom[uint8](g, 0, 0, 0, 1, 1, 2)
	}
	if in.Op1 == machine.Op1Imm && (!g.wild || g.IntN(8) != 0) {
		in.Off2 = 1
	}
	w := in.Encode()
	if g.wild && g.IntN(6) == 0 {
		w[0] ^= 1 << g.IntN(64)
		w[1] ^= uint64(g.IntN(12) / 11)
	}
	if g.wild && g.IntN(30) == 0 {
		w = g.felt()
	}
	g.s.words = append(g.s.words, w)
	if in.Op1 == machine.Op1Imm {
		imm := g.felt()
		if in.PC != 0 || in.AP == machine.APRes {
			imm.SetInt64(int64(g.IntN(12) - 5))
		}
		g.s.words = append(g.s.words, imm)
	}
}
