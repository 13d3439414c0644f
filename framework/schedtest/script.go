package schedtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// program is what a transaction of the suite does.
type program func(a *attempt)

// scripts is an executor of programs; the body of a transaction is the number of its program. It has no optional
// abilities.
type scripts struct {
	programs []program
	stage    *stage
}

var _ framework.Executor = (*scripts)(nil)

// Execute implements [framework.Executor].
func (s *scripts) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	if len(tx.Body) != 2 {
		return fmt.Errorf("body of %d bytes", len(tx.Body))
	}
	a := &attempt{ctx: ctx, tx: tx, Version: v, view: view, out: out, stage: s.stage}
	s.programs[int(tx.Body[0])+int(tx.Body[1])<<8](a)
	return a.finish()
}

// Finish implements [framework.Executor].
func (s *scripts) Finish(context.Context, framework.View, []framework.Final) ([]framework.Write, error) {
	return nil, errors.New("only the host calls Finish")
}

// Close implements [framework.Executor].
func (s *scripts) Close() error { return errors.New("only the host calls Close") }

// attempt is one run of a program. The first error of the view ends it: reads return zero from then on.
type attempt struct {
	framework.Version
	ctx   context.Context
	tx    *framework.Tx
	view  framework.View
	out   *framework.Outcome
	stage *stage
	err   error
	reads int
}

// gets reads keys and writes what it saw into the receipt.
func (a *attempt) gets(keys ...framework.Key) []framework.Word {
	values := a.peeks(keys...)
	if a.err == nil {
		a.say("%x", values)
	}
	return values
}

// peeks is gets without the receipt.
func (a *attempt) peeks(keys ...framework.Key) []framework.Word {
	values := make([]framework.Word, len(keys))
	if a.err == nil {
		a.err = a.view.Read(a.ctx, keys, values)
		a.reads += len(keys)
	}
	if a.err != nil {
		clear(values)
	}
	return values
}

// get reads one key.
func (a *attempt) get(k framework.Key) framework.Word { return a.gets(k)[0] }

// put writes a cell.
func (a *attempt) put(k framework.Key, w framework.Word) {
	a.out.Writes = slices.DeleteFunc(a.out.Writes, func(x framework.Write) bool { return x.Key == k })
	a.out.Writes = append(a.out.Writes, framework.Write{Key: k, Value: w})
}

// bump adds one to a cell by reading and writing it.
func (a *attempt) bump(k framework.Key) {
	w := a.get(k)
	w[0]++
	a.put(k, w)
}

// add adds to a pair of cells, by an addition if it may. A sum that does not fit reverts the transaction.
func (a *attempt) add(low, high framework.Key, amount framework.Word) {
	d := framework.Add{Low: low, High: high, Amount: amount}
	if a.tx.Mode&framework.Exact == 0 {
		a.out.Adds = append(a.out.Adds, d)
		return
	}
	reads := a.reads
	was := a.peeks(low, high)
	a.reads = reads // usage is that of an addition
	l, h, ok := d.Fold(was[0], was[1])
	if !ok {
		a.revert()
		return
	}
	a.put(low, l)
	a.put(high, h)
}

// declare declares a class.
func (a *attempt) declare(hash framework.Word, body string) {
	a.put(declared(hash), word(1))
	a.out.Classes = append(a.out.Classes, framework.Class{Hash: hash, Body: []byte(body)})
}

// call writes the body of a class into the receipt, if it is declared.
func (a *attempt) call(hash framework.Word) {
	if a.get(declared(hash)) == (framework.Word{}) {
		a.say("not declared")
		return
	}
	if a.err != nil {
		return
	}
	c, err := a.view.Class(a.ctx, hash)
	if err != nil {
		a.err = fmt.Errorf("class: %w", err)
		return
	}
	a.say("class %s", c.Body)
}

// revert drops what was written so far.
func (a *attempt) revert() { a.end(framework.Reverted) }

// reject drops what was written so far; nothing may be written after it.
func (a *attempt) reject() { a.end(framework.Rejected) }

func (a *attempt) end(s framework.Status) {
	a.out.Status = s
	a.out.Writes, a.out.Adds, a.out.Classes = a.out.Writes[:0], a.out.Adds[:0], a.out.Classes[:0]
}

// say appends to the receipt.
func (a *attempt) say(format string, args ...any) {
	a.out.Receipt = fmt.Appendf(a.out.Receipt, format+"; ", args...)
}

// spin runs until somebody says that the attempt is invalid.
func (a *attempt) spin() {
	for a.err == nil && !a.view.Aborted() {
		runtime.Gosched() // leaves the processor to who aborts it
	}
	if a.err == nil {
		a.err = framework.ErrAborted
	}
}

// charge charges a changed cell.
func (a *attempt) charge(k framework.Key) {
	a.out.Usage.Once = append(a.out.Usage.Once, framework.Charge{Counter: 2, Key: k, Amount: 1})
}

// finish completes the outcome.
func (a *attempt) finish() error {
	if a.err != nil {
		return a.err
	}
	framework.SortWrites(a.out.Writes)
	a.out.Usage.Counters = append(a.out.Usage.Counters, 1, uint64(a.reads))
	for _, w := range a.out.Writes {
		a.charge(w.Key)
	}
	for _, d := range a.out.Adds {
		a.charge(d.Low)
		a.charge(d.High)
	}
	slices.SortFunc(a.out.Usage.Once, func(x, y framework.Charge) int { return x.Key.Compare(y.Key) })
	return nil
}

// reach says that the block has come to the point of that name.
func (a *attempt) reach(name string) { a.stage.reach(name) }

// await waits until the block has come to the point of that name, and reports whether it has. It gives up after a
// while: a scheduler need not start transactions at the same time.
func (a *attempt) await(name string) bool { return a.stage.await(a.ctx, name) }

// stage lets programs wait for each other. While the oracle rehearses, nobody waits.
type stage struct {
	patience time.Duration

	mu        sync.Mutex
	rehearsal bool                     // guarded by mu
	reached   map[string]chan struct{} // guarded by mu; closed when the point is reached
}

func (s *stage) rehearse(on bool) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rehearsal = on
}

// point returns what is closed when the point is reached. s.mu must be held.
func (s *stage) point(name string) chan struct{} {
	if s.reached[name] == nil {
		s.reached[name] = make(chan struct{})
	}
	return s.reached[name]
}

func (s *stage) reach(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rehearsal {
		return
	}
	select {
	case <-s.point(name):
	default:
		close(s.point(name))
	}
}

func (s *stage) await(ctx context.Context, name string) bool {
	s.mu.Lock()
	p, rehearsal := s.point(name), s.rehearsal
	s.mu.Unlock()
	if rehearsal || s.patience == 0 {
		return false
	}
	select {
	case <-p:
		return true
	case <-ctx.Done():
	case <-time.After(s.patience):
	}
	return false
}

// once reports whether the point is reached for the first time, and reaches it. The oracle never reaches any.
func (s *stage) once(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rehearsal {
		return false
	}
	select {
	case <-s.point(name):
		return false
	default:
		close(s.point(name))
		return true
	}
}

// parallel reports whether programs can wait for each other.
func (s *stage) parallel() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.patience > 0 && !s.rehearsal
}

func (s *stage) rehearsing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rehearsal
}
