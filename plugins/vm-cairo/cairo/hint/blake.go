package hint

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// blakeHints are those of cairo_blake2s.
var blakeHints = map[string]Func{
	"BLAKE2S_COMPUTE":     blake2sCompute,
	"BLAKE2S_FINALIZE":    func(c *Call) { blake2sFinalize(c, true) },
	"BLAKE2S_FINALIZE_V2": func(c *Call) { blake2sFinalize(c, true) },
	"BLAKE2S_FINALIZE_V3": func(c *Call) { blake2sFinalize(c, false) },
	"BLAKE2S_ADD_UINT256": func(c *Call) {
		at, words := c.blakeInput()
		c.writeAll32(at, words[:])
	},
	"BLAKE2S_ADD_UINT256_BIGEND": func(c *Call) {
		at, words := c.blakeInput()
		slices.Reverse(words[:])
		c.writeAll32(at, words[:])
	},
	"IS_LESS_THAN_63_BITS_AND_NOT_END": func(c *Call) {
		end, at := c.Pointer("end"), c.Pointer("packed_values")
		if c.Failed() || end == at {
			c.SetAP(boolCell(false))
			return
		}
		x := c.ReadFelt(at)
		c.SetAP(boolCell(x.BitLen() <= 63))
	},
	"BLAKE2S_UNPACK_FELTS":     unpackFelts,
	"EXAMPLE_BLAKE2S_COMPRESS": exampleCompress,
}

// blakeInput returns where words of 32 bits go, and the words of both halves of the number, the lowest first.
func (c *Call) blakeInput() (at machine.Address, words [8]uint32) {
	at = c.Pointer("data")
	lowAt, highAt := c.Address("low"), c.Address("high")
	low, high := c.ReadFelt(lowAt), c.ReadFelt(highAt)
	for i, w := range [...]uint64{low[0], low[1], high[0], high[1]} {
		words[2*i], words[2*i+1] = uint32(w), uint32(w>>32) //nolint:gosec // cut off on purpose
	}
	return at, words
}

// blake2sIV is the initial state of Blake2s, RFC 7693, 2.6, with the parameters of a plain hash of 32 bytes.
var blake2sIV = [8]uint32{
	0x6A09E667 ^ 0x01010020, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
}

// blake2sCompute compresses the instance whose output is at ids.output: state, message, counter and the final mark
// stand before it.
func blake2sCompute(c *Call) {
	const inputs = 8 + 16 + 2
	out := c.Pointer("output")
	if out.Offset < inputs {
		c.Failf("Operation failed: %v - %d, offsets cant be negative", out, inputs)
	}
	if c.Failed() {
		return
	}
	from := out.Plus(^uint64(inputs) + 1)
	var h [8]uint32
	var message [16]uint32
	var last [2]uint32
	c.range32(from, h[:])
	c.range32(from.Plus(8), message[:])
	c.readAll32(from.Plus(24), last[:])
	count, f := last[0], last[1]
	if f != 0 && f != 0xffffffff {
		c.Failf("Invalid value for f0. Got: %d. Expected: 0 or 4294967295", f)
	}
	crypto.Blake2sCompress(&h, &message, uint64(count), f != 0)
	c.writeAll32(out, h[:])
}

// blake2sFinalize writes dummy instances: an empty message and its hash. How many is a constant of the library, at
// which the reference does not look.
func blake2sFinalize(c *Call, stateFirst bool) {
	const instances = 7 - 1
	at := c.Pointer("blake2s_ptr_end")
	h, message := blake2sIV, [16]uint32{}
	crypto.Blake2sCompress(&h, &message, 0, true)
	var instance [8 + 16 + 2 + 8]uint32 // state and empty message, counter and final mark, output
	if stateFirst {
		copy(instance[:], blake2sIV[:])
	} else {
		copy(instance[16:], blake2sIV[:])
	}
	instance[25] = 0xffffffff
	copy(instance[26:], h[:])
	c.repeat(at, instance[:], instances)
}

// unpackFelts writes felts as words of 32 bits, the highest first: two words for one below 2^63, else eight with the
// highest bit set.
func unpackFelts(c *Call) {
	n, from, to := c.Felt("packed_values_len"), c.Pointer("packed_values"), c.Pointer("unpacked_u32s")
	if !n.IsUint64() {
		c.Failf("Conversion to usize failed for Felt252 %s", n.Decimal())
	}
	for i := uint64(0); i < n[0] && !c.Failed(); i++ {
		x := c.ReadFelt(from.Plus(i))
		var all [8]uint32
		for k, w := range slices.Backward(x[:]) {
			all[6-2*k], all[7-2*k] = uint32(w>>32), uint32(w) //nolint:gosec // cut off on purpose
		}
		words := all[6:]
		if x.BitLen() > 63 {
			words = all[:]
			words[0] |= 1 << 31
		}
		c.writeAll32(to, words)
		to = to.Plus(uint64(len(words)))
	}
}

// exampleCompress hashes one block, as an example of the Cairo documentation does.
func exampleCompress(c *Call) {
	from, out, n := c.Pointer("blake2s_start"), c.Pointer("output"), c.Felt("n_bytes")
	if n.BitLen() > 32 {
		c.Failf("Conversion to u32 failed for Felt252 %s", n.Decimal())
	}
	if c.Failed() {
		return
	}
	h, block := blake2sIV, [16]uint32{}
	c.range32(from, block[:])
	crypto.Blake2sCompress(&h, &block, n[0], true)
	c.writeAll32(out, h[:])
}
