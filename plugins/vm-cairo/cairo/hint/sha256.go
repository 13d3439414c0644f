package hint

import (
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// sha256Hints are those of cairo_sha256.
var sha256Hints = map[string]Func{
	"SHA256_INPUT": func(c *Call) { c.SetBool("full_word", atLeast(c.Felt("n_bytes"), 4)) },
	"SHA256_MAIN_CONSTANT_INPUT_LENGTH": func(c *Call) {
		sha256Main(c, crypto.Sha256IV)
	},
	"SHA256_MAIN_ARBITRARY_INPUT_LENGTH": func(c *Call) {
		at, size := c.Pointer("state"), c.Constant("SHA256_STATE_SIZE_FELTS")
		switch {
		case atLeast(size, 100):
			c.Failf("assert 0 <= _sha256_state_size_felts < 100")
		case size != felt.FromUint64(8):
			c.Failf("Invalid value for SHA256_STATE_SIZE_FELTS. Got: %s. Expected: 8", size.Decimal())
		}
		for i := uint64(0); i < 8 && !c.Failed(); i++ {
			c.ReadFelt(at.Plus(i)) // all have to be there before one is too large
		}
		if c.Failed() {
			return
		}
		var h [8]uint32
		c.readAll32(at, h[:])
		sha256Main(c, h)
	},
	"SHA256_FINALIZE": func(c *Call) {
		const instances = 7 - 1
		at := c.Pointer("sha256_ptr_end")
		h, block := crypto.Sha256IV, [16]uint32{}
		crypto.Sha256Compress(&h, &block)
		var one [16 + 8 + 8]uint32 // an empty block, the initial state, the final one
		copy(one[16:], crypto.Sha256IV[:])
		copy(one[24:], h[:])
		c.repeat(at, one[:], instances)
	},
}

// sha256Main compresses the block at ids.sha256_start to ids.output.
func sha256Main(c *Call, h [8]uint32) {
	at, size := c.Pointer("sha256_start"), c.Constant("SHA256_INPUT_CHUNK_SIZE_FELTS")
	if atLeast(size, 100) || size != felt.FromUint64(16) {
		c.Failf("assert 0 <= _sha256_input_chunk_size_felts < 100")
	}
	if c.Failed() {
		return
	}
	var block [16]uint32
	c.readAll32(at, block[:])
	out := c.Pointer("output")
	if c.Failed() {
		return
	}
	crypto.Sha256Compress(&h, &block)
	c.writeAll32(out, h[:])
}
