package replica

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// cell is one place of the state with all that is known of it. The mutex of the block guards it.
type cell struct {
	// What a read needs comes first: it takes two or three cache lines.
	key     framework.Key
	entries []entry // by transaction
	base    framework.Word
	known   bool // base holds the value before the block

	readers []reader   // attempts that have read the cell and run
	one     [1]reader  // room for the first of them
	waiters []*Attempt // attempts that wait for an estimate to be published
	visited uint64     // the change that came by last, and for whom: see Block.spread
	from    framework.TxIndex
}

// entry is what one transaction does to a cell.
type entry struct {
	tx    framework.TxIndex
	round uint64 // which Publish of the transaction made it
	of    *writeSet
	value framework.Word
	sum   *sum // if not nil, the value is that of an addition
}

// reader is read number n of an attempt.
type reader struct {
	attempt *Attempt
	n       int32
}

// writeSet is what was published last of one transaction.
type writeSet struct {
	tx    framework.TxIndex
	inc   framework.Incarnation
	round uint64 // counts the calls of Publish
	// doomed is the highest incarnation that Estimate has named, -1 if none.
	doomed int64
	cells  []*cell // that it writes
}

// estimate reports whether the writes will probably be made again.
func (s *writeSet) estimate() bool { return int64(s.inc) <= s.doomed }

// sum is an addition that one transaction makes to two cells.
type sum struct {
	tx        framework.TxIndex
	add       framework.Add
	low, high *cell
	// What the cells hold after the addition, if done. Whatever changes below undoes it.
	done            bool
	newLow, newHigh framework.Word
}

// state says what is known of a value.
type state uint8

const (
	unknown state = iota // the base was never asked
	pending              // an estimate is in the way
	present
)

// at returns where in the entries transaction i is, or belongs.
func (c *cell) at(i framework.TxIndex) (int, bool) {
	// Most reads and writes are above all that is there.
	if n := len(c.entries); n == 0 || c.entries[n-1].tx < i {
		return n, false
	}
	return slices.BinarySearchFunc(c.entries, i, func(e entry, i framework.TxIndex) int { return int(e.tx - i) })
}

// put sets the entry of a transaction.
func (c *cell) put(e entry) {
	n, found := c.at(e.tx)
	if found {
		c.entries[n] = e
		return
	}
	c.entries = slices.Insert(c.entries, n, e)
}

// remove drops the entry of a transaction unless Publish number round made it.
func (c *cell) remove(i framework.TxIndex, round uint64) bool {
	n, found := c.at(i)
	if !found || c.entries[n].round == round {
		return false
	}
	c.entries = slices.Delete(c.entries, n, n+1)
	return true
}

// resolve returns what transaction i sees in the cell.
func (c *cell) resolve(i framework.TxIndex) (framework.Word, state) {
	n, _ := c.at(i)
	if n == 0 {
		if c.known {
			return c.base, present
		}
		return framework.Word{}, unknown
	}
	e := &c.entries[n-1]
	switch {
	case e.of.estimate():
		return framework.Word{}, pending
	case e.sum != nil:
		return e.sum.resolve(c)
	}
	return e.value, present
}

// resolve returns what the cell c, one of the two, holds after the addition.
func (s *sum) resolve(c *cell) (framework.Word, state) {
	if st := s.fold(); st != present {
		return framework.Word{}, st
	}
	if c == s.low {
		return s.newLow, present
	}
	return s.newHigh, present
}

// fold makes the addition, and those below it that it needs.
func (s *sum) fold() state {
	if s.done {
		return present
	}
	// One cell that is not known is enough: to look at both would double the work with every addition below.
	low, st := s.low.resolve(s.tx)
	if st != present {
		return st
	}
	high, st := s.high.resolve(s.tx)
	if st != present {
		return st
	}
	newLow, newHigh, ok := s.add.Fold(low, high)
	if !ok {
		return unknown // it does not fit: only the scheduler knows what comes of that
	}
	s.newLow, s.newHigh, s.done = newLow, newHigh, true
	return present
}

// idle reports whether nothing is lost but a value of the base when the cell is forgotten.
func (c *cell) idle() bool { return len(c.entries) == 0 && len(c.readers) == 0 && len(c.waiters) == 0 }
