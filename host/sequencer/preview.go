package sequencer

import (
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// Preview is what is known of blocks that are not sealed yet: the one that is being made, with the outcomes that are final so
// far, and the one before it while that is sealed. It is safe for concurrent use, and its zero value knows of none.
type Preview struct {
	mu sync.RWMutex
	// Guarded by mu: the blocks, in order, the last of which may still grow.
	blocks []*Previewed
	// cells are what the outcomes of the last block have written. Guarded by mu.
	cells map[framework.Key]framework.Word
}

// Previewed is a block that is not sealed yet. Nobody changes what it holds.
type Previewed struct {
	*framework.Block
	Txs    []framework.Tx
	Finals []framework.Final
}

// begin says that a block is being made, of which nothing is known. An unfinished block of the same number is dropped.
func (p *Preview) begin(b *framework.Block) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocks = slices.DeleteFunc(p.blocks, func(o *Previewed) bool { return o.Number >= b.Number })
	p.blocks = append(p.blocks, &Previewed{Block: b})
	p.cells = map[framework.Key]framework.Word{}
	for _, w := range b.Start {
		p.cells[w.Key] = w.Value
	}
}

// add adds an outcome to the last block.
func (p *Preview) add(tx framework.Tx, f framework.Final) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.blocks[len(p.blocks)-1]
	b.Txs, b.Finals = append(b.Txs, tx), append(b.Finals, f)
	for _, w := range f.Writes {
		p.cells[w.Key] = w.Value
	}
}

// sealed drops the blocks up to n.
func (p *Preview) sealed(n framework.BlockNumber) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocks = slices.DeleteFunc(p.blocks, func(b *Previewed) bool { return b.Number <= n })
}

// Blocks returns the blocks that are not sealed yet, in order, as they are now.
func (p *Preview) Blocks() []*Previewed {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := make([]*Previewed, len(p.blocks))
	for i, b := range p.blocks {
		c := *b // its slices only grow
		out[i] = &c
	}
	return out
}

// Cells fills out with the values that the last block has written so far to those of keys that it has written, sets has for
// them, and returns the block; nil if there is none.
func (p *Preview) Cells(keys []framework.Key, out []framework.Word, has []bool) *framework.Block {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.blocks) == 0 {
		return nil
	}
	for i, k := range keys {
		if w, ok := p.cells[k]; ok {
			out[i], has[i] = w, true
		}
	}
	return p.blocks[len(p.blocks)-1].Block
}

// Writes returns what the last block has written so far, sorted, and the block; nil if there is none.
func (p *Preview) Writes() (*framework.Block, []framework.Write) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.blocks) == 0 {
		return nil, nil
	}
	writes := make([]framework.Write, 0, len(p.cells))
	for k, w := range p.cells {
		writes = append(writes, framework.Write{Key: k, Value: w})
	}
	framework.SortWrites(writes)
	return p.blocks[len(p.blocks)-1].Block, writes
}
