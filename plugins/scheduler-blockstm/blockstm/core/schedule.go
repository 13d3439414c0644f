package core

import "github.com/switchyard-dev/switchyard/framework"

// Next says what to do in a free slot. The lowest transaction comes first: it holds up all others.
func (c *Core) Next() Action {
	for {
		i, eager := c.pick()
		if i == framework.NoTx {
			return Action{}
		}
		t := c.at(i)
		if t.status == parked {
			c.ready.remove(i)
			t.status = running
			c.parked--
			c.running++
			t.inTurn = c.lazy && c.lowest() == i
			return Action{Kind: Resume, Version: t.version(i)}
		}
		if a := c.begin(i, t, eager); a.Kind == Run {
			return a
		}
	}
}

// Ready reports whether Next has probably something to do.
func (c *Core) Ready() bool {
	i, _ := c.pick()
	return i != framework.NoTx
}

// pick returns the transaction to begin or to go on with, or NoTx. If nothing else is left, it is one that will
// probably have to wait, to be begun eagerly: its work before the read that waits is done then.
func (c *Core) pick() (i framework.TxIndex, eager bool) {
	c.validate()
	if c.running >= c.slots {
		return framework.NoTx, false
	}
	if i = c.ready.first(); i != framework.NoTx {
		if c.alone.on && i != c.head && c.at(i).status == pending {
			return framework.NoTx, false
		}
		return i, false
	}
	if !c.lazy && !c.alone.on && c.parked+c.eager < c.policy.Parked {
		return c.deferred.first(), true
	}
	return framework.NoTx, false
}

// Limit says how many attempts may run from now on, at most as many as there are slots. Those that run go on.
func (c *Core) Limit(n int) {
	c.slots = n
	c.relieve()
}

// Lazy says whether a slot is to be left free rather than begin a transaction that will probably have to wait. That
// is a gain if it has little to do before it waits, which a machine without a clock cannot know.
func (c *Core) Lazy(yes bool) { c.lazy = yes }

// begin begins an attempt of a pending transaction, or has it wait.
func (c *Core) begin(i framework.TxIndex, t *transaction, eager bool) Action {
	c.ready.remove(i)
	c.deferred.remove(i)
	if t.next >= framework.Incarnation(c.policy.Attempts) && c.lowest() < i { //nolint:gosec // small
		t.held = true
		c.held++
		return Action{}
	}
	from, writer := c.prefix(i, t)
	if writer != framework.NoTx {
		c.wait(i, t, writer)
		return Action{}
	}
	if t.next == 0 && !eager {
		if writer = c.expected(i, t); writer != framework.NoTx {
			c.counts.Waits++
			c.wait(i, t, writer)
			if c.policy.Suspend {
				c.deferred.add(i)
			}
			return Action{}
		}
	}
	c.leave(t)
	t.status = running
	t.doomed, t.stopped, t.kept, t.asking = false, false, false, false
	t.next++
	t.inTurn = c.lowest() == i
	c.running++
	if eager {
		t.eager = true
		c.eager++
	}
	key := t.asked
	if from < len(t.reads) {
		key = t.reads[from].key
	}
	c.keep(i, t, from)
	return Action{Kind: Run, Version: t.version(i), Exact: t.exact, Eager: eager, From: from, Key: key}
}

// prefix returns how many of the last attempt's reads hold, if the next can go on from there. The number is that of
// the read to be made again, so it is at most that of the last one. If that read would have to wait, prefix returns
// who for.
func (c *Core) prefix(i framework.TxIndex, t *transaction) (from int, writer framework.TxIndex) {
	if t.next == 0 {
		return 0, framework.NoTx
	}
	if len(t.reads) > 0 {
		c.counts.Validations++
	}
	for n := range t.reads {
		r := &t.reads[n]
		a := c.resolve(i, r.key)
		switch {
		case a.Kind == Wait && (n == 0 || c.rewinds(t) || !c.policy.Suspend):
			return 0, a.Writer.Tx
		case a.Kind == Found && a.Word == r.word:
			continue
		case !c.policy.Suspend && a.Kind != Wait:
			// The attempt would be given up at the first estimate: look at the others.
			if w := c.estimated(i, t.reads[n+1:]); w != framework.NoTx {
				return 0, w
			}
		}
		if c.rewinds(t) {
			return n, framework.NoTx
		}
		return 0, framework.NoTx
	}
	from = max(len(t.reads)-1, 0)
	if t.asking {
		if a := c.resolve(i, t.asked); a.Kind == Wait {
			return 0, a.Writer.Tx
		}
		from = len(t.reads)
	}
	if !c.rewinds(t) {
		from = 0
	}
	return from, framework.NoTx
}

