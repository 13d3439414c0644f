package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// The shape of a transaction, and the cells that all of them read.
const (
	loadReads  = 30
	loadWrites = 15
	hotCells   = 8192
)

// The owners of the cells of a load.
const (
	hotOwner   = 1 + iota // read by everybody
	coldOwner             // read by one transaction, and known to nobody before
	doomOwner             // read first by a transaction that is invalidated, and changed under it
	writeOwner            // written
)

func loadKey(owner, slot uint64) framework.Key {
	return synthetic.Storage(framework.Word{owner}, framework.Word{slot})
}

// load is what a cell has executed: transactions that read at points spread evenly over their cost, and write at their
// end. What they do not know is read in one call, halfway.
type load struct {
	cell
	txs    []framework.Tx
	doomed []bool
	warm   []framework.Tx // read all that is to be known
	state  *mapState
}

func newLoad(c cell, n int) *load {
	l := &load{cell: c, doomed: make([]bool, n), state: newMapState(new(framework.Diff))}
	dice := rand.New(rand.NewPCG(1, 2))
	var known []framework.Key
	for slot := range uint64(hotCells) {
		known = append(known, loadKey(hotOwner, slot))
	}
	for i := range n {
		l.doomed[i] = c.abort > 0 && i%100*c.abort%100 < c.abort
		if l.doomed[i] {
			known = append(known, loadKey(doomOwner, uint64(i)))
		}
		p := l.program(i, dice)
		l.txs = append(l.txs, p.Tx(framework.Word{uint64(i) + 1}))
	}
	for i, k := range known {
		l.state.cells[k] = framework.Word{uint64(i) + 1}
	}
	for len(known) > 0 {
		batch := known[:min(len(known), 256)]
		known = known[len(batch):]
		var p synthetic.Program
		for _, k := range batch {
			p.Steps = append(p.Steps, synthetic.Read(k))
		}
		l.warm = append(l.warm, p.Tx(framework.Word{1 << 40, uint64(len(known))}))
	}
	return l
}

// program returns transaction number i.
func (l *load) program(i int, dice *rand.Rand) *synthetic.Program {
	p := &synthetic.Program{Cost: l.cost}
	misses := loadReads * l.miss / 100
	for j := range loadReads {
		key, at := loadKey(hotOwner, dice.Uint64N(hotCells)), j*100/loadReads
		switch from := (loadReads - misses) / 2; {
		case j == 0 && l.doomed[i]:
			key = loadKey(doomOwner, uint64(i))
		case j >= from && j < from+misses:
			key, at = loadKey(coldOwner, uint64(i*loadReads+j)), from*100/loadReads
		}
		p.Steps = append(p.Steps, synthetic.Read(key).At(at))
	}
	for j := range loadWrites {
		key := loadKey(writeOwner, uint64(i*loadWrites+j))
		p.Steps = append(p.Steps, synthetic.Write(key, framework.Word{1}).At(100))
	}
	return p
}

// diff returns the base state of the load.
func (l *load) diff() *framework.Diff {
	d := new(framework.Diff)
	for k, w := range l.state.cells {
		d.Writes = append(d.Writes, framework.Write{Key: k, Value: w})
	}
	framework.SortWrites(d.Writes)
	return d
}

// prepare opens an executor that knows what it shall know, and the base state. It returns what is to be measured, and what
// frees all.
func (l *load) prepare(ctx context.Context, s Side, inFlight int) (execute, end func() error, err error) {
	block := &framework.Block{Number: 1}
	e, err := s.VM.Open(ctx, block)
	if err != nil {
		return nil, nil, err
	}
	base, err := l.base(ctx, s.Store)
	if err != nil {
		return nil, nil, errors.Join(err, e.Close())
	}
	end = func() error { return errors.Join(base.Close(), e.Close()) }
	if !s.Away {
		const beyond = 1 << 30 // above all transactions that are measured
		if err := newDriver(e, l, inFlight).run(ctx, l.warm, beyond); err != nil {
			return nil, nil, errors.Join(err, end())
		}
	}
	execute = func() error { return newDriver(e, l, inFlight).run(ctx, l.txs, 0) }
	if s.Scheduler != nil {
		execute = func() error { return l.scheduled(ctx, s.Scheduler, block, e, base) }
	}
	return execute, end, nil
}

// base returns the state that the load reads: that of a store, or one in memory if there is none.
func (l *load) base(ctx context.Context, s framework.Store) (framework.State, error) {
	if s == nil {
		return l.state, nil
	}
	_, err := s.At(ctx, 0)
	if errors.Is(err, framework.ErrNoBlock) {
		err = s.Stage(ctx, 0, "", l.diff())
	}
	if err != nil {
		return nil, err
	}
	return s.At(ctx, 0)
}

// scheduled has a scheduler execute the load.
func (l *load) scheduled(ctx context.Context, s framework.Scheduler, b *framework.Block, e framework.Executor, base framework.State) error {
	q := framework.NewQueue(l.txs...)
	q.Close()
	_, err := s.Run(ctx, framework.Job{
		Block: b, Feed: q, VM: e, Base: base, End: q.End(), Final: func([]framework.Final) error { return nil },
	})
	return err
}

// timed returns the median time of n calls of f, in microseconds.
func timed(n int, f func() error) (float64, error) {
	times := make([]time.Duration, n)
	for i := range times {
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		times[i] = time.Since(start)
	}
	return medianUs(times), nil
}
