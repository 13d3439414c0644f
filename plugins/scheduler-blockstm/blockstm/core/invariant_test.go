package core

import (
	"errors"
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// invariants says which of I1 to I7, or of what the fields promise, does not hold.
func (c *Core) invariants() error {
	run, park, doomed, held := 0, 0, 0, 0
	for i := c.head; i < c.admitted; i++ {
		t := c.at(i)
		switch t.status {
		case running:
			run++
			if t.doomed && !t.stopped {
				doomed++
			}
		case parked:
			park++
		case pending:
			if t.held {
				held++
			}
		case executed:
		}
		for _, check := range []func(framework.TxIndex, *transaction) error{
			c.readsRegistered, c.readsHold, c.entriesFit, c.waitsFit, c.lowestGoesOn,
		} {
			if err := check(i, t); err != nil {
				return fmt.Errorf("transaction %d (%+v, reads %v): %w", i, t.flags, t.reads, err)
			}
		}
	}
	if run != c.running || park != c.parked || doomed != c.doomed || held != c.held || run > c.slots {
		return fmt.Errorf("%d, %d, %d, %d run, are parked, are doomed, are held, but counted are %d, %d, %d, %d",
			run, park, doomed, held, c.running, c.parked, c.doomed, c.held)
	}
	return nil
}

// readsRegistered is I1: who has read is found by who writes.
func (c *Core) readsRegistered(i framework.TxIndex, t *transaction) error {
	if t.status == pending {
		return nil
	}
	for n, r := range t.reads {
		if no, ok := c.memory.at(r.key).read(t.version(i)); !ok || int(no) != n {
			return fmt.Errorf("read %d is registered as %d, %t", n, no, ok)
		}
	}
	return nil
}

// readsHold is I3 and I5: what is executed, or runs and is not known to be invalid, has read what it would read now.
func (c *Core) readsHold(i framework.TxIndex, t *transaction) error {
	if t.status == executed && t.doomed {
		return fmt.Errorf("executed, though invalid")
	}
	if !c.policy.Push || t.status == pending || t.doomed {
		return nil
	}
	for n, r := range t.reads {
		a := c.resolve(i, r.key)
		if a.Kind != Wait && (a.Kind != Found || a.Word != r.word) {
			return fmt.Errorf("read %d would be %+v", n, a)
		}
	}
	if t.status == executed && i == c.head {
		for _, r := range t.reads {
			if a := c.resolve(i, r.key); a.Kind != Found {
				return fmt.Errorf("the lowest would read %+v", a)
			}
		}
	}
	return nil
}

// entriesFit is I4: only executed transactions have values, and each knows where.
func (c *Core) entriesFit(i framework.TxIndex, t *transaction) error {
	var keys []Key
	for k := range Key(testKeys) {
		e := c.memory.at(k).entry(i)
		if e == nil {
			continue
		}
		keys = append(keys, k)
		if c.policy.Estimates && (e.kind == estimate) == (t.status == executed) {
			return fmt.Errorf("entry of kind %d at %d", e.kind, k)
		}
	}
	want := slices.Sorted(slices.Values(t.keys))
	if !slices.Equal(keys, want) {
		return fmt.Errorf("entries at %v, want %v", keys, want)
	}
	return nil
}

// waitsFit is I6: nobody waits for a higher transaction, or for one that has executed, or without being noted there.
func (c *Core) waitsFit(i framework.TxIndex, t *transaction) error {
	if t.waits == framework.NoTx {
		ready := int(i)/wordBits < len(c.ready.words) && c.ready.words[int(i)/wordBits]>>(uint(i)%wordBits)&1 == 1
		want := t.status == parked || t.status == pending && !t.held && i < c.end
		if ready != want {
			return fmt.Errorf("ready: %t", ready)
		}
		return nil
	}
	if t.waits < c.head || t.waits >= i || c.at(t.waits).status == executed || t.status == executed {
		return fmt.Errorf("waits for %d", t.waits)
	}
	if !slices.Contains(c.at(t.waits).waiters, i) {
		return fmt.Errorf("waits for %d, who does not know", t.waits)
	}
	return nil
}

// lowestGoesOn is I7: the lowest has not to wait for a final, nor is it left to loop.
func (c *Core) lowestGoesOn(i framework.TxIndex, t *transaction) error {
	if i == c.lowest() && (t.held || t.status == running && t.doomed && !t.stopped) {
		return errors.New("is the lowest, and has to wait")
	}
	return nil
}

// testKeys is the number of cells in the tests.
const testKeys = 9

// clone returns a machine that goes its own way.
func (c *Core) clone() *Core {
	d := *c
	d.window = slices.Clone(c.window)
	for i := range d.window {
		t := &d.window[i]
		t.waiters, t.reads = slices.Clone(t.waiters), slices.Clone(t.reads)
		t.keys, t.adds = slices.Clone(t.keys), slices.Clone(t.adds)
	}
	d.hints = slices.Clone(c.hints)
	d.ready.words, d.deferred.words = slices.Clone(c.ready.words), slices.Clone(c.deferred.words)
	d.actions, d.changed = nil, nil
	d.memory.chunks = [][]cell{make([]cell, testKeys)}
	for k := range Key(testKeys) {
		x := &d.memory.chunks[0][k]
		*x = *c.memory.at(k)
		x.entries, x.readers = slices.Clone(x.entries), slices.Clone(x.readers)
	}
	return &d
}

// state returns what decides how the machine goes on: all but counts, and the times of the memory's clock.
func (c *Core) state() string {
	s := fmt.Sprint(c.head, c.admitted, c.end, c.fed, c.alone, c.sweep, c.deferred.words)
	for i := c.head; i < c.admitted; i++ {
		t := c.at(i)
		s += fmt.Sprint("t", t.flags, t.next, t.waits, t.answered, t.reads, t.keys, t.adds, c.waiting(i))
	}
	for k := range Key(testKeys) {
		x := c.memory.at(k)
		s += fmt.Sprint("k", x.base[0], x.known, c.policy.Rewrites && x.rewrites > 0)
		for _, e := range x.entries {
			s += fmt.Sprint(e.tx, e.inc, e.kind, e.add)
			if e.kind == value {
				s += fmt.Sprint(e.word)
			}
		}
		s += fmt.Sprint("r", x.readers[x.readFrom(c.head):])
	}
	return s
}

// waiting returns those that really wait for a transaction.
func (c *Core) waiting(i framework.TxIndex) (all []framework.TxIndex) {
	for x := c.head; x < c.admitted; x++ {
		if c.at(x).waits == i {
			all = append(all, x)
		}
	}
	return all
}
