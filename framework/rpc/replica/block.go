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
	seed   seed       // does not change
	mu     sync.Mutex // guards all below, and the cells
	memory            // follows, so that a read has the table when it has the mutex

	limit   int
	most    int    // cells above which it is worth to sweep
	hand    uint64 // where the last sweep has ended, as a hash
	txs     map[framework.TxIndex]*writeSet
	settled framework.TxIndex // transactions below have become base
	change  uint64            // counts changes, see spread
	touched []*history        // by the change at hand
	undone  []*sum            // whose cells are still to be reached
	running []running
	hashes  *[ahead]hash // see approach
	seen    uint64
}

// running is an attempt that has read something, or tried to, and has not ended.
type running struct {
	tx      framework.TxIndex
	attempt *Attempt
}

// New returns a block of which nothing is known. Once it knows more than limit cells it forgets values of the base;
// 0 means DefaultLimit.
func New(limit int) *Block {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Block{seed: newSeed(), limit: limit, most: limit, txs: map[framework.TxIndex]*writeSet{}}
}

// Release makes the block one of which nothing is known again, and leaves its memory to blocks made later. Attempts may
// still run.
func (b *Block) Release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.txs {
		b.free(s)
	}
	clear(b.txs)
	b.release()
	b.memory, b.touched, b.undone, b.most = memory{}, nil, nil, b.limit
}

// Len returns how many cells the block remembers.
func (b *Block) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.table.len
}

// enlist notes that an attempt runs. b.mu must be held.
func (b *Block) enlist(a *Attempt) {
	if a.place == 0 {
		b.running = append(b.running, running{a.tx, a})
		a.place = len(b.running)
	}
}

// dismiss notes that an attempt does not run any more. b.mu must be held.
func (b *Block) dismiss(a *Attempt) {
	if a.place == 0 {
		return
	}
	last := len(b.running) - 1
	moved := b.running[last]
	b.running[a.place-1] = moved
	moved.attempt.place, a.place = a.place, 0
	b.running[last] = running{}
	b.running = b.running[:last]
}

// resolve returns what an attempt sees in a cell, and notes whose proposal that is. b.mu must be held.
func (b *Block) resolve(h hash, a *Attempt) (framework.Word, state) {
	c := b.table.find(h)
	if c == nil {
		return framework.Word{}, unknown
	}
	w, st := c.resolve(a.tx)
	if st == present && c.history != nil {
		a.believe(c.history)
	}
	return w, st
}

// cell returns the cell with a hash, a new one if there is none. It is valid until the next call. b.mu must be held.
func (b *Block) cell(h hash) *cell {
	if b.table.cells == nil {
		b.memory = *memories.Get().(*memory)
	}
	return b.table.get(h)
}

// history returns the history of a cell. b.mu must be held.
func (b *Block) history(c *cell) *history {
	if c.history == nil {
		n := b.histories.take()
		*n = history{hash: c.hash, base: c.base}
		n.entries = n.first[:0]
		c.history = n
	}
	return c.history
}

// sweep forgets cells that hold nothing but a value of the base, if there are too many: until a quarter of the limit
// is free, or all of them are gone. Attempts may have read them: they know keys, not cells, and when such a key is
// written they are found by its new cell. b.mu must be held, and no cell may be at hand.
func (b *Block) sweep() {
	if b.table.len < b.most {
		return
	}
	spare := b.table.len - b.limit/4*3
	b.table.rebuild(len(b.table.cells), b.hand, func(c *cell) bool {
		if spare <= 0 || !c.idle() {
			return true
		}
		spare--
		b.hand = c.hash[0]
		return false
	})
	// An addition may still know the history of a cell that is forgotten, so that it must not become another one's.
	b.histories.abandon()
	// What was published has to stay; then it is not worth to look again soon.
	b.most = max(b.limit, b.table.len+b.limit/4)
}

// Base says what cells held before the first transaction of the block. A value that was said before is replaced.
func (b *Block) Base(writes []framework.Write) { b.eachBase(writes, b.learn) }

// Suggest is Base for cells of which nothing was said: what was said before stays.
func (b *Block) Suggest(writes []framework.Write) {
	b.eachBase(writes, func(c *cell, w framework.Word) {
		if old := c.bottom(); !old.known {
			*old = base{w, true}
		}
	})
}

// eachBase calls set with every cell and what it may hold. Others get a turn meanwhile if there are many.
func (b *Block) eachBase(writes []framework.Write, set func(c *cell, w framework.Word)) {
	for part := range slices.Chunk(writes, ahead) {
		b.mu.Lock()
		b.sweep()
		b.approach(part)
		for i := range part {
			set(b.cell(b.hashes[i]), part[i].Value)
		}
		b.mu.Unlock()
	}
}

// learn notes what the base holds. b.mu must be held.
func (b *Block) learn(c *cell, w framework.Word) {
	b.contest(c, w)
	*c.bottom() = base{w, true}
}

// Doubt forgets what Base said of a cell unless it was this.
func (b *Block) Doubt(k framework.Key, value framework.Word) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.table.find(b.seed.hash(&k)); c != nil && b.contest(c, value) {
		*c.bottom() = base{}
	}
}

// contest makes a change of it if the base is known to hold another value than w. b.mu must be held.
func (b *Block) contest(c *cell, w framework.Word) bool {
	if old := c.bottom(); !old.known || old.value == w {
		return false
	}
	b.begin()
	b.spread(b.history(c), framework.NoTx)
	return true
}

// untouched reports whether no transaction below that of an attempt has written a cell, and nobody has touched it since
// the attempt asked. b.mu must be held.
func (b *Block) untouched(h hash, a *Attempt) bool {
	c := b.table.find(h)
	if c == nil || c.history == nil {
		return true
	}
	n, _ := c.history.at(a.tx)
	return n == 0 && c.history.visited <= a.asked
}

