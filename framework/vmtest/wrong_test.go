package vmtest_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
)

// TestWrong runs the suite against VMs with one fault each, and wants those subtests to fail that concern it.
func TestWrong(t *testing.T) {
	for _, w := range wrongs {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := subject()
			s.VM = func(conform.T) framework.VM { return bentVM(w.bend) }
			if w.change != nil {
				w.change(&s)
			}
			rep := conform.Check(t.Context(), "", func(t conform.T) { vmtest.Run(t, s) }, nil)
			got := failures(rep)
			if d := cmp.Diff(w.fails, got); d != "" {
				t.Errorf("failed subtests (-want +got):\n%s\nall of them: %q", d, got)
			}
		})
	}
}

// failures returns the innermost subtests that failed.
func failures(rep *conform.Report) []string {
	var names []string
	for _, name := range rep.Failed() {
		name = strings.ReplaceAll(strings.TrimPrefix(name, "/"), "_", " ")
		inner := slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, name+"/") })
		if name != "" && !inner {
			names = append(names, name)
		}
	}
	return names
}

// bentVM is a toy VM whose executors are bent.
type bentVM func(*toy.Executor) framework.Executor

func (bend bentVM) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	ex, err := toy.VM{}.Open(ctx, b)
	if err != nil {
		return nil, err
	}
	return bend(ex.(*toy.Executor)), nil
}

// vmFunc is a VM that is nothing but its Open.
type vmFunc func(context.Context, *framework.Block) (framework.Executor, error)

func (f vmFunc) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	return f(ctx, b)
}

func opens(f vmFunc) func(*vmtest.Subject) {
	return func(s *vmtest.Subject) { s.VM = func(conform.T) framework.VM { return f } }
}

// expectNothing leaves it to the suite to say what is right.
func expectNothing(s *vmtest.Subject) {
	for i := range s.Txs {
		s.Txs[i].Check = nil
	}
}

// hangs blocks on an impossible state until the subtest ends, once in each VM.
func hangs(s *vmtest.Subject) {
	s.Patience = time.Second
	s.VM = func(t conform.T) framework.VM {
		over, hung := make(chan struct{}), new(atomic.Bool)
		t.Cleanup(func() { close(over) })
		return bentVM(func(e *toy.Executor) framework.Executor {
			return onImpossible(e, func() {
				if !hung.Swap(true) {
					<-over
				}
			})
		})
	}
}

// oneExecutor opens a VM's block once.
func oneExecutor(s *vmtest.Subject) {
	s.VM = func(conform.T) framework.VM {
		var only framework.Executor
		return vmFunc(func(ctx context.Context, b *framework.Block) (ex framework.Executor, err error) {
			if only == nil {
				only, err = toy.VM{}.Open(ctx, b)
			}
			return only, err
		})
	}
}

