package programs

import (
	"fmt"
	"math/rand/v2"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// builder writes code that lays out cells on the stack, each at a distance from fp, and hints in front of it.
type builder struct {
	*rand.Rand
	data  []felt.Felt
	hints map[int][]any
	// cells is how many cells were laid out.
	cells int
	// alloc is the hint that writes the address of a new segment to ap.
	alloc any
}

func newBuilder(seed uint64, alloc any) *builder {
	return &builder{Rand: rand.New(rand.NewPCG(seed, 0)), hints: make(map[int][]any), alloc: alloc}
}

// one returns one of a list.
func one[T any](b *builder, list ...T) T { return list[b.IntN(len(list))] }

// in reports true in one of n cases.
func (b *builder) in(n int) bool { return b.IntN(n) == 0 }

// Flag words of instructions.
const (
	flagsStore = 0x4003 // [fp + a] = [[fp + b] + c]
	flagsLoad  = 0x4802 // [ap] = [[fp + b] + c]; ap++
	flagsPlus  = 0x4826 // [ap] = [fp + b] + immediate; ap++
	flagsSkip  = 0x0407 // ap += immediate
	flagsPush  = 0x4806 // [ap] = immediate; ap++
)

// instruction returns an instruction.
func instruction(flags, dst, op0, op1 int) felt.Felt {
	const bias = 1 << 15
	return felt.FromUint64(uint64(dst+bias) | uint64(op0+bias)<<16 | uint64(op1+bias)<<32 | uint64(flags)<<48) //nolint:gosec // all are small
}

// hint puts a hint in front of the next instruction.
func (b *builder) hint(h any) { b.hints[len(b.data)] = append(b.hints[len(b.data)], h) }

// push lays out a cell with x, and returns where it is.
func (b *builder) push(x felt.Felt) int {
	b.data = append(b.data, instruction(flagsPush, 0, -1, 1), x)
	b.cells++
	return b.cells - 1
}

// skip lays out n cells with nothing, and returns where they begin.
func (b *builder) skip(n int) int {
	b.data = append(b.data, instruction(flagsSkip, -1, -1, 1), felt.FromUint64(uint64(n))) //nolint:gosec // not negative
	b.cells += n
	return b.cells - n
}

// segment lays out a cell with the address of a new segment.
func (b *builder) segment() int {
	b.hint(b.alloc)
	return b.skip(1)
}

// store writes the cell at a place to an offset of the segment whose address is at ptr.
func (b *builder) store(ptr, off, from int) {
	b.data = append(b.data, instruction(flagsStore, from, ptr, off))
}

// load lays out a cell with what is at an offset of the segment whose address is at ptr.
func (b *builder) load(ptr, off int) int {
	b.data = append(b.data, instruction(flagsLoad, 0, ptr, off))
	b.cells++
	return b.cells - 1
}

// plus lays out a cell with the address in another one, moved by n.
func (b *builder) plus(ptr, n int) int {
	b.data = append(b.data, instruction(flagsPlus, 0, ptr, 1), felt.FromUint64(uint64(n))) //nolint:gosec // not negative
	b.cells++
	return b.cells - 1
}

// fill writes n numbers of a width, 0 for any, to a segment.
func (b *builder) fill(ptr, n, width int) {
	for i := range n {
		x := b.bits(width)
		if width == 0 || b.in(50) {
			x = b.felt()
		}
		b.store(ptr, i, b.push(x))
	}
}

// bits returns a number of at most so many bits, 192 at most.
func (b *builder) bits(width int) felt.Felt {
	x := felt.Felt{b.Uint64(), b.Uint64(), b.Uint64()}
	for i := range x {
		switch rest := width - 64*i; {
		case rest <= 0:
			x[i] = 0
		case rest < 64:
			x[i] &= 1<<rest - 1
		}
	}
	return x
}

// moduli are the moduli that hints know, in limbs of 86 bits, and halves of them.
var moduli = []string{
	"0x3ffffffffffffffffffffc", "0x3ffffffefffffc2f", "0x3fffffffffffffffffffff", "0x3ffffffffffffffefffffc2f", "0xfffffffffffffffffffff",
	"0x3fffffffffffffffffffed", "0x7ffffffffffffffffffff", "0xffffffff00000001000000", "0x3fffffffffffff", "0x3ffffffff0000000100000",
	"0x400000000000008800000000000000000000000000000000000000000000000", "0x2aaaaaaaaaaab05aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	"0xffffffffffffffffffffffffffffffff", "0x100000000000000000000000000000000",
}

// felt returns a number of one of the kinds that matter to hints.
func (b *builder) felt() (x felt.Felt) {
	switch b.IntN(8) {
	case 0:
		return *x.SetInt64(b.Int64N(12) - 3)
	case 1: // near a power of two
		n, two := felt.FromUint64(one(b, uint64(31), 32, 63, 64, 85, 86, 96, 104, 127, 128, 191, 192, 199, 200, 249, 250, 251)), felt.FromUint64(2)
		x.Exp(&two, &n)
		n.SetInt64(b.Int64N(5) - 2)
		return *x.Add(&x, &n)
	case 2:
		y := felt.MustParse(one(b, moduli...))
		x.SetInt64(b.Int64N(3) - 1)
		return *x.Add(&x, &y)
	case 3:
		return *x.SetInt64(-b.Int64())
	case 4:
		return *x.SetWords([4]uint64{b.Uint64(), b.Uint64(), b.Uint64(), b.Uint64()})
	}
	return b.bits(one(b, 32, 64, 86, 96, 128))
}

// hexes returns numbers as files have them.
func hexes(list []felt.Felt) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Hex()
	}
	return out
}

// prime is the modulus as files have it.
var prime = fmt.Sprintf("0x%x", felt.Modulus())
