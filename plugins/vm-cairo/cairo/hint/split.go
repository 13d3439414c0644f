package hint

import (
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/wide"
)

// splitHints are those that take apart words of the packed Keccak and SHA-256 functions.
var splitHints = map[string]Func{
	"SPLIT_OUTPUT_0": func(c *Call) { splitOutput(c, "output0", "output0_low", "output0_high") },
	"SPLIT_OUTPUT_1": func(c *Call) { splitOutput(c, "output1", "output1_low", "output1_high") },
	"SPLIT_INPUT_3":  func(c *Call) { splitInput(c, 3, 1, "high3", "low3") },
	"SPLIT_INPUT_6":  func(c *Call) { splitInput(c, 6, 2, "high6", "low6") },
	"SPLIT_INPUT_9":  func(c *Call) { splitInput(c, 9, 3, "high9", "low9") },
	"SPLIT_INPUT_12": func(c *Call) { splitInput(c, 12, 4, "high12", "low12") },
	"SPLIT_INPUT_15": func(c *Call) { splitInput(c, 15, 5, "high15", "low15") },
	"SPLIT_OUTPUT_MID_LOW_HIGH": func(c *Call) {
		rest, low := splitAt(c.Felt("output1"), 8*7)
		high, mid := splitAt(rest, 128)
		c.SetFelt("output1_high", high)
		c.SetFelt("output1_mid", mid)
		c.SetFelt("output1_low", low)
	},
}

// splitAt returns the bits of x from bit n on, and those below, of which there are 192 at most.
func splitAt(x felt.Felt, n int) (high, low felt.Felt) {
	y := wide.FromFelt(x)
	low = y.Bits(0, n)
	return y.Rsh(&y, n).Felt(), low
}

func splitOutput(c *Call, last, lowName, highName string) {
	x := c.Felt(last)
	low, high := x.Split128()
	c.SetFelt(highName, high)
	c.SetFelt(lowName, low)
}

// splitInput splits word i of ids.inputs behind its lowest bytes.
func splitInput(c *Call, i uint64, bytes int, highName, lowName string) {
	high, low := splitAt(c.ReadFelt(c.Pointer("inputs").Plus(i)), 8*bytes)
	c.SetFelt(highName, high)
	c.SetFelt(lowName, low)
}
