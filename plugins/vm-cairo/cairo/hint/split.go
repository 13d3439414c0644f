package hint

import (
	"math/big"
	"strconv"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// splitHints are those that take apart words of the packed Keccak and SHA-256 functions.
var splitHints = map[string]Func{
	"SPLIT_OUTPUT_0": func(c *Call) { splitOutput(c, "output0") },
	"SPLIT_OUTPUT_1": func(c *Call) { splitOutput(c, "output1") },
	"SPLIT_INPUT_3":  func(c *Call) { splitInput(c, 3, 1) },
	"SPLIT_INPUT_6":  func(c *Call) { splitInput(c, 6, 2) },
	"SPLIT_INPUT_9":  func(c *Call) { splitInput(c, 9, 3) },
	"SPLIT_INPUT_12": func(c *Call) { splitInput(c, 12, 4) },
	"SPLIT_INPUT_15": func(c *Call) { splitInput(c, 15, 5) },
	"SPLIT_OUTPUT_MID_LOW_HIGH": func(c *Call) {
		rest, low := splitAt(c.Felt("output1"), 8*7)
		high, mid := splitAt(rest, 128)
		c.SetFelt("output1_high", high)
		c.SetFelt("output1_mid", mid)
		c.SetFelt("output1_low", low)
	},
}

// splitAt returns the bits of x from bit n on, and those below.
func splitAt(x felt.Felt, n uint) (high, low felt.Felt) {
	q, r := floorDivMod(x.Big(), new(big.Int).Lsh(one, n))
	return *high.SetBig(q), *low.SetBig(r)
}

func splitOutput(c *Call, last string) {
	x := c.Felt(last)
	low, high := x.Split128()
	c.SetFelt(last+"_low", low)
	c.SetFelt(last+"_high", high)
}

// splitInput splits word i of ids.inputs behind its lowest bytes.
func splitInput(c *Call, i uint64, bytes uint) {
	high, low := splitAt(c.ReadFelt(c.Pointer("inputs").Plus(i)), 8*bytes)
	number := strconv.FormatUint(i, 10)
	c.SetFelt("high"+number, high)
	c.SetFelt("low"+number, low)
}
