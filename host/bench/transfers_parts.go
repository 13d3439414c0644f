package bench

import (
	"context"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// parts is how long a VM and a store take for a block by themselves, in this process and from one goroutine.
type parts struct{ vm, store time.Duration }

// measureParts executes a block once with both under a watch. The assembly must have a serial scheduler and no links.
func measureParts(ctx context.Context, s *sequencer.Sequencer, b *framework.Block, txs []framework.Tx) (*parts, error) {
	p := &parts{}
	watched := *s
	watched.VM, watched.Store = &watchedVM{s.VM, p}, &watchedStore{s.Store, p}
	q := framework.NewQueue(txs...)
	q.Close()
	_, err := watched.Execute(ctx, b, q)
	return p, err
}

// watchedVM adds up how long a VM computes, without what it waits for reads.
type watchedVM struct {
	framework.VM
	parts *parts
}

// Open implements [framework.VM].
func (w *watchedVM) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	e, err := w.VM.Open(ctx, b)
	return &watchedExecutor{e, w.parts}, err
}

type watchedExecutor struct {
	framework.Executor
	parts *parts
}

// Execute implements [framework.Executor].
func (w *watchedExecutor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome) error {
	under := &watchedView{View: view}
	start := time.Now()
	err := w.Executor.Execute(ctx, tx, v, under, out)
	w.parts.vm += time.Since(start) - under.reading
	return err
}

// Finish implements [framework.Executor].
func (w *watchedExecutor) Finish(ctx context.Context, view framework.View, final []framework.Final) ([]framework.Write, error) {
	under := &watchedView{View: view}
	start := time.Now()
	writes, err := w.Executor.Finish(ctx, under, final)
	w.parts.vm += time.Since(start) - under.reading
	return writes, err
}

// watchedView adds up how long reads take.
type watchedView struct {
	framework.View
	reading time.Duration
}

// Read implements [framework.View].
func (w *watchedView) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	start := time.Now()
	err := w.View.Read(ctx, keys, out)
	w.reading += time.Since(start)
	return err
}

// watchedStore adds up how long reads of its states take.
type watchedStore struct {
	framework.Store
	parts *parts
}

// At implements [framework.Store].
func (w *watchedStore) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	st, err := w.Store.At(ctx, n)
	return &watchedState{st, w.parts}, err
}

type watchedState struct {
	framework.State
	parts *parts
}

// Read implements [framework.State].
func (w *watchedState) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	start := time.Now()
	err := w.State.Read(ctx, keys, out)
	w.parts.store += time.Since(start)
	return err
}
