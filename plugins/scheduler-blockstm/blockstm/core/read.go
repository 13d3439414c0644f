package core

import "github.com/switchyard-dev/switchyard/framework"

// AnswerKind says how a read went.
type AnswerKind uint8

// The answers to a read.
const (
	Found   AnswerKind = iota // Word is the value, and Writer wrote it
	Unknown                   // the final value of the cell is not known: ask the base, call Base, read again
	Wait                      // the attempt is parked: Writer will probably write the cell. Read again when it is resumed
	Ended                     // the attempt is invalid
)

// Answer is the answer to a read.
type Answer struct {
	Kind AnswerKind
	Word framework.Word
	// Writer is the attempt that wrote the value, or put the estimate; NoTx if the value is final.
	Writer framework.Version
	// Again says that the attempt had read the cell before.
	Again bool
}

// Read answers a read of a running attempt.
func (c *Core) Read(v framework.Version, k Key) Answer {
	t := c.at(v.Tx)
	if t.stopped {
		return Answer{Kind: Ended}
	}
	x := c.memory.at(k)
	if no, ok := x.read(v); ok {
		r := &t.reads[no]
		return Answer{Kind: Found, Word: r.word, Writer: r.source, Again: true}
	}
	a := c.resolve(v.Tx, k)
	switch a.Kind {
	case Found:
		x.register(reader{tx: v.Tx, inc: v.Inc, no: uint32(len(t.reads))}, c.head) //nolint:gosec // small
		t.reads = append(t.reads, read{key: k, word: a.Word, source: a.Writer})
		c.foretell(v, t, k)
	case Wait:
		c.foretell(v, t, k)
		return c.park(v.Tx, t, k, a)
	}
	return a
}

// Answered notes that a running attempt has been told the values of all that it has read.
func (c *Core) Answered(v framework.Version) {
	t := c.at(v.Tx)
	t.answered = len(t.reads)
}

// park sets a running attempt aside, or gives it up if it may not be parked.
func (c *Core) park(i framework.TxIndex, t *transaction, k Key, a Answer) Answer {
	if !c.policy.Suspend || c.parked >= c.policy.Parked || t.doomed {
		c.doom(i, t, reason{framework.WaitsFor, k, a.Writer})
		c.doomed--
		t.stopped, t.asking, t.asked = true, true, k
		c.wait(i, t, a.Writer.Tx)
		return Answer{Kind: Ended}
	}
	t.status = parked
	c.done(t)
	c.parked++
	c.counts.Parks++
	c.wait(i, t, a.Writer.Tx)
	return a
}

// Base says what the base holds in a cell.
func (c *Core) Base(k Key, w framework.Word) {
	if x := c.memory.at(k); !x.known { // it may have become final meanwhile
		x.base, x.known = w, true
	}
}

// Known reports whether the final value of a cell is known, and which it is.
func (c *Core) Known(k Key) (framework.Word, bool) {
	x := c.memory.at(k)
	return x.base, x.known
}

// resolve returns what transaction i reads from a cell.
func (c *Core) resolve(i framework.TxIndex, k Key) Answer {
	x := c.memory.at(k)
	e := x.below(i)
	if e == nil {
		if !x.known {
			return Answer{Kind: Unknown}
		}
		return Answer{Word: x.base, Writer: framework.Version{Tx: framework.NoTx}}
	}
	writer := framework.Version{Tx: e.tx, Inc: e.inc}
	switch e.kind {
	case value:
		return Answer{Word: e.word, Writer: writer}
	case addition:
		return c.fold(k, e)
	}
	return Answer{Kind: Wait, Writer: writer}
}

// Missing reports whether a read of the cell by transaction i would be Unknown.
func (c *Core) Missing(i framework.TxIndex, k Key) bool { return c.resolve(i, k).Kind == Unknown }