// wrongs are VMs with one fault each, and the subtests that must find it.
var wrongs = []struct {
	name   string
	bend   func(*toy.Executor) framework.Executor
	change func(*vmtest.Subject)
	fails  []string
}{
	{name: "any protocol", change: opens(func(ctx context.Context, b *framework.Block) (framework.Executor, error) {
		c := *b
		c.Protocol = toy.Protocol
		return toy.VM{}.Open(ctx, &c)
	}), fails: []string{
		"open/unknown protocol",
	}},
	{name: "any header", change: opens(func(ctx context.Context, b *framework.Block) (framework.Executor, error) {
		ex, err := toy.VM{}.Open(ctx, b)
		if err != nil && b.Protocol == toy.Protocol && ctx.Err() == nil {
			return toy.VM{}.Open(ctx, &framework.Block{Protocol: b.Protocol})
		}
		return ex, err
	}), fails: []string{
		"open/bad header",
	}},
	{name: "changes the header", change: opens(func(ctx context.Context, b *framework.Block) (framework.Executor, error) {
		if b.Header[0] != '8' {
			b.Header[0] = '8'
		}
		return toy.VM{}.Open(ctx, b)
	}), fails: []string{
		"execute/input is left alone",
	}},
	{name: "deaf to the context of Open", change: opens(func(ctx context.Context, b *framework.Block) (framework.Executor, error) {
		return toy.VM{}.Open(context.WithoutCancel(ctx), b)
	}), fails: []string{
		"open/cancelled context",
	}},
	{name: "one executor for all blocks", change: oneExecutor, fails: []string{
		"open/two blocks at once",
	}},
	{name: "no capacity", change: opens(func(ctx context.Context, b *framework.Block) (framework.Executor, error) {
		c := *b
		c.Capacity = nil
		return toy.VM{}.Open(ctx, &c)
	}), fails: []string{
		"execute/capacity",
	}},
	{name: "remembers a value", bend: remembersValue, fails: []string{
		"execute/state comes from the view alone", "abort/impossible state", "rewinder/resumed equals executed",
		"rewinder/resumed after an abort",
	}},
	{name: "writes unsorted", bend: unsortedWrites, fails: []string{
		"execute/well formed", "execute/damaged body", "abort/impossible state",
	}},
	{name: "rejects with effects", bend: rejectedWrites, fails: []string{
		"execute/well formed", "execute/capacity", "execute/damaged body", "abort/impossible state",
	}},
	{name: "depends on the version", bend: dependsOnVersion, fails: []string{
		"execute/same input same outcome", "execute/concurrent attempts", "rewinder/concurrent",
	}},
	{name: "interns receipts", bend: internsReceipts, fails: []string{
		"execute/out belongs to the caller",
	}},
	{name: "uses an old view", bend: usesOldView, fails: []string{
		"execute/one goroutine uses the view",
	}},
	{name: "class before its key", bend: classFirst, fails: []string{
		"execute/class after its key", "rewinder/resumed equals executed", "rewinder/resumed after an abort",
		"rewinder/resumed again and again", "rewinder/forgotten", "rewinder/concurrent",
	}},
	{name: "declares without a write", bend: declaresSilently, change: expectNothing, fails: []string{
		"execute/declaration is written",
	}},
	{name: "ignores exact mode", bend: ignoresExact, fails: []string{
		"execute/exact mode",
	}},
	{name: "slow to stop", bend: slowToStop, fails: []string{
		"abort/in a loop", "abort/cancelled in a loop",
	}},
	{name: "goes on after an abort", bend: goesOn, fails: []string{
		"abort/at a read", "rewinder/resumed after an abort", "rewinder/aborted while resumed",
	}},
	{name: "hides errors of the view", bend: hidesErrors, fails: []string{
		"abort/error of the view", "rewinder/resumed equals executed", "rewinder/resumed after an abort",
		"rewinder/resumed again and again",
	}},
	{name: "garbles aborts", bend: garbled, fails: []string{
		"abort/at a read", "rewinder/resumed after an abort", "rewinder/aborted while resumed",
	}},
	{name: "panics on an impossible state", bend: panicsOnImpossible, fails: []string{
		"abort/impossible state", "rewinder/resumed equals executed",
	}},
	{name: "hangs on an impossible state", change: hangs, fails: []string{
		"abort/impossible state", "rewinder/resumed equals executed",
	}},
	{name: "panics on a damaged body", bend: panicsOnDamage, fails: []string{
		"execute/damaged body",
	}},
	{name: "deaf to contexts", bend: deafToContext, fails: []string{
		"abort/cancelled context", "abort/cancelled in a loop", "finish/cancelled context",
	}},
	{name: "finishes unsorted", bend: finishesUnsorted, fails: []string{
		"finish/well formed",
	}},
	{name: "finishes from memory", bend: finishesFromMemory, fails: []string{
		"finish/same input same writes",
	}},
	{name: "finishes in place", bend: finishesInPlace, fails: []string{
		"finish/slices belong to the caller",
	}},
	{name: "stays open", bend: staysOpen, fails: []string{
		"close/later calls",
	}},
	{name: "closes only once", bend: closesOnce, fails: []string{
		"close/later calls", "close/running calls",
	}},
	{name: "resumes one read late", bend: resumesLate, fails: []string{
		"rewinder/resumed equals executed", "rewinder/resumed after an abort", "rewinder/resumed again and again",
		"rewinder/concurrent",
	}},
	{name: "resumes the last attempt", bend: resumesLast, fails: []string{
		"rewinder/nothing to resume",
	}},
	{name: "touches out without a checkpoint", bend: touchesOut, fails: []string{
		"rewinder/nothing to resume", "rewinder/forgotten",
	}},
	{name: "goes on after an abort when resumed", bend: goesOnResumed, fails: []string{
		"rewinder/aborted while resumed",
	}},
	{name: "listens to guesses", bend: listensToGuesses, fails: []string{
		"predictor/outcomes stay the same",
	}},
	{name: "keeps what it is taught in place", bend: keepsLearnt, fails: []string{
		"predictor/learns copies",
	}},
	{name: "predicts over dst", bend: overwritesDst, fails: []string{
		"predictor/appends",
	}},
	{name: "is certain of everything", bend: alwaysCertain, fails: []string{
		"predictor/certain guesses come true",
	}},
}
