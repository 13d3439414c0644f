package hint

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// hashHints are those of poseidon, keccak and cairo_keccak.
var hashHints = map[string]Func{
	"NONDET_N_GREATER_THAN_10": func(c *Call) { c.SetAP(boolCell(atLeast(c.Felt("n"), 10))) },
	"NONDET_N_GREATER_THAN_2":  func(c *Call) { c.SetAP(boolCell(atLeast(c.Felt("n"), 2))) },
	"NONDET_ELEMENTS_OVER_TEN": func(c *Call) { elementsOver(c, 10) },
	"NONDET_ELEMENTS_OVER_TWO": func(c *Call) { elementsOver(c, 2) },
	"COMPARE_BYTES_IN_WORD_NONDET": func(c *Call) {
		n, word := c.Felt("n_bytes"), c.Constant("BYTES_IN_WORD")
		c.SetAP(boolCell(n.Less(&word)))
	},
	"COMPARE_KECCAK_FULL_RATE_IN_BYTES_NONDET": func(c *Call) {
		n, rate := c.Felt("n_bytes"), c.Constant("KECCAK_FULL_RATE_IN_BYTES")
		c.SetAP(boolCell(!n.Less(&rate)))
	},
	"CAIRO_KECCAK_INPUT_IS_FULL_WORD": func(c *Call) { c.SetBool("full_word", atLeast(c.Felt("n_bytes"), 8)) },
	"SPLIT_N_BYTES": func(c *Call) {
		n, word := c.Felt("n_bytes"), c.Constant("BYTES_IN_WORD")
		if !n.IsUint64() {
			c.Failf("Conversion to u64 failed for Felt252 %s", n.Decimal())
			return
		}
		if word.IsZero() {
			c.Failf("Attempted to divide by zero")
			return
		}
		var q, r felt.Felt
		q.QuoRem(&n, &word, &r)
		c.SetFelt("n_words_to_copy", q)
		c.SetFelt("n_bytes_left", r)
	},
	"KECCAK_WRITE_ARGS": func(c *Call) {
		at, low, high := c.Pointer("inputs"), c.Felt("low"), c.Felt("high")
		for i, x := range [...]felt.Felt{{high[1], high[2], high[3]}, {high[0]}, {low[1], low[2], low[3]}, {low[0]}} {
			c.Write(at.Plus(uint64(3-i)), machine.FeltCell(x))
		}
	},
	"BLOCK_PERMUTATION":              permuteBefore,
	"BLOCK_PERMUTATION_WHITELIST_V1": permuteBefore,
	"BLOCK_PERMUTATION_WHITELIST_V2": func(c *Call) { c.permute(c.Pointer("keccak_ptr_start"), c.Pointer("output")) },
	"CAIRO_KECCAK_FINALIZE_V1":       func(c *Call) { keccakFinalize(c, 10) },
	"CAIRO_KECCAK_FINALIZE_V2":       func(c *Call) { keccakFinalize(c, 1000) },
	"UNSAFE_KECCAK":                  unsafeKeccak,
	"UNSAFE_KECCAK_FINALIZE":         unsafeKeccakFinalize,
}

func atLeast(x felt.Felt, n uint64) bool { return !x.IsUint64() || x[0] >= n }

func elementsOver(c *Call, n uint64) {
	to, from := c.Pointer("elements_end"), c.Pointer("elements")
	c.SetAP(boolCell(c.distance(to, from) >= n))
}

// distance returns how far to is behind from, which has to be before it in the same segment.
func (c *Call) distance(to, from machine.Address) uint64 {
	switch {
	case from.Segment != to.Segment:
		c.Failf("Operation failed: %v - %v, can't subtract two relocatable values with different segment indexes", to, from)
	case to.Offset < from.Offset:
		c.Failf("Operation failed: %v - %v, offsets cant be negative", to, from.Offset)
	}
	return to.Offset - from.Offset
}

// writeAll writes numbers to consecutive cells, the last first, as the reference does: it shows in the texts of errors.
func (c *Call) writeAll(at machine.Address, words []uint64) {
	for i, w := range slices.Backward(words) {
		c.Write(at.Plus(uint64(i)), machine.UintCell(w))
	}
}

// readAll64 reads numbers of 64 bits from consecutive cells.
func (c *Call) readAll64(at machine.Address, words []uint64) {
	for i := range words {
		v := c.VM().Read(at.Plus(uint64(i)))
		x, ok := v.Felt()
		if !ok {
			c.Failf("Expected integer, found: %s", option(v))
		}
		if !x.IsUint64() {
			c.Failf("Conversion to u64 failed for Felt252 %s", x.Decimal())
		}
		words[i] = x[0]
	}
}

// option returns the reference's form of what a cell without a number holds.
func option(v machine.Cell) string {
	if a, ok := v.Address(); ok {
		return fmt.Sprintf("Some(RelocatableValue(Relocatable { segment_index: %d, offset: %d }))", a.Segment, a.Offset)
	}
	return "None"
}

