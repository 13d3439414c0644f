package supervisor

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// scheduler is a scheduler in a process that may be started again.
type scheduler struct {
	framework.Scheduler
	h *Handle
}

// Run implements [framework.Scheduler]. When the process dies, the block is run again from its start: every run equals the
// serial one, so the outcomes that were handed out already come out again, and are compared.
func (s *scheduler) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	r := &rerun{job: j, plugin: "scheduler." + s.h.part.Use, seed: maphash.MakeSeed()}
	for {
		made := s.h.mark()
		stats, err := r.run(ctx, s.Scheduler)
		if !errors.Is(err, framework.ErrPluginGone) {
			return stats, err
		}
		if err := s.h.again(ctx, made); err != nil {
			return stats, err
		}
	}
}

// rerun is a job that may be run more than once.
type rerun struct {
	job    framework.Job
	plugin string
	seed   maphash.Seed

	taken []framework.Tx // what the feed has handed out
	next  int            // how much of that this run has had
	ended *framework.TxIndex
	past  []uint64 // the outcomes that were handed out, hashed
	again int      // how many of them have come out again in this run
	buf   []byte   // memory of hash
}

// run runs the job once.
func (r *rerun) run(ctx context.Context, s framework.Scheduler) (framework.Stats, error) {
	r.next, r.again = 0, 0
	j := r.job
	j.Feed, j.Final = r, r.final
	end, stop := r.forward()
	defer stop()
	j.End = end.to
	inner := j.Final
	j.Final = func(f []framework.Final) error {
		err := inner(f)
		end.look() // a number that was sent in the call counts for the next outcome
		return err
	}
	return s.Run(ctx, j)
}

// Next implements [framework.Feed]: what was handed out before comes first.
func (r *rerun) Next(ctx context.Context) ([]framework.Tx, error) {
	if r.next < len(r.taken) {
		txs := slices.Clone(r.taken[r.next:])
		r.next = len(r.taken)
		return txs, nil
	}
	txs, err := r.job.Feed.Next(ctx)
	r.taken = append(r.taken, txs...)
	r.next = len(r.taken)
	return txs, err
}

// final hands out what is new.
func (r *rerun) final(finals []framework.Final) error {
	fresh := finals
	for i := range finals {
		h := r.hash(&finals[i])
		if r.again == len(r.past) {
			r.past = append(r.past, h)
		} else if fresh = finals[i+1:]; h != r.past[r.again] {
			return &framework.Fault{
				Plugin: r.plugin, Block: r.job.Block.Number, Version: framework.Version{Tx: framework.NoTx},
				Err: fmt.Errorf("started again, it came to another outcome of transaction %d", finals[i].Tx),
			}
		}
		r.again++
	}
	if len(fresh) == 0 {
		return nil
	}
	return r.job.Final(fresh)
}

// hash returns what tells an outcome from another.
func (r *rerun) hash(f *framework.Final) uint64 {
	r.buf = codec.AppendWrites(append(r.buf[:0], byte(f.Outcome.Status)), f.Writes)
	r.buf = append(r.buf, f.Outcome.Receipt...)
	return maphash.Bytes(r.seed, r.buf)
}

// ends passes on where the block ends.
type ends struct {
	from <-chan framework.TxIndex
	to   chan framework.TxIndex
	ask  chan chan struct{}
}

// forward passes the end of the block on to one run, also if an earlier run has been told already. stop ends that.
func (r *rerun) forward() (e *ends, stop func()) {
	e = &ends{from: r.job.End, to: make(chan framework.TxIndex, 1), ask: make(chan chan struct{})}
	if r.ended != nil {
		e.to <- *r.ended
		e.from = nil
	}
	pass := func(n framework.TxIndex) {
		r.ended = &n
		e.to <- n
		e.from = nil
	}
	peek := func() {
		select {
		case n := <-e.from:
			pass(n)
		default:
		}
	}
	peek() // a number that was sent before the run counts for the first outcome
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case n := <-e.from:
				pass(n)
			case answer := <-e.ask:
				peek()
				close(answer)
			case <-over:
				return
			}
		}
	}()
	return e, func() { close(over); <-done }
}

// look returns when everything that was sent so far is passed on.
func (e *ends) look() {
	answer := make(chan struct{})
	e.ask <- answer
	<-answer
}
