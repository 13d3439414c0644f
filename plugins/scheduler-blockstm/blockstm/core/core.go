package core

import (
	"math"
	"math/bits"

	"github.com/switchyard-dev/switchyard/framework"
)

// Core is the state machine of one block. Make it with New. Calls are made one at a time.
type Core struct {
	policy Policy
	slots  int
	memory memory
	window []transaction // those that are under way, by the low bits of their index
	hints  [][]Hint      // by index, of all transactions; nil once they are under way

	head     framework.TxIndex // all below are final
	admitted framework.TxIndex // all below are under way: the ready set holds no others
	added    framework.TxIndex // all below have been added
	end      framework.TxIndex // where the block ends; math.MaxInt until it is known
	fed      bool              // no more transactions will come

	ready    set // pending transactions that may begin, and parked attempts that may go on
	deferred set // pending ones that wait for a predicted read, and may begin all the same

	lazy    bool // deferred ones are left alone
	alone   alone
	running int // attempts that have a slot
	parked  int // attempts that have none
	eager   int // attempts that run and were begun to be parked
	doomed  int // attempts that run, are invalid and were not told so
	held    int // transactions that have had too many attempts, see Policy.Attempts

	sweep sweep // the cursor of pull validation

	undo    undo
	actions []Action
	changed []spot // what a publication has still to look at, see publish.go
	counts  Counts
}

// Counts says what has happened.
type Counts struct {
	Validations uint64 // reads or read sets that were compared again
	Aborts      uint64 // attempts given up
	Parks       uint64
	Waits       uint64 // transactions that were not begun, since they would probably have had to wait
}

// New returns a machine for a block that is executed in that many slots.
func New(p Policy, slots int) *Core { return new(Core).Reset(p, slots) }

// Reset makes of a machine, whose block is over, one for another block that uses the same memory, and returns it.
func (c *Core) Reset(p Policy, slots int) *Core {
	p = p.withDefaults()
	old := *c
	*c = Core{policy: p, slots: slots, end: math.MaxInt, memory: old.memory, window: old.window}
	c.memory.reset()
	if size := 1 << bits.Len(uint(p.Window-1)); size != len(c.window) { //nolint:gosec // positive
		c.window = make([]transaction, size)
	}
	c.ready.words, c.deferred.words = old.ready.words[:0], old.deferred.words[:0]
	c.actions, c.changed = old.actions[:0], old.changed[:0]
	return c
}

// at returns a transaction that is under way.
func (c *Core) at(i framework.TxIndex) *transaction { return &c.window[int(i)&(len(c.window)-1)] }

// Set gives a cell its value before the first transaction.
func (c *Core) Set(k Key, w framework.Word) {
	x := c.memory.at(k)
	x.base, x.known = w, true
}

// Add appends a transaction with what is predicted of it. The hints belong to the machine.
func (c *Core) Add(hints []Hint) {
	if c.policy.Hints {
		c.hints = append(c.hints, hints)
	}
	c.added++
	c.admit()
}

// Skip says, before anything is added, that the transactions below n are final already, and in what Set has said.
func (c *Core) Skip(n framework.TxIndex) {
	c.head, c.admitted, c.added = n, n, n
	if c.policy.Hints {
		c.hints = make([][]Hint, n)
	}
}

// Close says that no more transactions will come.
func (c *Core) Close() { c.fed = true }

// End ends the block at n: no attempt of a transaction at or above n begins, and those under way are stopped.
func (c *Core) End(n framework.TxIndex) { c.cut(n, framework.BlockEnded) }

// Cancel stops all attempts. Nothing more becomes final.
func (c *Core) Cancel() { c.cut(c.head, framework.Cancelled) }

func (c *Core) cut(n framework.TxIndex, cause framework.Cause) {
	if n >= c.end {
		return
	}
	c.end = n
	first := max(n, c.head)
	why := reason{cause: cause, writer: framework.Version{Tx: framework.NoTx}}
	c.ready.cut(first)
	c.deferred.cut(first)
	for i := first; i < c.admitted; i++ {
		t := c.at(i)
		switch t.status {
		case parked:
			t.stopped = true
			c.leave(t)
			c.ready.add(i)
			c.doom(i, t, why)
		case running:
			c.doom(i, t, why)
			c.stop(i, t)
		case pending, executed:
		}
	}
}

// Over reports whether nothing is left to be done: no attempt is under way, and none will be.
func (c *Core) Over() bool { return c.running == 0 && c.parked == 0 && !c.more() }

// more reports whether a transaction has still to become final.
func (c *Core) more() bool {
	return c.head < c.end && !(c.fed && c.head == c.added)
}

// Head returns the lowest transaction that is not final.
func (c *Core) Head() framework.TxIndex { return c.head }

// Window returns the number of transactions above the last final one that may be under way, or a little more.
func (c *Core) Window() int { return len(c.window) }

// Counts returns what has happened so far.
func (c *Core) Counts() Counts { return c.counts }
