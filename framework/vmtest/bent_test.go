package vmtest_test

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
)

// bent is a toy executor some of whose methods are replaced. A nil function is the method of the executor.
type bent struct {
	*toy.Executor
	execute func(context.Context, *framework.Tx, framework.Version, framework.View, *framework.Outcome) error
	finish  func(context.Context, framework.View, []framework.Final) ([]framework.Write, error)
	close   func() error
	resume  func(context.Context, framework.Version, int, framework.Version, framework.View, *framework.Outcome) error
	predict func(*framework.Tx, []framework.Predicted) []framework.Predicted
	learn   func(tx *framework.Tx, reads, writes []framework.Key)
}

func (b *bent) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
	if b.execute != nil {
		return b.execute(ctx, tx, v, vw, out)
	}
	return b.Executor.Execute(ctx, tx, v, vw, out)
}

func (b *bent) Finish(ctx context.Context, vw framework.View, final []framework.Final) ([]framework.Write, error) {
	if b.finish != nil {
		return b.finish(ctx, vw, final)
	}
	return b.Executor.Finish(ctx, vw, final)
}

func (b *bent) Close() error {
	if b.close != nil {
		return b.close()
	}
	return b.Executor.Close()
}

func (b *bent) Resume(ctx context.Context, from framework.Version, read int, v framework.Version, vw framework.View,
	out *framework.Outcome) error {
	if b.resume != nil {
		return b.resume(ctx, from, read, v, vw, out)
	}
	return b.Executor.Resume(ctx, from, read, v, vw, out)
}

func (b *bent) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	if b.predict != nil {
		return b.predict(tx, dst)
	}
	return b.Executor.Predict(tx, dst)
}

func (b *bent) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	if b.learn != nil {
		b.learn(tx, reads, writes)
		return
	}
	b.Executor.Learn(tx, reads, writes)
}

// after makes an executor that changes the outcome of every attempt, resumed or not.
func after(e *toy.Executor, change func(*framework.Tx, framework.Version, *framework.Outcome)) *bent {
	b := &bent{Executor: e}
	txs := newRecent()
	b.execute = func(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
		txs.put(v.Tx, tx)
		err := e.Execute(ctx, tx, v, vw, out)
		if err == nil {
			change(tx, v, out)
		}
		return err
	}
	b.resume = func(ctx context.Context, from framework.Version, read int, v framework.Version, vw framework.View,
		out *framework.Outcome) error {
		err := e.Resume(ctx, from, read, v, vw, out)
		if err == nil {
			change(txs.of(v.Tx), v, out)
		}
		return err
	}
	return b
}

// through makes an executor whose attempts see their view through wrap.
func through(e *toy.Executor, wrap func(framework.View) framework.View) *bent {
	return &bent{
		Executor: e,
		execute: func(ctx context.Context, tx *framework.Tx, v framework.Version, vw framework.View, out *framework.Outcome) error {
			return e.Execute(ctx, tx, v, wrap(vw), out)
		},
		resume: func(ctx context.Context, from framework.Version, read int, v framework.Version, vw framework.View,
			out *framework.Outcome) error {
			return e.Resume(ctx, from, read, v, wrap(vw), out)
		},
	}
}

// bentView is a view some of whose methods are replaced.
type bentView struct {
	framework.View
	read    func(context.Context, []framework.Key, []framework.Word) error
	aborted func() bool
}

func (b *bentView) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if b.read != nil {
		return b.read(ctx, keys, out)
	}
	return b.View.Read(ctx, keys, out)
}

func (b *bentView) Aborted() bool {
	if b.aborted != nil {
		return b.aborted()
	}
	return b.View.Aborted()
}
