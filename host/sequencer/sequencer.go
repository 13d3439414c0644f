// Package sequencer turns transactions into sealed blocks: it drives a scheduler, a VM and a store, decides where
// a block is full, and adds up what the block changes.
package sequencer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
)

// Sequencer executes and seals blocks: one at a time, or with [Sequencer.Produce] the next while the last is sealed.
type Sequencer struct {
	Scheduler framework.Scheduler
	VM        framework.VM
	Store     framework.Store
	// Journal, if not nil, keeps the blocks; the store keeps their state alone.
	Journal Journal
	// Preview, if not nil, is told of the blocks of [Sequencer.Produce] while they are made.
	Preview *Preview
	// Observer, if not nil, is told what happens to the attempts.
	Observer framework.Observer
	// Record, if not nil, is given the trace of every block that was executed, before Execute returns.
	Record func(*trace.Block)
	// Capacity limits the blocks whose source sets no limits of its own.
	Capacity []uint64
	// StopOnFault makes a fault of the VM an error, as a replay wants it. Otherwise the transaction is left out.
	StopOnFault bool
}

// Block is a block that was executed.
type Block struct {
	*framework.Block
	// Txs holds the transactions of Finals. [Sequencer.Execute] leaves it to the caller, who has them.
	Txs []framework.Tx
	// Finals holds the outcome of every transaction up to where the block was cut, in the order of the feed,
	// rejected ones included.
	Finals []framework.Final
	// Diff is what the block changes in the state, Block.Start and the writes after the last transaction
	// included; cells that it leaves as they were are not in it.
	Diff framework.Diff
	// Full reports that the block was cut because the next transaction did not fit.
	Full  bool
	Stats framework.Stats
}

// Included returns how many transactions the block contains: those that were not rejected.
func (b *Block) Included() int {
	n := 0
	for i := range b.Finals {
		if b.Finals[i].Outcome.Status != framework.Rejected {
			n++
		}
	}
	return n
}

// Faults returns how many transactions were left out because the VM failed, and the first of these failures.
func (b *Block) Faults() (n int, first error) {
	for i := range b.Finals {
		f := &b.Finals[i]
		if f.Fault == nil {
			continue
		}
		if n++; first == nil {
			first = fmt.Errorf("transaction %d: %w", f.Tx, f.Fault)
		}
	}
	return n, first
}

// Intake is the feed of one block, and its end. A [framework.Queue] is one.
type Intake interface {
	framework.Feed
	// End is for Job.End.
	End() <-chan framework.TxIndex
	// EndAt ends the block below transaction n. Only the first call counts.
	EndAt(n framework.TxIndex)
}

// Execute runs the transactions of q on the state before b. It ends the block at the first transaction that does
// not fit into b.Capacity. It changes nothing in the store.
func (s *Sequencer) Execute(ctx context.Context, b *framework.Block, q Intake) (*Block, error) {
	return s.execute(ctx, b, s.collect(b, q))
}

// collect returns a collector for the outcomes of a block.
func (s *Sequencer) collect(b *framework.Block, q Intake) *collector {
	return &collector{queue: q, total: newTotal(b.Capacity), stopOnFault: s.StopOnFault}
}

// Try returns what would come of transactions in block b on the state after block n, without what a VM writes after the last
// one. Block n is sealed or staged. Try may be called while blocks are made, and changes nothing.
func (s *Sequencer) Try(ctx context.Context, n framework.BlockNumber, b *framework.Block, txs ...framework.Tx) ([]framework.Final, error) {
	q := framework.NewQueue(txs...)
	q.Close()
	c := s.collect(b, q)
	err := s.within(ctx, n, b, func(base framework.State, vm framework.Executor) error {
		_, err := s.schedule(ctx, b, c, base, vm, nil)
		return err
	})
	return c.finals, err
}

func (s *Sequencer) execute(ctx context.Context, b *framework.Block, c *collector) (*Block, error) {
	built := &Block{Block: b}
	err := s.within(ctx, b.Number-1, b, func(base framework.State, vm framework.Executor) error {
		observer, recorded := s.record(b)
		stats, err := s.schedule(ctx, b, c, base, vm, observer)
		if err != nil {
			return err
		}
		recorded(stats)
		built.Finals, built.Full, built.Stats = c.finals, c.full, stats
		return built.finish(ctx, base, c.state, vm)
	})
	if err != nil {
		return nil, err
	}
	return built, nil
}

// within calls f with the state after block n and an executor for block b.
func (s *Sequencer) within(
	ctx context.Context, n framework.BlockNumber, b *framework.Block, f func(framework.State, framework.Executor) error,
) error {
	base, err := s.Store.At(ctx, n)
	if err != nil {
		return fmt.Errorf("state after block %d: %w", n, err)
	}
	executor, err := s.VM.Open(ctx, b)
	if err != nil {
		return errors.Join(fmt.Errorf("open block %d: %w", b.Number, err), base.Close())
	}
	if err := errors.Join(f(base, executor), executor.Close(), base.Close()); err != nil {
		return fmt.Errorf("block %d: %w", b.Number, err)
	}
	return nil
}

