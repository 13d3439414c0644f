package core

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// Key stands for a cell of the state: whoever drives a Core numbers the cells from 0 without large gaps.
type Key uint32

// Write sets a cell.
type Write struct {
	Key   Key
	Value framework.Word
}

// Add is [framework.Add] with numbered cells.
type Add struct {
	Low, High Key
	Amount    framework.Word
}

// kind says what an entry of a cell is.
type kind uint8

const (
	value    kind = iota
	estimate      // its transaction will probably write the cell, and has not
	addition
)

// entry is what a transaction that is not final has done to a cell.
type entry struct {
	tx   framework.TxIndex
	inc  framework.Incarnation // of the attempt that put it there
	kind kind
	add  uint32         // the number of the addition in its transaction
	word framework.Word // of a value; of an addition, the cell after it, if folded is the memory's clock
	// folded says when an addition was folded. See memory.clock.
	folded uint64
	// seen marks an addition whose other cell a publication has reached. See Core.spread.
	seen uint64
}

// reader says that an attempt has read a cell.
type reader struct {
	tx  framework.TxIndex
	inc framework.Incarnation
	no  uint32 // which of its reads
}

// cell is one place of the state.
type cell struct {
	base    framework.Word // the final value
	known   bool           // base is known
	entries []entry        // rising by tx; all of them are above the last final transaction
	readers []reader       // rising by tx, one for each transaction; those of final transactions mean nothing
	adds    int            // how many entries are additions
	// rewrites scores whether those who read the cell write it, see Core.foretell: it rises with each final value that was
	// written, and falls with each estimate that was wrong.
	rewrites int32

	oneEntry  [1]entry // the first memory of the slices: most cells need no more
	oneReader [2]reader
}

const chunk = 256

// memory holds all cells. They never move.
type memory struct {
	chunks [][]cell
	// clock counts changes of entries: what was folded at the present time still holds.
	clock uint64
}

// reset empties all cells and keeps their memory, unless that is much.
func (m *memory) reset() {
	const maxChunks = 1 << 8
	if len(m.chunks) > maxChunks {
		m.chunks = nil
	}
	for _, cells := range m.chunks {
		for i := range cells {
			x := &cells[i]
			x.known, x.adds, x.rewrites = false, 0, 0
			x.entries, x.readers = x.entries[:0], x.readers[:0]
		}
	}
	m.clock = 1 // so that nothing seems to be folded or seen that is not
}

// at returns the cell of a key.
func (m *memory) at(k Key) *cell {
	for int(k)/chunk >= len(m.chunks) {
		m.chunks = append(m.chunks, make([]cell, chunk))
	}
	c := &m.chunks[k/chunk][k%chunk]
	if c.entries == nil {
		c.entries, c.readers = c.oneEntry[:0], c.oneReader[:0]
	}
	return c
}

// from returns the position of the first entry that does not belong to a transaction below tx. Looking from the end
// is fast: most chains are short, and most reads are near the top.
func (c *cell) from(tx framework.TxIndex) int {
	i := len(c.entries)
	if i > longChain {
		return c.search(tx)
	}
	for i > 0 && c.entries[i-1].tx >= tx {
		i--
	}
	return i
}

// longChain is the length from which on halving beats looking one by one: see BenchmarkSearch. There is no form for
// still longer chains: a B-tree beats a sorted slice from about 1,000 entries on (BenchmarkChain), and there
// are no more than the window has transactions.
const longChain = 8

func (c *cell) search(tx framework.TxIndex) int {
	low, high := 0, len(c.entries)
	for low < high {
		mid := (low + high) / 2
		if c.entries[mid].tx < tx {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// entry returns the entry of a transaction, or nil. It is valid until entries come or go.
func (c *cell) entry(tx framework.TxIndex) *entry {
	if i := c.from(tx); i < len(c.entries) && c.entries[i].tx == tx {
		return &c.entries[i]
	}
	return nil
}

// below returns the entry that transaction tx reads, or nil if it reads the base.
func (c *cell) below(tx framework.TxIndex) *entry {
	if i := c.from(tx); i > 0 {
		return &c.entries[i-1]
	}
	return nil
}

// put returns the entry of a transaction, which is made if there is none.
func (c *cell) put(tx framework.TxIndex) (e *entry, made bool) {
	i := c.from(tx)
	if i < len(c.entries) && c.entries[i].tx == tx {
		return &c.entries[i], false
	}
	c.entries = slices.Insert(c.entries, i, entry{tx: tx})
	return &c.entries[i], true
}

// become gives an entry of the cell another kind.
func (c *cell) become(e *entry, k kind) {
	if e.kind == addition {
		c.adds--
	}
	if k == addition {
		c.adds++
	}
	e.kind = k
}

// remove drops the entry of a transaction.
func (c *cell) remove(tx framework.TxIndex) {
	i := c.from(tx)
	if i == len(c.entries) || c.entries[i].tx != tx {
		return
	}
	if c.entries[i].kind == addition {
		c.adds--
	}
	c.entries = slices.Delete(c.entries, i, i+1)
}

// readFrom returns the position of the first reader that is not below tx.
func (c *cell) readFrom(tx framework.TxIndex) int {
	i := len(c.readers)
	if i <= longChain {
		for i > 0 && c.readers[i-1].tx >= tx {
			i--
		}
		return i
	}
	low, high := 0, i
	for low < high {
		mid := (low + high) / 2
		if c.readers[mid].tx < tx {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// read returns which read of attempt v the cell was.
func (c *cell) read(v framework.Version) (no uint32, ok bool) {
	i := c.readFrom(v.Tx)
	if i == len(c.readers) || c.readers[i].tx != v.Tx || c.readers[i].inc != v.Inc {
		return 0, false
	}
	return c.readers[i].no, true
}

// unregister drops a reader.
func (c *cell) unregister(v framework.Version) {
	if i := c.readFrom(v.Tx); i < len(c.readers) && c.readers[i].tx == v.Tx && c.readers[i].inc == v.Inc {
		c.readers = slices.Delete(c.readers, i, i+1)
	}
}

// register notes a reader in place of an earlier one of its transaction. Those below head are final: they are
// dropped when there is no room left.
func (c *cell) register(r reader, head framework.TxIndex) {
	i := c.readFrom(r.tx)
	if i < len(c.readers) && c.readers[i].tx == r.tx {
		c.readers[i] = r
		return
	}
	if len(c.readers) == cap(c.readers) {
		n := c.readFrom(head)
		c.readers = slices.Delete(c.readers, 0, n)
		i -= n
	}
	c.readers = slices.Insert(c.readers, i, r)
}
