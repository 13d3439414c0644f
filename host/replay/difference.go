package replay

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
)

// Difference is the first thing in which a store is not what was recorded. Old is from before the block, New is what
// the store has after it, Expected is what was recorded.
type Difference struct {
	Block              framework.BlockNumber
	What               string
	Old, New, Expected string
	// Hint says what may be the reason, if that is known.
	Hint string
}

// String returns the difference in lines for people.
func (d *Difference) String() string {
	s := fmt.Sprintf("block %d: %s differs\n  old       %s\n  new       %s\n  expected  %s", d.Block, d.What, d.Old, d.New, d.Expected)
	if d.Hint != "" {
		s += "\n" + d.Hint
	}
	return s
}