// schedule runs the transactions of a block.
func (s *Sequencer) schedule(
	ctx context.Context, b *framework.Block, c *collector, base framework.State, vm framework.Executor, o framework.Observer,
) (framework.Stats, error) {
	c.state = framework.NewOverlay(ctx, base, b.Start)
	c.far, _ = base.(prefetcher)
	return s.Scheduler.Run(ctx, framework.Job{
		Block: b, Feed: c.queue, VM: vm, Base: base, Final: c.add, End: c.queue.End(), Observer: o,
	})
}

// finish lets the VM write what comes after the last transaction, with state after it, and fills in the diff.
func (b *Block) finish(ctx context.Context, base framework.State, state *framework.Overlay, vm framework.Executor) error {
	included := make([]framework.Final, 0, len(b.Finals))
	for _, f := range b.Finals {
		if f.Outcome.Status == framework.Rejected {
			continue
		}
		included = append(included, f)
		b.Diff.Classes = append(b.Diff.Classes, f.Outcome.Classes...)
	}
	writes, _ := state.Changes()
	changed, same, err := changes(ctx, base, writes)
	if err != nil {
		return err
	}
	for i := range included {
		included[i].Writes = without(included[i].Writes, same)
	}
	last, err := vm.Finish(ctx, state, included)
	if err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	b.Diff.Writes = merge(changed, last)
	return nil
}

// changes returns the writes that change a cell of base, in the same slice, and the keys of the others.
func changes(ctx context.Context, base framework.State, writes []framework.Write) ([]framework.Write, map[framework.Key]bool, error) {
	keys := make([]framework.Key, len(writes))
	for i := range writes {
		keys[i] = writes[i].Key
	}
	old := make([]framework.Word, len(keys))
	if err := base.Read(ctx, keys, old); err != nil {
		return nil, nil, fmt.Errorf("cells before the block: %w", err)
	}
	same := map[framework.Key]bool{}
	changed := writes[:0]
	for i := range writes {
		if writes[i].Value == old[i] {
			same[keys[i]] = true
		} else {
			changed = append(changed, writes[i])
		}
	}
	return changed, same, nil
}

// merge returns sorted writes with others put over them, sorted. It sorts the others, too.
func merge(writes, over []framework.Write) []framework.Write {
	if len(over) == 0 {
		return writes
	}
	framework.SortWrites(over)
	all := make([]framework.Write, 0, len(writes)+len(over))
	for len(writes) > 0 && len(over) > 0 {
		c := writes[0].Key.Compare(over[0].Key)
		if c < 0 {
			all, writes = append(all, writes[0]), writes[1:]
			continue
		}
		if c == 0 {
			writes = writes[1:]
		}
		all, over = append(all, over[0]), over[1:]
	}
	return append(append(all, writes...), over...)
}

// without returns the writes of other keys. It changes nothing.
func without(writes []framework.Write, keys map[framework.Key]bool) []framework.Write {
	if len(keys) == 0 {
		return writes
	}
	drop := func(w framework.Write) bool { return keys[w.Key] }
	if !slices.ContainsFunc(writes, drop) {
		return writes
	}
	return slices.DeleteFunc(slices.Clone(writes), drop)
}

// collector keeps the outcomes that a scheduler hands out, and ends the block when it is full.
type collector struct {
	queue       Intake
	total       *total
	stopOnFault bool
	final       func(*framework.Final) // told of each that counts, unless nil
	finals      []framework.Final
	full        bool
	state       *framework.Overlay // after the transactions of finals: it grows while others are executed
	far         prefetcher         // the state before the block, if it is in another process
	count       atomic.Int64       // len(finals), for who ends the block meanwhile
}

// prefetcher is a state in another process.
type prefetcher interface {
	// Prefetch fetches cells that will be read, and returns at once.
	Prefetch(keys []framework.Key, told func([]framework.Write))
}

// fetch has the cells fetched that outcomes change: what they held before the block is looked at when it ends.
func (c *collector) fetch(finals []framework.Final) {
	if c.far == nil {
		return
	}
	var keys []framework.Key
	for i := range finals {
		for j := range finals[i].Writes {
			keys = append(keys, finals[i].Writes[j].Key)
		}
	}
	c.far.Prefetch(keys, nil)
}

// add is the Final of a job.
func (c *collector) add(finals []framework.Final) error {
	defer c.fetch(finals)
	for i := range finals {
		f := &finals[i]
		if c.full {
			return nil // handed out before the scheduler heard of the end
		}
		if f.Fault != nil && (c.stopOnFault || errors.Is(f.Fault, framework.ErrPluginGone)) { // nothing is wrong with the transaction then
			return fmt.Errorf("transaction %d: %w", f.Tx, f.Fault)
		}
		if f.Outcome.Status != framework.Rejected && !c.total.add(&f.Outcome.Usage) {
			c.full = true
			c.queue.EndAt(f.Tx)
			return nil
		}
		c.finals = append(c.finals, f.Clone())
		if last := &c.finals[len(c.finals)-1]; last.Outcome.Status != framework.Rejected {
			c.state.Apply(last.Writes, last.Outcome.Classes)
		}
		c.count.Store(int64(len(c.finals)))
		if c.final != nil {
			c.final(&c.finals[len(c.finals)-1])
		}
	}
	return nil
}
