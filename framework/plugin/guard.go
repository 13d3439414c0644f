package plugin

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/switchyard-dev/switchyard/framework"
)

// The guards stand between a plugin that is linked in and everybody else: a panic of the plugin in the goroutine
// of a call becomes a fault that names it. Go cannot recover the panic of another goroutine; that ends the program.

// recoverFault is deferred around a call of the plugin.
func recoverFault(info Info, at framework.Fault, err *error) {
	if p := recover(); p != nil {
		f := at // so that only a panic allocates
		f.Plugin = info.String()
		f.Err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		*err = &f
	}
}

// noAttempt places a fault in a block, but in no attempt.
func noAttempt(n framework.BlockNumber) framework.Fault {
	return framework.Fault{Block: n, Version: framework.Version{Tx: framework.NoTx}}
}

type guardedScheduler struct {
	info Info
	framework.Scheduler
}

func guardScheduler(info Info, s framework.Scheduler) framework.Scheduler {
	return &guardedScheduler{info, s}
}

// Unwrap returns the scheduler itself; see [As].
func (g *guardedScheduler) Unwrap() any { return g.Scheduler }

func (g *guardedScheduler) Run(ctx context.Context, j framework.Job) (_ framework.Stats, err error) {
	defer recoverFault(g.info, noAttempt(j.Block.Number), &err)
	return g.Scheduler.Run(ctx, j)
}

type guardedVM struct {
	info Info
	framework.VM
}

func guardVM(info Info, vm framework.VM) framework.VM { return &guardedVM{info, vm} }

// Unwrap returns the VM itself; see [As].
func (g *guardedVM) Unwrap() any { return g.VM }

func (g *guardedVM) Open(ctx context.Context, b *framework.Block) (_ framework.Executor, err error) {
	defer recoverFault(g.info, noAttempt(b.Number), &err)
	e, err := g.VM.Open(ctx, b)
	if err != nil {
		return nil, err
	}
	return guardExecutor(&guardedExecutor{g.info, b.Number, e}), nil
}

type guardedExecutor struct {
	info  Info
	block framework.BlockNumber
	framework.Executor
}

// guardExecutor returns g with the abilities of what it guards.
func guardExecutor(g *guardedExecutor) framework.Executor {
	var rewinder framework.Rewinder
	if r, ok := g.Executor.(framework.Rewinder); ok {
		rewinder = &guardedRewinder{g, r}
	}
	var predictor framework.Predictor
	if p, ok := g.Executor.(framework.Predictor); ok {
		predictor = guardedPredictor{p}
	}
	publisher, _ := g.Executor.(framework.Publisher)
	return framework.Combine(g, rewinder, predictor, publisher)
}

func (g *guardedExecutor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome) (err error) {
	defer recoverFault(g.info, framework.Fault{Block: g.block, Version: v}, &err)
	return g.Executor.Execute(ctx, tx, v, view, out)
}

func (g *guardedExecutor) Finish(ctx context.Context, view framework.View, final []framework.Final) (_ []framework.Write, err error) {
	defer recoverFault(g.info, noAttempt(g.block), &err)
	return g.Executor.Finish(ctx, view, final)
}

type guardedRewinder struct {
	g *guardedExecutor
	framework.Rewinder
}

func (r *guardedRewinder) Resume(ctx context.Context, from framework.Version, read int, v framework.Version, view framework.View, out *framework.Outcome) (err error) {
	defer recoverFault(r.g.info, framework.Fault{Block: r.g.block, Version: v}, &err)
	return r.Rewinder.Resume(ctx, from, read, v, view, out)
}

type guardedPredictor struct{ framework.Predictor }

// Predict guesses nothing if the plugin panics: a guess is only a help.
func (p guardedPredictor) Predict(tx *framework.Tx, dst []framework.Predicted) (all []framework.Predicted) {
	defer func() {
		if recover() != nil {
			all = dst
		}
	}()
	return p.Predictor.Predict(tx, dst)
}

// Learn ignores a panic, as Predict does.
func (p guardedPredictor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	defer func() { _ = recover() }()
	p.Predictor.Learn(tx, reads, writes)
}

type guardedStore struct {
	info Info
	framework.Store
}

// guardStore returns a guard of s with the abilities of s.
func guardStore(info Info, s framework.Store) framework.Store {
	g := &guardedStore{info, s}
	if snapshotter, ok := s.(framework.Snapshotter); ok {
		return &guardedSnapshotter{g, snapshotter}
	}
	return g
}

// Unwrap returns the store itself; see [As].
func (g *guardedStore) Unwrap() any { return g.Store }

func (g *guardedStore) Head(ctx context.Context) (_ framework.Head, err error) {
	defer recoverFault(g.info, noAttempt(framework.AtEmpty), &err)
	return g.Store.Head(ctx)
}

func (g *guardedStore) At(ctx context.Context, n framework.BlockNumber) (_ framework.State, err error) {
	defer recoverFault(g.info, noAttempt(n), &err)
	s, err := g.Store.At(ctx, n)
	if err != nil {
		return nil, err
	}
	return &guardedState{g.info, n, s}, nil
}

func (g *guardedStore) Stage(ctx context.Context, n framework.BlockNumber, protocol string, d *framework.Diff) (err error) {
	defer recoverFault(g.info, noAttempt(n), &err)
	return g.Store.Stage(ctx, n, protocol, d)
}

func (g *guardedStore) Seal(ctx context.Context, n framework.BlockNumber) (_ framework.Root, err error) {
	defer recoverFault(g.info, noAttempt(n), &err)
	return g.Store.Seal(ctx, n)
}

func (g *guardedStore) Revert(ctx context.Context, to framework.BlockNumber) (err error) {
	defer recoverFault(g.info, noAttempt(to), &err)
	return g.Store.Revert(ctx, to)
}

func (g *guardedStore) Prove(ctx context.Context, n framework.BlockNumber, q framework.ProofQuery) (_ *framework.Proof, err error) {
	defer recoverFault(g.info, noAttempt(n), &err)
	return g.Store.Prove(ctx, n, q)
}

type guardedSnapshotter struct {
	*guardedStore
	snapshotter framework.Snapshotter
}

func (g *guardedSnapshotter) Export(ctx context.Context, n framework.BlockNumber, w io.Writer) (_ framework.Head, err error) {
	defer recoverFault(g.info, noAttempt(n), &err)
	return g.snapshotter.Export(ctx, n, w)
}

func (g *guardedSnapshotter) Import(ctx context.Context, r io.Reader, want *framework.Root) (_ framework.Head, err error) {
	defer recoverFault(g.info, noAttempt(framework.AtEmpty), &err)
	return g.snapshotter.Import(ctx, r, want)
}

type guardedState struct {
	info  Info
	block framework.BlockNumber
	framework.State
}

func (g *guardedState) Read(ctx context.Context, keys []framework.Key, out []framework.Word) (err error) {
	defer recoverFault(g.info, noAttempt(g.block), &err)
	return g.State.Read(ctx, keys, out)
}

func (g *guardedState) Class(ctx context.Context, hash framework.Word) (_ *framework.Class, err error) {
	defer recoverFault(g.info, noAttempt(g.block), &err)
	return g.State.Class(ctx, hash)
}
