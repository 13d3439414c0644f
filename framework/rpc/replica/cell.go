package replica

import "github.com/switchyard-dev/switchyard/framework"

// cell is one place of the state with all that is known of it. The mutex of the block guards it. It fills a cache line,
// and a read changes nothing of it: the cells that all transactions read stay in the caches of all processors.
type cell struct {
	hash    hash     // of its key; the key itself is nowhere
	history *history // nil if there never was any; then that has the base
	base    base
}

// base is what a cell held before the block.
type base struct {
	value framework.Word
	known bool
}

// bottom returns the base of a cell.
func (c *cell) bottom() *base {
	if c.history != nil {
		return &c.history.base
	}
	return &c.base
}

// resolve returns what transaction i sees in the cell.
func (c *cell) resolve(i framework.TxIndex) (framework.Word, state) {
	if c.history != nil {
		return c.history.resolve(i)
	}
	return c.base.resolve()
}

// idle reports whether nothing is lost but a value of the base when the cell is forgotten.
func (c *cell) idle() bool { return c.history == nil || len(c.history.entries) == 0 }

// resolve returns what is seen in the base.
func (b *base) resolve() (framework.Word, state) {
	if b.known {
		return b.value, present
	}
	return framework.Word{}, unknown
}

// state says what is known of a value.
type state uint8

const (
	unknown state = iota // the base was never asked
	pending              // an estimate is in the way
	present
)
