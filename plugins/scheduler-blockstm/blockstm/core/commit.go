package core

import (
	"github.com/switchyard-dev/switchyard/framework"
)

// Final reports whether the lowest transaction can become final now.
func (c *Core) Final() bool {
	return c.more() && c.head < c.admitted && c.at(c.head).status == executed
}

// Commit makes the lowest transaction final, if it can: its values become the base of the others. It returns the
// version, and the cells of its additions with their new values, appended to folded.
func (c *Core) Commit(folded []Write) (v framework.Version, _ []Write, ok bool) {
	if !c.Final() || !c.policy.Push && !c.confirm(c.head, c.at(c.head)) {
		return v, folded, false
	}
	i, t := c.head, c.at(c.head)
	c.undo.tx, c.undo.cells = i, c.undo.cells[:0]
	v = t.version(i)
	first := len(folded)
	for n := range t.adds {
		low, high, fits := c.sum(i, &t.adds[n])
		if !fits {
			t.exact = true
			c.withdraw(i, t, reason{cause: framework.FoldFailed, writer: framework.Version{Tx: framework.NoTx}})
			return v, folded[:first], false
		}
		folded = append(folded, Write{t.adds[n].Low, low}, Write{t.adds[n].High, high})
	}
	for _, k := range t.keys {
		c.settleBase(i, k)
	}
	for _, w := range folded[first:] {
		c.memory.at(w.Key).base = w.Value
	}
	c.judge(i, t)
	if c.policy.Alone {
		c.alone.committed(t.inTurn, c.slots)
	}
	c.advance()
	return v, folded, true
}

// sum folds an addition of the lowest transaction.
func (c *Core) sum(i framework.TxIndex, a *Add) (low, high framework.Word, fits bool) {
	l, h := c.resolve(i, a.Low), c.resolve(i, a.High)
	return (&framework.Add{Amount: a.Amount}).Fold(l.Word, h.Word)
}

// settleBase makes what the lowest transaction wrote to a cell its final value.
func (c *Core) settleBase(i framework.TxIndex, k Key) {
	x := c.memory.at(k)
	c.undo.cells = append(c.undo.cells, before{k, x.base, x.known})
	e := x.entry(i)
	x.base, x.known = e.word, true
	if e.kind == value {
		x.rewrites = scored(x.rewrites, true)
	}
	x.remove(i)
}

// undo is what the final values were before the last commit.
type undo struct {
	tx    framework.TxIndex
	cells []before
}

// before is what the final value of a cell was.
type before struct {
	key   Key
	word  framework.Word
	known bool
}

// Recover makes the final values those below transaction n, after something went wrong when n was to become final.
func (c *Core) Recover(n framework.TxIndex) {
	if c.undo.tx != n {
		return
	}
	for _, b := range c.undo.cells {
		x := c.memory.at(b.key)
		x.base, x.known = b.word, b.known
	}
}

// advance moves on to the next transaction.
func (c *Core) advance() {
	c.head++
	c.admit()
	c.relieve()
}

// Accesses appends what the last attempt of a transaction, which has executed, read and wrote.
func (c *Core) Accesses(i framework.TxIndex, reads, writes []Key) (r, w []Key) {
	t := c.at(i)
	for n := range t.reads {
		reads = append(reads, t.reads[n].key)
	}
	return reads, append(writes, t.keys...)
}