// Publish says that the last attempt of v.Tx is v and wrote this: see [framework.Publisher]. An attempt older than
// the one that was published last is ignored, and so is a transaction that is settled. Running attempts that have
// read a value which is now another one are stopped.
func (b *Block) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.txs[v.Tx]
	if v.Tx < b.settled || old != nil && int64(v.Inc) < old.inc {
		return
	}
	b.publish(v, 0, writes, adds)
}

// publish replaces what was published of a transaction. b.mu must be held.
func (b *Block) publish(v framework.Version, run uint64, writes []framework.Write, adds []framework.Add) {
	b.sweep()
	old := b.txs[v.Tx]
	s := b.set()
	s.tx, s.inc, s.run, s.doomed = v.Tx, int64(v.Inc), run, -1
	if old != nil {
		s.doomed = old.doomed
	}
	b.txs[v.Tx] = s
	b.begin()
	s.cells = slices.Grow(s.cells, len(writes)+2*len(adds))
	for part := range slices.Chunk(writes, ahead) {
		b.approach(part)
		for i := range part {
			b.put(b.history(b.cell(b.hashes[i])), entry{tx: s.tx, of: s, value: part[i].Value})
		}
	}
	s.sums = slices.Grow(s.sums, len(adds))[:len(adds)]
	for i := range adds {
		a := &s.sums[i]
		*a = sum{tx: s.tx, amount: adds[i].Amount, low: b.written(&adds[i].Low), high: b.written(&adds[i].High)}
		b.put(a.low, entry{tx: s.tx, of: s, sum: a})
		b.put(a.high, entry{tx: s.tx, of: s, sum: a})
	}
	if old != nil {
		b.drop(old)
	}
	b.informAbove(v)
}

// ahead is how many cells are looked for at once.
const ahead = 64

// approach hashes the keys of at most that many writes and looks where their cells belong. The processor then waits for
// the memory of all of them at once, where it would wait for one after the other if it first had to know what it finds.
// Nobody reads meanwhile, and who would have to wait for long goes to sleep. b.mu must be held.
func (b *Block) approach(writes []framework.Write) {
	if b.hashes == nil {
		b.hashes = new([ahead]hash)
	}
	for i := range writes {
		b.hashes[i] = b.seed.hash(&writes[i].Key)
	}
	var seen uint64
	for i := range writes {
		seen ^= b.table.look(b.hashes[i])
	}
	b.seen = seen // or else the compiler would leave the looking out
}

// written returns the history of a cell that is written. b.mu must be held.
func (b *Block) written(k *framework.Key) *history { return b.history(b.cell(b.seed.hash(k))) }

// put makes e the entry of a transaction in a cell. b.mu must be held.
func (b *Block) put(h *history, e entry) {
	h.put(e)
	e.of.cells = append(e.of.cells, h)
	b.spread(h, e.tx)
}

// drop drops the entries of a write set. b.mu must be held.
func (b *Block) drop(s *writeSet) {
	for _, h := range s.cells {
		if h.remove(s) {
			b.spread(h, s.tx)
		}
	}
	b.free(s)
}

// Estimate says that attempt v is invalid and that what it wrote will probably be written again: see
// [framework.Publisher]. Who reads it has to wait for the next Publish, or to ask.
func (b *Block) Estimate(v framework.Version) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if v.Tx < b.settled {
		return
	}
	s := b.txs[v.Tx]
	if s == nil {
		s = b.set()
		s.tx, s.inc, s.doomed = v.Tx, -1, -1
		b.txs[v.Tx] = s
	}
	b.doom(s, int64(v.Inc))
}

// doom makes what is published up to an attempt an estimate. b.mu must be held.
func (b *Block) doom(s *writeSet, inc int64) {
	s.doomed = max(s.doomed, inc)
	if !s.estimate() {
		return
	}
	b.begin()
	for _, h := range s.cells {
		b.spread(h, s.tx)
	}
}

// begin begins a change. b.mu must be held.
func (b *Block) begin() {
	b.change++
	b.touched = b.touched[:0]
}

// spread notes that a cell has changed for the transactions above i: additions above must be folded again, which
// changes the other cell of each. b.mu must be held.
func (b *Block) spread(h *history, i framework.TxIndex) {
	b.reach(h, i)
	for n := len(b.undone); n > 0; n = len(b.undone) {
		s := b.undone[n-1]
		b.undone = b.undone[:n-1]
		b.reach(s.low, s.tx)
		b.reach(s.high, s.tx)
	}
}

// reach undoes the additions in one cell above i, up to what hides them. b.mu must be held.
func (b *Block) reach(h *history, i framework.TxIndex) {
	if h.visited != b.change {
		h.visited, h.from = b.change, i
		b.touched = append(b.touched, h)
	}
	h.from = min(h.from, i)
	n, found := h.at(i)
	if found {
		n++
	}
	for ; n < len(h.entries); n++ {
		s := h.entries[n].sum
		if s == nil || s.visited == b.change { // hides what is below, or was here and went on from there
			return
		}
		s.visited, s.done = b.change, false
		b.undone = append(b.undone, s)
	}
}

// informAbove informs the attempts that the change at hand, made by v, may concern: those above. They are few, as many as
// run or wait at once, so to look through them costs less than to note each of their reads in its cell. b.mu must be held.
func (b *Block) informAbove(v framework.Version) {
	for i := range b.running {
		if r := &b.running[i]; r.tx > v.Tx {
			r.attempt.inform(v)
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
		gone := true
		for _, h := range s.cells {
			gone = h.settle(n) && gone
		}
		if gone {
			b.free(s)
		}
	}
}
