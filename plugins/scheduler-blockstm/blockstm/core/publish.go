package core

import "github.com/switchyard-dev/switchyard/framework"

// Result is what an attempt came to. A failed one has an empty result.
type Result struct {
	Writes []Write // each cell once
	Adds   []Add   // disjoint pairs of cells, none of them in Writes; the final values of all are Known
}

// Finish ends a running attempt. It reports whether the result stands, for now; if not, the transaction will be
// executed again. The machine keeps nothing of the result's slices.
func (c *Core) Finish(v framework.Version, res Result) bool {
	i, t := v.Tx, c.at(v.Tx)
	c.done(t)
	t.kept = true
	switch {
	case t.stopped:
		t.reads = t.reads[:t.answered]
	case t.doomed:
		c.doomed--
		c.foresee(i, t, res.Writes)
	default:
		c.publish(i, t, res)
		c.relieve()
		return true
	}
	t.status = pending
	if t.waits == framework.NoTx {
		c.enqueue(i, t)
	}
	c.relieve()
	return false
}

// foresee makes the cells that an invalid attempt wrote estimates.
func (c *Core) foresee(i framework.TxIndex, t *transaction, writes []Write) {
	if !c.policy.Estimates {
		return
	}
	c.memory.clock++
	for n := range writes {
		c.expect(i, t, writes[n].Key)
	}
}

// expect puts an estimate into a cell in which the transaction has no entry.
func (c *Core) expect(i framework.TxIndex, t *transaction, k Key) {
	x := c.memory.at(k)
	if e, made := x.put(i); made {
		e.kind = estimate
		t.keys = append(t.keys, k)
	}
}

// publish puts a result into the memory, compares who has read something else, and wakes who waits. Only then is the
// transaction executed: whoever is final after it has been compared (I5).
func (c *Core) publish(i framework.TxIndex, t *transaction, res Result) {
	v := t.version(i)
	c.memory.clock++
	fresh := false
	for n := range res.Writes {
		w := &res.Writes[n]
		fresh = c.put(v, t, w.Key, entry{kind: value, word: w.Value}) || fresh
	}
	t.adds = append(t.adds[:0], res.Adds...)
	for n := range t.adds {
		e := entry{kind: addition, add: uint32(n)} //nolint:gosec // small
		fresh = c.put(v, t, t.adds[n].Low, e) || fresh
		fresh = c.put(v, t, t.adds[n].High, e) || fresh
	}
	c.sweepOut(v, t)
	t.status = executed
	if c.policy.Push {
		c.settle(v)
	} else {
		c.published(i, t, fresh)
	}
	c.wake(i, t)
}

// put gives a cell the entry of attempt v, and reports whether the transaction had none there.
func (c *Core) put(v framework.Version, t *transaction, k Key, n entry) bool {
	x := c.memory.at(k)
	e, made := x.put(v.Tx)
	if made {
		t.keys = append(t.keys, k)
	}
	same := !made && e.kind == value && n.kind == value && e.word == n.word
	x.become(e, n.kind)
	e.inc, e.add, e.word = v.Inc, n.add, n.word
	if !same {
		c.changed = append(c.changed, spot{k, v.Tx})
	}
	return made
}

// sweepOut removes the entries that attempt v did not renew.
func (c *Core) sweepOut(v framework.Version, t *transaction) {
	kept := t.keys[:0]
	for _, k := range t.keys {
		x := c.memory.at(k)
		e := x.entry(v.Tx)
		if e.inc == v.Inc && e.kind != estimate {
			kept = append(kept, k)
			continue
		}
		if e.kind == estimate {
			x.rewrites = scored(x.rewrites, false)
		}
		x.remove(v.Tx)
		c.changed = append(c.changed, spot{k, v.Tx})
	}
	t.keys = kept
}

// spot is a cell whose value has changed for those above a transaction.
type spot struct {
	key Key
	tx  framework.TxIndex
}

// settle compares all who have read what has changed, and empties the list of changes.
func (c *Core) settle(writer framework.Version) {
	for n := 0; n < len(c.changed); n++ { // it grows on the way
		c.compare(c.changed[n], writer)
	}
	c.changed = c.changed[:0]
}

// compare looks at the readers of a cell up to the next transaction that writes it: what those above read does not
// depend on the change. An addition does not end the way. It carries the change on into its other cell.
func (c *Core) compare(s spot, writer framework.Version) {
	x := c.memory.at(s.key)
	last := c.last(x, s.tx)
	for n := x.from(s.tx + 1); n < len(x.entries) && x.entries[n].tx < last; n++ {
		if e := &x.entries[n]; e.seen != c.memory.clock {
			c.carry(e)
		}
	}
	for n := x.readFrom(s.tx + 1); n < len(x.readers) && x.readers[n].tx <= last; n++ {
		c.check(x.readers[n], s.key, writer)
	}
}

// last returns the highest transaction whose read of a cell depends on what transaction i makes of it: the next one that
// writes it, for it reads below itself.
func (c *Core) last(x *cell, i framework.TxIndex) framework.TxIndex {
	for n := x.from(i + 1); n < len(x.entries); n++ {
		if e := &x.entries[n]; e.kind != addition {
			return e.tx
		}
	}
	return c.admitted
}

// carry adds the cells of an addition to those that have changed, once in a publication.
func (c *Core) carry(e *entry) {
	a := &c.at(e.tx).adds[e.add]
	for _, k := range [2]Key{a.Low, a.High} {
		c.memory.at(k).entry(e.tx).seen = c.memory.clock
		c.changed = append(c.changed, spot{k, e.tx})
	}
}

// check compares a read with what it would be now.
func (c *Core) check(r reader, k Key, writer framework.Version) {
	t := c.at(r.tx)
	if t.next != r.inc+1 || t.status == pending {
		return // an earlier attempt
	}
	c.counts.Validations++
	read := &t.reads[r.no]
	switch a := c.resolve(r.tx, k); {
	case a.Kind == Wait: // who put the estimate will write or remove it, and compare
	case a.Kind == Found && a.Word == read.word:
		read.source = a.Writer
	default:
		c.invalidate(r.tx, t, reason{framework.ValueChanged, k, writer})
	}
}

// invalidate gives up the last attempt of a transaction.
func (c *Core) invalidate(i framework.TxIndex, t *transaction, why reason) {
	if t.status == executed {
		c.withdraw(i, t, why)
		return
	}
	c.doom(i, t, why)
	if c.policy.Stop && (t.next > 1 || t.known) || t.status == parked {
		c.stop(i, t)
	}
}

// withdraw takes an executed transaction's result back.
func (c *Core) withdraw(i framework.TxIndex, t *transaction, why reason) {
	c.counts.Aborts++
	c.act(Withdraw, t.version(i), why)
	t.status = pending
	if c.policy.Estimates {
		c.memory.clock++
		for _, k := range t.keys {
			x := c.memory.at(k)
			x.become(x.entry(i), estimate)
		}
	}
	c.enqueue(i, t)
}
