package replica

import (
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// DefaultLimit is how many cells without writes a block remembers if New is not told otherwise.
const DefaultLimit = 1 << 18

// Block is the versioned state of one block. It is safe for concurrent use.
type Block struct {
	limit int

	mu      sync.Mutex // guards all below, and the cells
	cells   table
	most    int // cells above which it is worth to sweep
	txs     map[framework.TxIndex]*writeSet
	settled framework.TxIndex // transactions below have become base
	change  uint64            // counts changes, see spread
	touched []*cell           // by the change at hand
}

// New returns a block of which nothing is known. Once it knows more than limit cells it forgets values of the base;
// 0 means DefaultLimit.
func New(limit int) *Block {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Block{
		limit: limit,
		most:  limit,
		cells: newTable(),
		txs:   map[framework.TxIndex]*writeSet{},
	}
}

// Len returns how many cells the block remembers.
func (b *Block) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cells.len
}

// sweep forgets cells that hold nothing but a value of the base, if there are too many: until a quarter of the limit
// is free, or all of them are gone. b.mu must be held, and no cell may be at hand.
func (b *Block) sweep() {
	if b.cells.len < b.most {
		return
	}
	spare := b.cells.len - b.limit/4*3
	b.cells.rebuild(len(b.cells.slots), func(c *cell) bool {
		if spare <= 0 || !c.idle() {
			return true
		}
		spare--
		return false
	})
	// What was published has to stay; then it is not worth to look again soon.
	b.most = max(b.limit, b.cells.len+b.limit/4)
}

// Base says what cells held before the first transaction of the block. A value that was said before is replaced.
func (b *Block) Base(writes []framework.Write) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range writes {
		b.sweep()
		b.learn(b.cells.get(&writes[i].Key), writes[i].Value)
	}
}

// Suggest is Base for cells of which nothing was said: what was said before stays.
func (b *Block) Suggest(writes []framework.Write) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range writes {
		b.sweep()
		if c := b.cells.get(&writes[i].Key); !c.known {
			c.base, c.known = writes[i].Value, true
		}
	}
}

// learn notes what the base holds. b.mu must be held.
func (b *Block) learn(c *cell, w framework.Word) {
	if c.known && c.base != w {
		b.begin()
		b.spread(c, framework.NoTx)
	}
	c.base, c.known = w, true
}

// Doubt forgets what Base said of a cell unless it was this.
func (b *Block) Doubt(k framework.Key, value framework.Word) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.cells.find(&k); c != nil && c.known && c.base != value {
		b.begin()
		b.spread(c, framework.NoTx)
		c.known = false
	}
}

// Publish says that the last attempt of v.Tx is v and wrote this: see [framework.Publisher]. An attempt older than
// the one that was published last is ignored, and so is a transaction that is settled. Running attempts that have
// read a value which is now another one are stopped.
func (b *Block) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep()
	s := b.txs[v.Tx]
	switch {
	case v.Tx < b.settled:
		return
	case s == nil:
		s = &writeSet{tx: v.Tx, doomed: -1}
		b.txs[v.Tx] = s
	case s.round > 0 && v.Inc < s.inc:
		return
	}
	s.inc = v.Inc
	s.round++
	b.begin()
	old := len(s.cells)
	s.cells = slices.Grow(s.cells, len(writes)+2*len(adds))
	var first []entry // of the cells that never had any: one allocation for all
	for i := range writes {
		c := b.cells.get(&writes[i].Key)
		if c.entries == nil {
			if len(first) == 0 {
				first = make([]entry, len(writes)-i)
			}
			c.entries, first = first[:0:1], first[1:]
		}
		b.put(s, c, entry{value: writes[i].Value})
	}
	for i := range adds {
		a := &sum{tx: s.tx, add: adds[i], low: b.cells.get(&adds[i].Low), high: b.cells.get(&adds[i].High)}
		b.put(s, a.low, entry{sum: a})
		b.put(s, a.high, entry{sum: a})
	}
	for _, c := range s.cells[:old] {
		if c.remove(s.tx, s.round) {
			b.spread(c, s.tx)
		}
	}
	s.cells = s.cells[:copy(s.cells, s.cells[old:])]
	b.settleReaders(v)
}

// put makes e the entry of s in a cell. b.mu must be held.
func (b *Block) put(s *writeSet, c *cell, e entry) {
	e.tx, e.round, e.of = s.tx, s.round, s
	c.put(e)
	s.cells = append(s.cells, c)
	b.spread(c, s.tx)
}

// Estimate says that attempt v is invalid and that what it wrote will probably be written again: see
// [framework.Publisher]. Who reads it has to wait for the next Publish, or to ask.
func (b *Block) Estimate(v framework.Version) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.txs[v.Tx]
	switch {
	case v.Tx < b.settled:
		return
	case s == nil:
		s = &writeSet{tx: v.Tx, doomed: -1}
		b.txs[v.Tx] = s
	}
	s.doomed = max(s.doomed, int64(v.Inc))
	if !s.estimate() {
		return
	}
	b.begin()
	for _, c := range s.cells {
		b.spread(c, s.tx)
	}
}

// begin begins a change. b.mu must be held.
func (b *Block) begin() {
	b.change++
	clear(b.touched)
	b.touched = b.touched[:0]
}

// spread notes that a cell has changed for the transactions above i: additions above must be folded again, which
// changes the other cell of each. b.mu must be held.
func (b *Block) spread(c *cell, i framework.TxIndex) {
	if c.visited == b.change {
		if c.from <= i {
			return
		}
	} else {
		b.touched = append(b.touched, c)
	}
	c.visited, c.from = b.change, i
	n, found := c.at(i)
	if found {
		n++
	}
	for ; n < len(c.entries); n++ {
		s := c.entries[n].sum
		if s == nil {
			return // hides what is below
		}
		s.done = false
		b.spread(s.low, s.tx)
		b.spread(s.high, s.tx)
	}
}

// settleReaders stops the attempts that the change at hand, made by v, has proved wrong, and wakes those that wait
// for it. b.mu must be held.
func (b *Block) settleReaders(v framework.Version) {
	for _, c := range b.touched {
		for _, r := range c.readers {
			a := r.attempt
			if a.tx <= c.from || a.stopped.Load() {
				continue
			}
			if now, st := c.resolve(a.tx); st == present && now != a.log[r.n].Value {
				a.stop(Cause{Key: c.key, Writer: v})
			}
		}
		for _, a := range c.waiters {
			if a.tx > c.from {
				a.signal()
			}
		}
	}
}

// Settle says that the transactions below n are final: none of them will be published, and no attempt below n will
// read any more. What they wrote becomes part of the base.
func (b *Block) Settle(n framework.TxIndex) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ; b.settled < n; b.settled++ {
		s := b.txs[b.settled]
		if s == nil {
			continue
		}
		delete(b.txs, b.settled)
		for _, c := range s.cells {
			c.settle(n)
		}
	}
}

// settle makes the entries below n part of the base, if what they come to is known.
func (c *cell) settle(n framework.TxIndex) {
	end, _ := c.at(n)
	if end == 0 {
		return
	}
	for i := range c.entries[:end] {
		// Its other cell may need it later, when this one does not know any more what was below.
		if s := c.entries[i].sum; s != nil && s.fold() != present {
			return
		}
	}
	w, st := c.resolve(n)
	if st != present {
		return
	}
	c.base, c.known = w, true
	c.entries = c.entries[:copy(c.entries, c.entries[end:])]
}