func (c *Core) rewinds(t *transaction) bool { return c.policy.Rewind && t.kept && !t.exact }

// estimated returns the highest writer of an estimate among reads, or NoTx.
func (c *Core) estimated(i framework.TxIndex, reads []read) framework.TxIndex {
	writer := framework.NoTx
	for n := range reads {
		if a := c.resolve(i, reads[n].key); a.Kind == Wait {
			writer = max(writer, a.Writer.Tx)
		}
	}
	return writer
}

// keep makes the first reads of the last attempt reads of the new one.
func (c *Core) keep(i framework.TxIndex, t *transaction, n int) {
	t.reads = t.reads[:n]
	t.answered = n
	v := t.version(i)
	for no := range t.reads {
		r := &t.reads[no]
		a := c.resolve(i, r.key)
		r.source = a.Writer
		c.memory.at(r.key).register(reader{tx: i, inc: v.Inc, no: uint32(no)}, c.head) //nolint:gosec // small
	}
}

// Restart notes that a running attempt, which was to go on where the last one was, begins from the start: it has read
// nothing yet.
func (c *Core) Restart(v framework.Version) {
	t := c.at(v.Tx)
	for n := range t.reads {
		c.memory.at(t.reads[n].key).unregister(v)
	}
	t.reads, t.answered = t.reads[:0], 0
}

// wait has a pending or parked transaction wait for a lower one.
func (c *Core) wait(i framework.TxIndex, t *transaction, writer framework.TxIndex) {
	t.waits = writer
	w := c.at(writer)
	w.waiters = append(w.waiters, i)
}

// done notes that an attempt has been parked, or has ended, and needs its slot no more.
func (c *Core) done(t *transaction) {
	c.running--
	if t.eager {
		t.eager = false
		c.eager--
	}
}

// leave ends a wait.
func (c *Core) leave(t *transaction) { t.waits = framework.NoTx }

// wake makes all ready who wait for a transaction.
func (c *Core) wake(i framework.TxIndex, t *transaction) {
	for _, x := range t.waiters {
		w := c.at(x)
		if w.waits != i {
			continue
		}
		c.leave(w)
		c.deferred.remove(x)
		if w.status != running { // else its attempt, which was given up, has not ended yet
			c.enqueue(x, w)
		}
	}
	t.waiters = t.waiters[:0]
}

// enqueue makes a transaction ready that waits for nobody, unless the block ends below it.
func (c *Core) enqueue(i framework.TxIndex, t *transaction) {
	if i < c.end || t.status == parked {
		c.ready.add(i)
	}
}

// doom notes that the attempt under way is invalid.
func (c *Core) doom(i framework.TxIndex, t *transaction, why reason) {
	if t.doomed {
		return
	}
	t.doomed = true
	c.counts.Aborts++
	if t.status == running && !t.stopped {
		c.doomed++
	}
	c.act(Doomed, t.version(i), why)
}

// stop tells the invalid attempt under way that it is to end. If it is parked it goes on, to find out.
func (c *Core) stop(i framework.TxIndex, t *transaction) {
	if t.stopped {
		return
	}
	t.stopped = true
	if t.status == parked {
		c.leave(t)
		c.enqueue(i, t)
		return
	}
	c.doomed--
	c.act(Stop, t.version(i), reason{})
}

// lowest returns the lowest transaction that has not executed. It does not matter whether those below are final: a driver
// may put that off.
func (c *Core) lowest() framework.TxIndex {
	i := c.head
	for i < c.admitted && c.at(i).status == executed {
		i++
	}
	return i
}

// relieve lets the lowest transaction go on, and stops invalid attempts that hold up others: its own, and those above a
// transaction that has no slot.
func (c *Core) relieve() {
	if !c.policy.Push {
		c.suspect()
	}
	if c.doomed == 0 && c.held == 0 {
		return
	}
	if i := c.lowest(); i < c.admitted {
		switch t := c.at(i); {
		case t.held:
			t.held = false
			c.held--
			c.enqueue(i, t)
		case t.status == running && t.doomed:
			c.stop(i, t)
		}
	}
	if c.doomed == 0 || c.running < c.slots {
		return
	}
	first := c.ready.first()
	if first == framework.NoTx {
		return
	}
	for i := first + 1; i < c.admitted; i++ {
		if t := c.at(i); t.status == running && t.doomed {
			c.stop(i, t)
		}
	}
}
