package schedlink

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// block is the block of a run: what executes it, the state below it, and, if the host may finish it here, its outcomes.
type block struct {
	*framework.Block
	executor framework.Executor
	base     framework.State
	kept     bool               // outcomes are kept
	finals   []framework.Final  // every outcome that was handed out, if they are kept
	included int                // how many of them were not rejected
	state    *framework.Overlay // after these
}

// open opens the block of a run over the links that it names.
func (h *Handler) open(ctx context.Context, j *run) (*block, error) {
	vm, err := h.links.VM(j.vm)
	if err != nil {
		return nil, fmt.Errorf("vm %q: %w", j.vm, err)
	}
	store, err := h.links.Store(j.store)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w", j.store, err)
	}
	b := &block{Block: &j.block}
	if b.executor, err = vm.Open(ctx, b.Block); err != nil {
		return nil, err
	}
	if b.base, err = store.At(ctx, j.base); err != nil {
		return nil, errors.Join(err, b.executor.Close())
	}
	b.state = framework.NewOverlay(context.WithoutCancel(ctx), b.base, b.Start) // it outlives the run
	return b, nil
}

// close closes what was opened. b may be nil.
func (b *block) close() error {
	if b == nil {
		return nil
	}
	return errors.Join(b.executor.Close(), b.base.Close())
}

// keep keeps outcomes that are handed out.
func (b *block) keep(finals []framework.Final) {
	if !b.kept {
		return
	}
	for i := range finals {
		f := finals[i].Clone()
		b.finals = append(b.finals, f)
		if f.Outcome.Status != framework.Rejected {
			b.included++
			b.state.Apply(f.Writes, f.Outcome.Classes)
		}
	}
}

// named reads which outcomes the block contains.
func (b *block) named(d *codec.Decoder) []framework.Final {
	final := make([]framework.Final, 0, d.Count("outcomes", 8+1))
	for range cap(final) {
		tx, other := d.Uint64(), d.Bool()
		if d.Err() == nil && tx >= uint64(len(b.finals)) {
			d.Fail("transaction", fmt.Errorf("%d of %d outcomes", tx, len(b.finals)))
		}
		if d.Err() != nil {
			return nil
		}
		f := b.finals[tx]
		if other {
			f.Writes = d.Writes(nil)
		}
		final = append(final, f)
	}
	return final
}

// finish has the VM write what comes after the last of these outcomes.
func (b *block) finish(ctx context.Context, final []framework.Final) ([]framework.Write, error) {
	state := b.state
	if len(final) < b.included { // the host has cut the block
		state = framework.NewOverlay(ctx, b.base, b.Start)
		for i := range final {
			state.Apply(final[i].Writes, final[i].Outcome.Classes)
		}
	}
	return b.executor.Finish(ctx, &ending{state, ctx}, final)
}

// ending is the view of a Finish.
type ending struct {
	*framework.Overlay
	ctx context.Context //nolint:containedctx // of the call of Finish, which the view lasts as long as
}

// Aborted implements [framework.View].
func (e *ending) Aborted() bool { return e.ctx.Err() != nil }

// keep keeps the block of a run until the host leaves it, and reports whether there is room for it.
func (h *Handler) keep(id uint64, b *block) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.blocks) == maxKept {
		return false
	}
	h.blocks[id] = b
	return true
}

// left returns the block of a run that is kept no longer, nil if it was not.
func (h *Handler) left(id uint64) *block {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.blocks[id]
	delete(h.blocks, id)
	return b
}

// leave closes the block of a run if it is kept.
func (h *Handler) leave(d *codec.Decoder, r *link.Request) error {
	id := d.Uint64()
	if err := d.End(); err != nil {
		return err
	}
	b := h.left(id)
	return r.Go(func(context.Context, *link.Request) error {
		_ = b.close() // nobody is left to be told
		return nil
	})
}

// finish serves a call of finish.
func (h *Handler) finish(ctx context.Context, r *link.Request) error {
	d := codec.NewDecoder(r.Payload())
	id := d.Uint64()
	h.mu.Lock()
	b := h.blocks[id]
	h.mu.Unlock()
	if b == nil {
		return fmt.Errorf("block of run %d: %w", id, framework.ErrClosed)
	}
	final := b.named(d)
	if err := d.End(); err != nil {
		return err
	}
	writes, err := b.finish(ctx, final)
	if err != nil {
		return err
	}
	return r.Answer(codec.AppendWrites(nil, writes))
}

// Close closes the blocks that the host left open. Call it when the link has ended.
func (h *Handler) Close() error {
	h.mu.Lock()
	open := h.blocks
	h.blocks = map[uint64]*block{}
	h.mu.Unlock()
	var errs []error
	for _, b := range open {
		errs = append(errs, b.close())
	}
	return errors.Join(errs...)
}
