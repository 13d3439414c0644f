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
		at, low, high := c.blakeInput()
		c.writeAll(at, append(low, high...))
	},
	"BLAKE2S_ADD_UINT256_BIGEND": func(c *Call) {
		at, low, high := c.blakeInput()
		all := append(low, high...)
		slices.Reverse(all)
		c.writeAll(at, all)
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
func (c *Call) blakeInput() (at machine.Address, low, high []uint64) {
	at = c.Pointer("data")
	lowAt, highAt := c.Address("low"), c.Address("high")
	return at, words32(c.ReadFelt(lowAt)), words32(c.ReadFelt(highAt))
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
	in := append(c.range32(from, 8), c.range32(from.Plus(8), 16)...)
	in = append(in, c.readAll32(from.Plus(24), 2)...)
	h, message := [8]uint32(narrow(in[:8])), [16]uint32(narrow(in[8:24]))
	if f := in[25]; f != 0 && f != 0xffffffff {
		c.Failf("Invalid value for f0. Got: %d. Expected: 0 or 4294967295", f)
	}
	crypto.Blake2sCompress(&h, &message, in[24], in[25] != 0)
	c.writeAll(out, widen(h[:]))
}

func widen(words []uint32) []uint64 {
	all := make([]uint64, len(words))
	for i, w := range words {
		all[i] = uint64(w)
	}
	return all
}

// blake2sFinalize writes dummy instances: an empty message and its hash. How many is a constant of the library, at
// which the reference does not look.
func blake2sFinalize(c *Call, stateFirst bool) {
	const instances = 7 - 1
	at := c.Pointer("blake2s_ptr_end")
	state := widen(blake2sIV[:])
	h, message := blake2sIV, [16]uint32{}
	crypto.Blake2sCompress(&h, &message, 0, true)
	var instance []uint64
	if stateFirst {
		instance = append(state, make([]uint64, 16)...)
	} else {
		instance = append(make([]uint64, 16), state...)
	}
	instance = append(instance, 0, 0xffffffff)
	instance = append(instance, widen(h[:])...)
	c.writeAll(at, slices.Repeat(instance, instances))
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
		words := []uint64{x[0] >> 32, x[0] & 0xffffffff}
		if x.BitLen() > 63 {
			words = nil
			for k := len(x) - 1; k >= 0; k-- {
				words = append(words, x[k]>>32, x[k]&0xffffffff)
			}
			words[0] |= 1 << 31
		}
		c.writeAll(to, words)
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
	h, block := blake2sIV, [16]uint32(narrow(c.range32(from, 16)))
	crypto.Blake2sCompress(&h, &block, n[0], true)
	c.writeAll(out, widen(h[:]))
}
