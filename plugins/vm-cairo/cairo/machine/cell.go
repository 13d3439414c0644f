package machine

import (
	"fmt"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// Cell is the content of a memory cell: nothing, a felt or an address. The zero value is nothing.
//
// A felt is canonical and needs 252 bits. What is left of the top word says what the cell is, so
// that fresh memory is empty memory and the garbage collector has nothing to scan. It is a struct
// and not an array because the compiler keeps small structs in registers.
type Cell struct{ w0, w1, w2, top uint64 }

// The flags of the top word. An address has its offset in w0 and its segment in w1.
const (
	known  = 1 << 63 // the cell is not empty
	rel    = 1 << 62 // it is an address
	hosted = 1 << 61 // the host wrote it, and no instruction has used it since
	flags  = known | rel | hosted
)

// Address is a place in memory. Segments below 0 are temporary.
type Address struct {
	Segment int
	Offset  uint64
}

// String returns a as the reference prints it, segment:offset.
func (a Address) String() string {
	return strconv.Itoa(a.Segment) + ":" + strconv.FormatUint(a.Offset, 10)
}

// Plus returns a moved by n cells; the offset wraps around silently.
func (a Address) Plus(n uint64) Address { return Address{a.Segment, a.Offset + n} }

// Cell returns a as the content of a cell.
func (a Address) Cell() Cell { return Cell{a.Offset, uint64(a.Segment), 0, known | rel} }

// FeltCell returns x as the content of a cell.
func FeltCell(x felt.Felt) Cell { return Cell{x[0], x[1], x[2], x[3] | known} }

// UintCell returns the felt x as the content of a cell.
func UintCell(x uint64) Cell { return Cell{x, 0, 0, known} }

// Known reports whether c is not empty.
func (c Cell) Known() bool { return c.top&known != 0 }

// Felt returns the felt in c, and whether there is one.
func (c Cell) Felt() (felt.Felt, bool) {
	return felt.Felt{c.w0, c.w1, c.w2, c.top &^ flags}, c.top&(known|rel) == known
}

// Uint64 returns the felt in c, and whether there is one and it fits.
func (c Cell) Uint64() (uint64, bool) {
	return c.w0, c.top&^hosted == known && c.w1|c.w2 == 0
}

// Address returns the address in c, and whether there is one.
func (c Cell) Address() (Address, bool) {
	if c.top&rel == 0 {
		return Address{}, false
	}
	return Address{int(c.w1), c.w0}, true
}

// IsZero reports whether c is the felt 0. An address never is.
func (c Cell) IsZero() bool { return c.plain() == Cell{top: known} }

// Equal reports whether c and d are the same. A felt and an address never are.
func (c Cell) Equal(d Cell) bool {
	return c.w0 == d.w0 && c.w1 == d.w1 && c.w2 == d.w2 && (c.top^d.top)&^hosted == 0
}

// plain returns c without the flag that says who wrote it.
func (c Cell) plain() Cell {
	c.top &^= hosted
	return c
}

// felt returns the felt in c, which must hold one.
func (c Cell) felt() felt.Felt { return felt.Felt{c.w0, c.w1, c.w2, c.top &^ flags} }

// isFelt reports whether c holds a felt.
func (c Cell) isFelt() bool { return c.top&(known|rel) == known }

// String returns c as the reference prints values: a decimal number or segment:offset.
func (c Cell) String() string {
	if a, ok := c.Address(); ok {
		return a.String()
	}
	if x, ok := c.Felt(); ok {
		return x.Decimal()
	}
	return "<empty>"
}

// debug returns c in the reference's form for debugging, which some error texts hold.
func (c Cell) debug() string {
	if a, ok := c.Address(); ok {
		return "RelocatableValue(" + a.debug() + ")"
	}
	return "Int(" + c.String() + ")"
}

// debug returns a in the reference's form for debugging.
func (a Address) debug() string {
	return fmt.Sprintf("Relocatable { segment_index: %d, offset: %d }", a.Segment, a.Offset)
}
