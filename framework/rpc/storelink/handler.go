package storelink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// Handler serves one store over one link: it is the Handler of the link's options.
type Handler struct {
	store framework.Store

	mu        sync.Mutex
	states    map[uint64]framework.State // guarded by mu
	snapshots map[uint64]*snapshot       // guarded by mu
	last      uint64                     // number of the state or snapshot opened last; guarded by mu
	closed    bool                       // guarded by mu
}

// NewHandler returns a handler for one link. The store stays the caller's: it may be served over many links, and a
// call of Close over one of them closes it for all.
func NewHandler(store framework.Store) *Handler {
	return &Handler{store: store, states: map[uint64]framework.State{}, snapshots: map[uint64]*snapshot{}}
}

// Close closes the states that the other side left open, and ends its snapshots. Call it when the link has ended.
func (h *Handler) Close() error {
	h.mu.Lock()
	h.closed = true
	states, snapshots := h.states, h.snapshots
	h.states, h.snapshots = nil, nil
	h.mu.Unlock()
	for _, s := range snapshots {
		s.drop()
	}
	var errs []error
	for _, s := range states {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// Handle serves one frame. It is a [link.Handler].
func (h *Handler) Handle(r *link.Request) error {
	serve, ok := calls[r.Kind()]
	if !ok {
		return nil
	}
	return r.Go(func(ctx context.Context, r *link.Request) error {
		answer, err := serve(h, ctx, codec.NewDecoder(r.Payload()))
		if err != nil {
			return err
		}
		return r.Answer(answer)
	})
}

// call serves one kind of call: it decodes the payload and returns the answer.
type call func(h *Handler, ctx context.Context, d *codec.Decoder) ([]byte, error)

var calls = map[link.Kind]call{
	kindHead:   (*Handler).head,
	kindAt:     (*Handler).at,
	kindStage:  (*Handler).stage,
	kindSeal:   (*Handler).seal,
	kindRevert: (*Handler).revert,
	kindProve:  (*Handler).prove,
	kindRead:   (*Handler).read,
	kindClass:  (*Handler).class,
	kindLeave:  (*Handler).leave,
	kindClose:  (*Handler).closeStore,

	kindExport:       (*Handler).export,
	kindExportNext:   (*Handler).exportNext,
	kindImport:       (*Handler).importSnapshot,
	kindImportNext:   (*Handler).importNext,
	kindImportEnd:    (*Handler).importEnd,
	kindDropSnapshot: (*Handler).dropSnapshot,
}

// onlyBlock returns the number of a block, which is all that a payload holds.
func onlyBlock(d *codec.Decoder) (framework.BlockNumber, error) {
	n := framework.BlockNumber(d.Int64())
	return n, d.End()
}

func (h *Handler) head(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	if err := d.End(); err != nil {
		return nil, err
	}
	head, err := h.store.Head(ctx)
	return codec.AppendHead(nil, head), err
}

func (h *Handler) at(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	n, err := onlyBlock(d)
	if err != nil {
		return nil, err
	}
	s, err := h.store.At(ctx, n)
	if err != nil {
		return nil, err
	}
	id, err := h.enter(s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return binary.LittleEndian.AppendUint64(nil, id), nil
}

// enter gives a state its number.
func (h *Handler) enter(s framework.State) (uint64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, framework.ErrClosed
	}
	h.last++
	h.states[h.last] = s
	return h.last, nil
}

// state returns the state of a number that the other side sent.
func (h *Handler) state(id uint64) (framework.State, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, ok := h.states[id]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("state %d: %w", id, framework.ErrClosed)
}

func (h *Handler) stage(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	n, protocol := framework.BlockNumber(d.Int64()), d.String("")
	var diff framework.Diff
	d.Diff(&diff)
	if err := d.End(); err != nil {
		return nil, err
	}
	return nil, h.store.Stage(ctx, n, protocol, &diff)
}

func (h *Handler) seal(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	n, err := onlyBlock(d)
	if err != nil {
		return nil, err
	}
	root, err := h.store.Seal(ctx, n)
	return codec.AppendWord(nil, framework.Word(root)), err
}

func (h *Handler) revert(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	to, err := onlyBlock(d)
	if err != nil {
		return nil, err
	}
	return nil, h.store.Revert(ctx, to)
}

func (h *Handler) prove(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	n := framework.BlockNumber(d.Int64())
	var q framework.ProofQuery
	d.ProofQuery(&q)
	if err := d.End(); err != nil {
		return nil, err
	}
	p, err := h.store.Prove(ctx, n, q)
	if err != nil {
		return nil, err
	}
	return codec.AppendProof(nil, p), nil
}

func (h *Handler) read(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	id, keys := d.Uint64(), d.Keys(nil)
	if err := d.End(); err != nil {
		return nil, err
	}
	s, err := h.state(id)
	if err != nil {
		return nil, err
	}
	values := make([]framework.Word, len(keys))
	if err := s.Read(ctx, keys, values); err != nil {
		return nil, err
	}
	return codec.AppendWords(nil, values), nil
}

func (h *Handler) class(ctx context.Context, d *codec.Decoder) ([]byte, error) {
	id, hash := d.Uint64(), d.Word()
	if err := d.End(); err != nil {
		return nil, err
	}
	s, err := h.state(id)
	if err != nil {
		return nil, err
	}
	c, err := s.Class(ctx, hash)
	if err != nil {
		return nil, err
	}
	return codec.AppendClass(nil, c), nil
}

func (h *Handler) leave(_ context.Context, d *codec.Decoder) ([]byte, error) {
	id := d.Uint64()
	if err := d.End(); err != nil {
		return nil, err
	}
	s, err := h.state(id)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	delete(h.states, id)
	h.mu.Unlock()
	return nil, s.Close()
}

func (h *Handler) closeStore(_ context.Context, d *codec.Decoder) ([]byte, error) {
	if err := d.End(); err != nil {
		return nil, err
	}
	return nil, h.store.Close()
}
