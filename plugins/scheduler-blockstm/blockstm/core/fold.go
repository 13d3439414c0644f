package core

import "github.com/switchyard-dev/switchyard/framework"

// fold returns what an addition makes of one of its cells. If a cell below is an estimate, its writer has to be waited
// for. An addition that does not fit leaves its cells as they are: it will be found out before it becomes final.
//
// Both cells of the addition are folded at once and remembered for as long as no entry changes, so the work is
// bounded by the number of additions, however the cells are paired.
func (c *Core) fold(k Key, e *entry) Answer {
	writer := framework.Version{Tx: e.tx, Inc: e.inc}
	if e.folded == c.memory.clock {
		return Answer{Word: e.word, Writer: writer}
	}
	a := &c.at(e.tx).adds[e.add]
	low := c.resolve(e.tx, a.Low)
	if low.Kind != Found {
		return low
	}
	high := c.resolve(e.tx, a.High)
	if high.Kind != Found {
		return high
	}
	newLow, newHigh, _ := (&framework.Add{Amount: a.Amount}).Fold(low.Word, high.Word)
	c.remember(a.Low, e.tx, newLow)
	c.remember(a.High, e.tx, newHigh)
	return Answer{Word: e.word, Writer: writer}
}

// remember notes what an addition makes of a cell.
func (c *Core) remember(k Key, i framework.TxIndex, w framework.Word) {
	e := c.memory.at(k).entry(i)
	e.word, e.folded = w, c.memory.clock
}
