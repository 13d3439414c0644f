package replica

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// history is what transactions do to a cell. Unlike the cell it stays where it is.
type history struct {
	hash    hash // of the cell
	base    base
	entries []entry           // by transaction
	visited uint64            // the change of the block that came by last,
	from    framework.TxIndex // and above whom: see Block.spread
	first   [1]entry          // room: most cells are written by one transaction
}

// entry is what one transaction does to a cell.
type entry struct {
	tx    framework.TxIndex
	of    *writeSet
	sum   *sum // if not nil, the value is that of an addition
	value framework.Word
}

// at returns where in the entries transaction i is, or belongs.
func (h *history) at(i framework.TxIndex) (int, bool) {
	// Most reads and writes are above all that is there.
	if n := len(h.entries); n == 0 || h.entries[n-1].tx < i {
		return n, false
	}
	return slices.BinarySearchFunc(h.entries, i, func(e entry, i framework.TxIndex) int { return int(e.tx - i) })
}

// put sets the entry of a transaction.
func (h *history) put(e entry) {
	n, found := h.at(e.tx)
	if found {
		h.entries[n] = e
		return
	}
	h.entries = slices.Insert(h.entries, n, e)
}

// remove drops the entry that a write set has, if it has one.
func (h *history) remove(s *writeSet) bool {
	n, found := h.at(s.tx)
	if !found || h.entries[n].of != s {
		return false
	}
	h.entries = slices.Delete(h.entries, n, n+1)
	return true
}

// resolve returns what transaction i sees.
func (h *history) resolve(i framework.TxIndex) (framework.Word, state) {
	n, _ := h.at(i)
	if n == 0 {
		return h.base.resolve()
	}
	e := &h.entries[n-1]
	switch {
	case e.of.estimate():
		return framework.Word{}, pending
	case e.sum != nil:
		return e.sum.resolve(h)
	}
	return e.value, present
}

// settle makes the entries below n part of the base, if what they come to is known. It reports whether none is left.
func (h *history) settle(n framework.TxIndex) bool {
	end, _ := h.at(n)
	if end == 0 {
		return true
	}
	for i := range h.entries[:end] {
		// Its other cell may need it later, when this one does not know any more what was below.
		if s := h.entries[i].sum; s != nil && s.fold() != present {
			return false
		}
	}
	w, st := h.resolve(n)
	if st != present {
		return false
	}
	h.base = base{w, true}
	h.entries = slices.Delete(h.entries, 0, end)
	return true
}

// writeSet is what was published last of one transaction.
type writeSet struct {
	tx  framework.TxIndex
	inc int64  // of the attempt, -1 if nothing was published
	run uint64 // that has proposed it, 0 if it was published
	// doomed is the highest incarnation that Estimate has named, -1 if none.
	doomed int64
	cells  []*history // that have entries of it
	sums   []sum      // that those entries name
}

// estimate reports whether the writes will probably be made again.
func (s *writeSet) estimate() bool { return s.inc <= s.doomed }

// sum is an addition that one transaction makes to two cells.
type sum struct {
	tx        framework.TxIndex
	amount    framework.Word
	low, high *history
	visited   uint64 // the change of the block that came by last
	// What the cells hold after the addition, if done. Whatever changes below undoes it.
	done            bool
	newLow, newHigh framework.Word
}

// resolve returns what one of the two cells holds after the addition.
func (s *sum) resolve(h *history) (framework.Word, state) {
	if st := s.fold(); st != present {
		return framework.Word{}, st
	}
	if h == s.low {
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
	add := framework.Add{Amount: s.amount}
	newLow, newHigh, ok := add.Fold(low, high)
	if !ok {
		return unknown // it does not fit: only the scheduler knows what comes of that
	}
	s.newLow, s.newHigh, s.done = newLow, newHigh, true
	return present
}
