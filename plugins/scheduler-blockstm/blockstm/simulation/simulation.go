// Package simulation executes blocks in time that is only counted: the state machine of package core decides, as it does in
// a real run, and each attempt takes as long as it is said to. So it tells what the order of execution alone allows, with
// any number of slots and under any policy. The same arguments give the same result.
//
// The accesses of a transaction are taken as they are, whatever it reads. Each attempt writes other values than the
// one before, so nothing is won by comparing them.
package simulation

import (
	"container/heap"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// Transaction is a transaction of a simulated block.
type Transaction struct {
	Cost time.Duration
	// Reads are made in this order, each when the transaction has run for as long as its entry of At says. No offset
	// is below the one before, or above the cost.
	Reads []core.Key
	At    []time.Duration
	// Writes are made at the end, and so are additions.
	Writes []core.Key
	Adds   []core.Add
	// Hints are what is predicted of it.
	Hints []core.Hint
}

// Changes reports whether the transaction writes a cell or adds to it.
func (t *Transaction) Changes(k core.Key) bool {
	return slices.Contains(t.Writes, k) ||
		slices.ContainsFunc(t.Adds, func(a core.Add) bool { return a.Low == k || a.High == k })
}

// Config says how a block is executed.
type Config struct {
	Policy core.Policy
	Slots  int
	// Overhead is for how long an attempt has a slot before it runs.
	Overhead time.Duration
	// Observer is told what happens, as in a real run, with the times of the simulation. It may be nil. Name says which
	// key a number stands for.
	Observer framework.Observer
	Name     func(core.Key) framework.Key
}

// Result is what became of a block.
type Result struct {
	Makespan time.Duration
	Busy     time.Duration // of all slots together
	Attempts int
	Counts   core.Counts
}

// ErrStuck says that the machine has nothing to do though transactions are left, which cannot be.
var ErrStuck = errors.New("simulation: nothing is left to do, and the block is not over")

// Run executes a block.
func Run(ctx context.Context, c Config, block []Transaction) (Result, error) {
	s := &simulation{Config: c, core: core.New(c.Policy, c.Slots), block: block, attempts: map[framework.TxIndex]*attempt{}}
	s.know()
	for i := range c.Slots {
		s.free = append(s.free, int32(c.Slots-1-i)) //nolint:gosec // small
	}
	for i := range block {
		s.core.Add(block[i].Hints)
	}
	s.core.Close()
	s.dispatch()
	for events := 0; len(s.due) > 0; events++ {
		if events%1024 == 0 && ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		a, _ := heap.Pop(&s.due).(*attempt)
		s.now = a.at
		s.advance(a)
		s.settle()
	}
	if !s.core.Over() {
		return Result{}, ErrStuck
	}
	s.result.Makespan, s.result.Counts = s.now, s.core.Counts()
	return s.result, nil
}

// attempt is an attempt under way.
type attempt struct {
	version framework.Version
	at      time.Duration // when it does the next thing
	order   int           // among those that are due at the same time
	index   int           // in the heap; -1 if it is parked
	slot    int32
	reads   int           // made so far
	since   time.Duration // when it last began to use its slot
	stopped bool
}

// simulation is a block being executed.
type simulation struct {
	Config
	core     *core.Core
	block    []Transaction
	now      time.Duration
	order    int
	free     []int32 // slots
	due      queue
	attempts map[framework.TxIndex]*attempt
	result   Result
}

// know tells the machine what the base holds in every cell, so that it never asks.
func (s *simulation) know() {
	for i := range s.block {
		t := &s.block[i]
		for _, k := range t.Reads {
			s.core.Base(k, framework.Word{})
		}
		for _, a := range t.Adds {
			s.core.Base(a.Low, framework.Word{})
			s.core.Base(a.High, framework.Word{})
		}
	}
}

// position returns for how long a transaction has run when it makes that read; when there is no such read, its cost.
func (s *simulation) position(i framework.TxIndex, read int) time.Duration {
	t := &s.block[i]
	if read >= len(t.Reads) {
		return t.Cost
	}
	return t.At[read]
}

// schedule has an attempt do the next thing after so long.
func (s *simulation) schedule(a *attempt, after time.Duration) {
	s.order++
	a.at, a.order, a.since = s.now+after, s.order, s.now
	heap.Push(&s.due, a)
}

// advance has an attempt do what is due.
func (s *simulation) advance(a *attempt) {
	i := a.version.Tx
	s.result.Busy += s.now - a.since
	t := &s.block[i]
	if a.stopped || a.reads == len(t.Reads) {
		s.finish(a)
		return
	}
	k := t.Reads[a.reads]
	switch r := s.core.Read(a.version, k); r.Kind {
	case core.Wait:
		s.tell(framework.Parked, a, k, r.Writer)
		s.free = append(s.free, a.slot)
	case core.Ended:
		a.stopped = true
		s.finish(a)
	case core.Found, core.Unknown:
		s.core.Answered(a.version)
		if !r.Again {
			s.tell(framework.Read, a, k, r.Writer)
		}
		from := s.position(i, a.reads)
		a.reads++
		s.schedule(a, s.position(i, a.reads)-from)
	}
}

// finish ends an attempt.
func (s *simulation) finish(a *attempt) {
	i := a.version.Tx
	t := &s.block[i]
	delete(s.attempts, i)
	s.free = append(s.free, a.slot)
	value := framework.Word{uint64(i) + 1, uint64(a.version.Inc)} //nolint:gosec // not negative
	r := core.Result{Adds: t.Adds}
	for _, k := range t.Writes {
		r.Writes = append(r.Writes, core.Write{Key: k, Value: value})
	}
	s.tellEnd(a, t)
	s.core.Finish(a.version, r)
	s.perform(s.core.Take())
}

// settle does what follows from an event.
func (s *simulation) settle() {
	for s.core.Final() {
		v, _, ok := s.core.Commit(nil)
		if !ok {
			break
		}
		s.tell(framework.Finalized, &attempt{version: v}, none, framework.Version{})
	}
	s.perform(s.core.Take())
	s.dispatch()
}

// perform does what the machine wants done.
func (s *simulation) perform(actions []core.Action) {
	for _, act := range actions {
		s.tellAbort(&act)
		a := s.attempts[act.Version.Tx]
		if act.Kind == core.Stop && a.index >= 0 {
			a.stopped, a.at = true, s.now
			heap.Fix(&s.due, a.index)
		}
	}
}

// dispatch gives free slots something to do.
func (s *simulation) dispatch() {
	for len(s.free) > 0 {
		act := s.core.Next()
		i := act.Version.Tx
		switch act.Kind {
		case core.Run:
			a := &attempt{version: act.Version, reads: act.From}
			s.attempts[i] = a
			s.result.Attempts++
			begun := time.Duration(0)
			if act.From > 0 {
				begun = s.position(i, act.From)
			}
			kind, key := framework.Started, none
			if act.From > 0 {
				kind, key = framework.Resumed, act.Key
			}
			s.occupy(a)
			s.tell(kind, a, key, framework.Version{})
			s.schedule(a, s.Overhead+s.position(i, a.reads)-begun)
		case core.Resume:
			a := s.attempts[i]
			s.occupy(a)
			s.tell(framework.Unparked, a, none, framework.Version{})
			s.schedule(a, 0)
		default:
			return
		}
	}
}

// occupy gives an attempt a slot.
func (s *simulation) occupy(a *attempt) {
	a.slot = s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
}

// queue is a heap of attempts by time.
type queue []*attempt

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue) Push(x any) {
	a, _ := x.(*attempt)
	a.index = len(*q)
	*q = append(*q, a)
}

func (q *queue) Pop() any {
	old := *q
	a := old[len(old)-1]
	a.index = -1
	*q = old[:len(old)-1]
	return a
}
