package replay

import (
	"fmt"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// Difference is the first thing in which a store is not what was recorded. Old is from before the block, New is what
// the store has after it, Expected is what was recorded.
type Difference struct {
	Block              framework.BlockNumber
	What               string
	Old, New, Expected string
	// Hint says what may be the reason, if that is known.
	Hint string
	// Calls are those of the transaction in which the difference is, if it is in one.
	Calls *starknet.Trace

	cell framework.Key // if it is in one
}

// String returns the difference in lines for people.
func (d *Difference) String() string {
	s := fmt.Sprintf("block %d: %s differs\n  old       %s\n  new       %s\n  expected  %s", d.Block, d.What, d.Old, d.New, d.Expected)
	if d.Hint != "" {
		s += "\n" + d.Hint
	}
	if d.Calls != nil {
		s += "\ncalls" + callText(d.Calls)
	}
	return s
}

// callText returns the calls of a transaction, a line each, those in a call indented.
func callText(t *starknet.Trace) string {
	var b strings.Builder
	var add func(what string, depth int, c *starknet.Invocation)
	add = func(what string, depth int, c *starknet.Invocation) {
		if c == nil {
			return
		}
		failed := ""
		if c.Failed {
			failed = fmt.Sprintf(", failed with %v", c.Result)
		}
		fmt.Fprintf(&b, "\n  %*s%s %v selector %v class %v: %d steps, %d gas, %d events%s",
			2*depth, "", what, c.Contract, c.Selector, c.Class, c.Resources.Steps, c.Gas, len(c.Events), failed)
		for _, inner := range c.Calls {
			add("call", depth+1, inner)
		}
	}
	add("constructor", 0, t.Constructor)
	add("validate", 0, t.Validate)
	add("execute", 0, t.Execute)
	add("fee", 0, t.FeeTransfer)
	return b.String()
}
