package storetest_test

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
)

// bent is a store some of whose methods are replaced. A nil function is the method of the store.
type bent struct {
	framework.Store
	head   func(context.Context) (framework.Head, error)
	at     func(context.Context, framework.BlockNumber) (framework.State, error)
	stage  func(context.Context, framework.BlockNumber, *framework.Diff) error
	seal   func(context.Context, framework.BlockNumber) (framework.Root, error)
	revert func(context.Context, framework.BlockNumber) error
	prove  func(context.Context, framework.BlockNumber, framework.ProofQuery) (*framework.Proof, error)
	close  func() error
}

func (b *bent) Head(ctx context.Context) (framework.Head, error) {
	if b.head != nil {
		return b.head(ctx)
	}
	return b.Store.Head(ctx)
}

func (b *bent) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	if b.at != nil {
		return b.at(ctx, n)
	}
	return b.Store.At(ctx, n)
}

func (b *bent) Stage(ctx context.Context, n framework.BlockNumber, p string, d *framework.Diff) error {
	if b.stage != nil {
		return b.stage(ctx, n, d)
	}
	return b.Store.Stage(ctx, n, p, d)
}

func (b *bent) Seal(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
	if b.seal != nil {
		return b.seal(ctx, n)
	}
	return b.Store.Seal(ctx, n)
}

func (b *bent) Revert(ctx context.Context, to framework.BlockNumber) error {
	if b.revert != nil {
		return b.revert(ctx, to)
	}
	return b.Store.Revert(ctx, to)
}

func (b *bent) Prove(ctx context.Context, n framework.BlockNumber, q framework.ProofQuery) (*framework.Proof, error) {
	if b.prove != nil {
		return b.prove(ctx, n, q)
	}
	return b.Store.Prove(ctx, n, q)
}

func (b *bent) Close() error {
	if b.close != nil {
		return b.close()
	}
	return b.Store.Close()
}

// bentState is a state some of whose methods are replaced.
type bentState struct {
	framework.State
	read  func(context.Context, []framework.Key, []framework.Word) error
	class func(context.Context, framework.Word) (*framework.Class, error)
	close func() error
}

func (b *bentState) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if b.read != nil {
		return b.read(ctx, keys, out)
	}
	return b.State.Read(ctx, keys, out)
}

func (b *bentState) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	if b.class != nil {
		return b.class(ctx, hash)
	}
	return b.State.Class(ctx, hash)
}

func (b *bentState) Close() error {
	if b.close != nil {
		return b.close()
	}
	return b.State.Close()
}

// states makes a store all of whose states go through bend.
func states(s framework.Store, bend func(n framework.BlockNumber, b *bentState)) *bent {
	b := &bent{Store: s}
	b.at = func(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
		st, err := s.At(ctx, n)
		if err != nil {
			return nil, err
		}
		bs := &bentState{State: st}
		bend(n, bs)
		return bs, nil
	}
	return b
}
