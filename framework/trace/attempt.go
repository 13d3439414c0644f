package trace

import (
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// Span is a stretch of time in which an attempt had a worker.
type Span struct {
	Worker   int32
	From, To time.Duration
}

// Length returns how long it was.
func (s Span) Length() time.Duration { return s.To - s.From }

// Access is a read of an attempt.
type Access struct {
	Key framework.Key
	// Offset is for how long the transaction had run by then, waiting left out; an attempt that went on where another
	// was counts what it took over.
	Offset time.Duration
	// At is when it was.
	At time.Duration
	// Writer is who wrote the value, framework.NoTx if it was final already.
	Writer framework.Version
}

// Attempt is all that is known of one attempt.
type Attempt struct {
	Version framework.Version
	// Kept is for how long attempts before had run to come to where this one began; 0 if it began at the start.
	Kept time.Duration
	// Spans are the times when it ran, in order.
	Spans []Span
	// Waits are the times between them when it waited for others.
	Waits []Wait
	// Reads are its reads in order, those included that it took over.
	Reads []Access
	// Writes and Adds are the keys of its outcome.
	Writes, Adds []framework.Key
	// Executed says that it ended by itself, Final that its outcome is the transaction's.
	Executed, Final bool
	FinalAt         time.Duration
	// Cause says why it was given up, if it was; At, Key and Writer say when and because of what.
	Cause  framework.Cause
	At     time.Duration
	Key    framework.Key
	Writer framework.Version
}

// Wait is a wait of an attempt.
type Wait struct {
	From, To time.Duration
	Key      framework.Key
	Writer   framework.Version
}

// Ran returns for how long the attempt had a worker.
func (a *Attempt) Ran() time.Duration {
	var sum time.Duration
	for _, s := range a.Spans {
		sum += s.Length()
	}
	return sum
}

// Attempts puts the events of every attempt together, in the order in which the attempts began. Events of attempts of
// which the beginning is missing are passed over.
func (b *Block) Attempts() []*Attempt {
	c := collector{
		byVersion: map[framework.Version]*Attempt{}, last: map[framework.TxIndex]*Attempt{}, on: map[int32]*Attempt{},
	}
	for i := range b.Events {
		c.event(&b.Events[i])
	}
	length := b.Length()
	for _, a := range c.all {
		c.leave(a, length) // whoever is still at work
	}
	return c.all
}

// collector puts attempts together.
type collector struct {
	all       []*Attempt
	byVersion map[framework.Version]*Attempt
	last      map[framework.TxIndex]*Attempt // the last attempt of each transaction
	on        map[int32]*Attempt             // by worker, who is at work there
}

func (c *collector) event(e *framework.Event) {
	if e.Kind == framework.Started || e.Kind == framework.Resumed {
		c.begin(e)
		return
	}
	a := c.byVersion[e.Version] // that it was given up may be told after the next one has begun
	if a == nil {
		return
	}
	switch e.Kind {
	case framework.Read:
		a.Reads = append(a.Reads, Access{Key: e.Key, Offset: a.offset(e.At), At: e.At, Writer: e.Writer})
	case framework.Parked:
		c.leave(a, e.At)
		a.Waits = append(a.Waits, Wait{From: e.At, To: e.At, Key: e.Key, Writer: e.Writer})
	case framework.Unparked:
		if n := len(a.Waits); n > 0 {
			a.Waits[n-1].To = e.At
		}
		c.enter(a, e)
	case framework.Wrote:
		a.Writes = append(a.Writes, e.Key)
	case framework.Added:
		a.Adds = append(a.Adds, e.Key)
	case framework.Executed:
		a.Executed = true
		c.leave(a, e.At)
	case framework.Stopped:
		c.leave(a, e.At)
	case framework.Aborted:
		a.Cause, a.At, a.Key, a.Writer = e.Cause, e.At, e.Key, e.Writer
	case framework.Finalized:
		a.Final, a.FinalAt = true, e.At
	}
}

// begin notes that an attempt begins. The same version begins twice if it could not go on where the last one was.
func (c *collector) begin(e *framework.Event) {
	before := c.last[e.Version.Tx]
	if before != nil && before.Version == e.Version {
		before.Reads, before.Kept = nil, 0
		return
	}
	a := &Attempt{Version: e.Version}
	if e.Kind == framework.Resumed && before != nil {
		a.take(before, e.Key)
	}
	c.all = append(c.all, a)
	c.byVersion[e.Version], c.last[e.Version.Tx] = a, a
	c.enter(a, e)
}

// take takes over what an attempt had done before it read a key, or before it would have.
func (a *Attempt) take(before *Attempt, k framework.Key) {
	n := slices.IndexFunc(before.Reads, func(r Access) bool { return r.Key == k })
	if n < 0 {
		a.Reads, a.Kept = slices.Clone(before.Reads), before.Kept+before.Ran()
		return
	}
	a.Reads, a.Kept = slices.Clone(before.Reads[:n]), before.Reads[n].Offset
}

// enter gives an attempt a worker, which nobody else has any more.
func (c *collector) enter(a *Attempt, e *framework.Event) {
	if other := c.on[e.Worker]; other != nil {
		c.leave(other, e.At)
	}
	c.on[e.Worker] = a
	a.Spans = append(a.Spans, Span{Worker: e.Worker, From: e.At, To: -1})
}

// leave takes the worker from an attempt, if it has one.
func (c *collector) leave(a *Attempt, at time.Duration) {
	n := len(a.Spans)
	if n == 0 || a.Spans[n-1].To >= 0 {
		return
	}
	s := &a.Spans[n-1]
	s.To = max(at, s.From)
	if c.on[s.Worker] == a {
		delete(c.on, s.Worker)
	}
}

// offset returns for how long the transaction has run at that time.
func (a *Attempt) offset(at time.Duration) time.Duration {
	sum := a.Kept
	for _, s := range a.Spans {
		if s.To < 0 {
			s.To = max(at, s.From)
		}
		sum += s.Length()
	}
	return sum
}
