package core

import "github.com/switchyard-dev/switchyard/framework"

// This file is the paper's way of finding invalid attempts (Gelashvili et al., Block-STM, 2022): a cursor, nextVal
// there, sweeps over executed transactions and looks their reads through; it is lowered when something may have
// changed below. It never passes the lowest transaction that is still to be executed. Two things are not in
// the paper. A transaction becomes final as soon as all below it are, with one more look at its reads. And an attempt
// that runs is looked at when it holds up others, since it may loop on a state that cannot be.

// sweep is the cursor.
type sweep struct{ next framework.TxIndex }

// validate moves the cursor as far as it goes.
func (c *Core) validate() {
	if c.policy.Push {
		return
	}
	for {
		bound := c.admitted
		if first := c.ready.first(); first != framework.NoTx {
			bound = min(bound, first)
		}
		c.sweep.next = max(c.sweep.next, c.head)
		if c.sweep.next >= bound {
			return
		}
		i := c.sweep.next
		c.sweep.next++
		if t := c.at(i); t.status == executed {
			c.confirm(i, t)
		}
	}
}

// published lowers the cursor after an execution: to the transaction if it wrote a cell for the first time, for
// others may have missed that. If not, those who read its cells found estimates, and only its own reads are looked
// at.
func (c *Core) published(i framework.TxIndex, t *transaction, fresh bool) {
	c.changed = c.changed[:0]
	switch {
	case c.sweep.next <= i: // the cursor comes by
	case fresh:
		c.sweep.next = i
	default:
		c.confirm(i, t)
	}
}

// confirm looks through the reads of an executed transaction, takes its result back if one does not hold, and
// reports whether all do.
func (c *Core) confirm(i framework.TxIndex, t *transaction) bool {
	c.counts.Validations++
	why, ok := c.holds(i, t)
	if ok {
		return true
	}
	c.withdraw(i, t, why)
	c.sweep.next = min(c.sweep.next, i+1)
	return false
}

// holds looks through the reads of a transaction. It compares versions, as the paper does, but where the value that was
// read has become final meanwhile.
func (c *Core) holds(i framework.TxIndex, t *transaction) (reason, bool) {
	for n := range t.reads {
		r := &t.reads[n]
		a := c.resolve(i, r.key)
		same := a.Writer == r.source || a.Writer.Tx == framework.NoTx
		if a.Kind != Found || !same || a.Word != r.word {
			return reason{framework.ValueChanged, r.key, a.Writer}, false
		}
	}
	return reason{}, true
}

// suspect stops running attempts that are invalid and hold up others.
func (c *Core) suspect() {
	first := c.ready.first()
	full := c.running >= c.slots && first != framework.NoTx
	lowest := c.lowest()
	for i := lowest; i < c.admitted; i++ {
		t := c.at(i)
		if t.status != running || t.stopped || i != lowest && !(full && i > first) {
			continue
		}
		if why, ok := c.holds(i, t); !ok {
			c.doom(i, t, why)
			c.stop(i, t)
		}
	}
}
