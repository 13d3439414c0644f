package bench

import (
	"context"
	"io"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/report"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// full is a block with its transactions.
type full struct {
	*framework.Block
	txs []framework.Tx
}

// firstBlocks returns the blocks of a workload from block 1 on.
func firstBlocks(src *genesis.Workload, n int) []full {
	blocks := make([]full, n)
	for i := range blocks {
		blocks[i].Block, blocks[i].txs = src.Block(framework.BlockNumber(i + 1))
	}
	return blocks
}

// row is a supply of blocks that were made before.
type row struct {
	blocks []full
	handed int
}

// Genesis implements [sequencer.Supply]. The store has one.
func (r *row) Genesis() *framework.Diff { return &framework.Diff{} }

// Open implements [sequencer.Supply].
func (r *row) Open(n framework.BlockNumber) *framework.Block {
	b := *r.blocks[n-r.blocks[0].Number].Block
	return &b
}

// Next implements [framework.Feed].
func (r *row) Next(context.Context) ([]framework.Tx, error) {
	if r.handed == len(r.blocks) {
		return nil, io.EOF
	}
	r.handed++
	return r.blocks[r.handed-1].txs, nil
}

// stretch is how many blocks follow each other in one way.
const stretch = 4

// chain is what blocks one after the other show of an assembly: stretches of them in which each block is executed while the one
// before is sealed, and stretches in which it waits for that.
type chain struct {
	s                  *sequencer.Sequencer
	sealing            []float64     // of the blocks of the latter, in milliseconds
	pipelined, waiting time.Duration // what both took, without the sealing of the last block, which nothing could cover
	covered, coverable time.Duration // of the sealing, in the former
}

// measureChain executes and seals blocks, four stretches of them. The store must be at the block below them. What comes
// later is not the same as what comes first (caches fill), so the two ways are tried in the order a, b, b, a.
func measureChain(ctx context.Context, s *sequencer.Sequencer, blocks []full) (*chain, error) {
	c := &chain{s: s}
	for i, way := range []func(context.Context, []full) error{c.wait, c.pipeline, c.pipeline, c.wait} {
		if err := way(ctx, blocks[i*stretch:(i+1)*stretch]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *chain) pipeline(ctx context.Context, blocks []full) error {
	var last time.Duration
	start := time.Now()
	pace := sequencer.Pace{Transactions: len(blocks[0].txs), Count: len(blocks)}
	err := c.s.Produce(ctx, &row{blocks: blocks}, pace, func(b *sequencer.Sealed) {
		c.covered += b.Overlap
		c.coverable += last
		last = b.Sealing
	})
	c.pipelined += time.Since(start) - last
	return err
}

func (c *chain) wait(ctx context.Context, blocks []full) error {
	var last time.Duration
	start := time.Now()
	for _, b := range blocks {
		q := framework.NewQueue(b.txs...)
		q.Close()
		built, err := c.s.Execute(ctx, b.Block, q)
		if err != nil {
			return err
		}
		built.Txs = b.txs
		executed := time.Now()
		if _, err := c.s.Seal(ctx, built); err != nil {
			return err
		}
		last = time.Since(executed)
		c.sealing = append(c.sealing, report.Milliseconds(last))
	}
	c.waiting += time.Since(start) - last
	return nil
}

// fill puts what was measured into a row.
func (c *chain) fill(r *TransfersRow) {
	r.SealMs = report.Median(c.sealing)
	r.Hidden = float64(c.covered) / float64(max(c.coverable, 1))
	r.Pipelining = float64(c.waiting) / float64(c.pipelined)
}