// readAll32 reads numbers of 32 bits from consecutive cells.
func (c *Call) readAll32(at machine.Address, words []uint32) {
	for i := range words {
		x := c.ReadFelt(at.Plus(uint64(i)))
		if x.BitLen() > 32 {
			c.Failf("Conversion to u32 failed for Felt252 %s", x.Decimal())
		}
		words[i] = uint32(x[0]) //nolint:gosec // checked
	}
}

// range32 reads numbers of 32 bits from consecutive cells, which all have to be there before one is too large.
func (c *Call) range32(at machine.Address, words []uint32) {
	large := false
	for i := range words {
		x := c.ReadFelt(at.Plus(uint64(i)))
		words[i], large = uint32(x[0]), large || x.BitLen() > 32 //nolint:gosec // checked
	}
	if large {
		c.Failf("Couldn't convert BigInt to u32")
	}
}

// writeAll32 writes numbers as writeAll does.
func (c *Call) writeAll32(at machine.Address, words []uint32) {
	for i, w := range slices.Backward(words) {
		c.Write(at.Plus(uint64(i)), machine.UintCell(uint64(w)))
	}
}

// repeat writes numbers n times, one behind the other; the last one first.
func (c *Call) repeat(at machine.Address, words []uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		c.writeAll32(at.Plus(uint64(i*len(words))), words) //nolint:gosec // not negative
	}
}

// lanes is the size of the state of Keccak in words.
const lanes = 25

// stateSize checks the constant of that name, which programs of the library have.
func (c *Call) stateSize() {
	if n := c.Constant("KECCAK_STATE_SIZE_FELTS"); n != felt.FromUint64(lanes) {
		c.Failf("Expected size to be in the range from [0, 100), got: %s", n.Decimal())
	}
}

func permuteBefore(c *Call) {
	at := c.Pointer("keccak_ptr")
	if n := c.Constant("KECCAK_STATE_SIZE_FELTS"); n.IsUint64() && at.Offset < n[0] {
		c.Failf("Operation failed: %v - %d, offsets cant be negative", at, n[0])
	}
	c.permute(at.Plus(^uint64(lanes)+1), at)
}

// permute applies Keccak-f[1600] to the words at from.
func (c *Call) permute(from, to machine.Address) {
	c.stateSize()
	if c.Failed() {
		return
	}
	var s [lanes]uint64
	c.readAll64(from, s[:])
	crypto.KeccakF1600(&s)
	c.writeAll(to, s[:])
}

// keccakFinalize writes dummy instances: a state of zeros and what becomes of it.
func keccakFinalize(c *Call, limit uint64) {
	at, n := c.Pointer("keccak_ptr_end"), c.Constant("BLOCK_SIZE")
	c.stateSize()
	if atLeast(n, limit) {
		c.Failf("Expected size to be in range from [0, 10), got: %s", n.Decimal())
	}
	if c.Failed() {
		return
	}
	var instance [2 * lanes]uint64
	crypto.KeccakF1600((*[lanes]uint64)(instance[lanes:]))
	for i := n[0]; i > 0; i-- {
		c.writeAll(at.Plus((i-1)*2*lanes), instance[:])
	}
}

// setHash writes a hash of 32 bytes to ids.high and ids.low.
func (c *Call) setHash(h [32]byte) {
	var x felt.Felt
	c.SetFelt("high", *x.SetBytesReduce(h[:16]))
	c.SetFelt("low", *x.SetBytesReduce(h[16:]))
}

func unsafeKeccak(c *Call) {
	length := c.Felt("length")
	c.atMost(length, "__keccak_max_size", "unsafe_keccak() can only be used with length<=%s. Got: length=%s")
	at := c.Pointer("data")
	if !length.IsUint64() {
		c.Failf("Invalid input length, Got: length=%s", length.Decimal())
	}
	input := c.run.bytes[:0]
	for i := uint64(0); i*16 < length[0] && !c.Failed(); i++ {
		n := int(min(16, length[0]-i*16))
		x := c.ReadFelt(at.Plus(i))
		if x.BitLen() > 8*n {
			c.Failf("Invalid word size: %s", x.Decimal())
		}
		b := x.Bytes()
		input = append(input, b[32-n:]...)
	}
	c.run.bytes = input
	if !c.Failed() {
		c.setHash(crypto.Keccak256(input))
	}
}

func unsafeKeccakFinalize(c *Call) {
	state, from := c.Address("keccak_state"), c.Pointer("keccak_state")
	to := c.readPointer(state.Plus(1))
	c.distance(to, from)
	input := c.run.bytes[:0]
	for ; !c.Failed() && from != to; from.Offset++ {
		x := c.ReadFelt(from)
		b := x.Bytes()
		input = append(input, b[16:]...)
	}
	c.run.bytes = input
	if !c.Failed() {
		c.setHash(crypto.Keccak256(input))
	}
}
