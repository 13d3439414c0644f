package storelink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

const (
	// piece is how much of a snapshot one call carries.
	piece = 256 << 10
	// maxSnapshots is how many snapshots may be under way on one link.
	maxSnapshots = 16
)

// errDropped ends a snapshot that the other side does not want any longer.
var errDropped = errors.New("storelink: snapshot dropped by the other side")

// snapshot is an export or an import that is under way in a goroutine of the handler. Its bytes go through a pipe.
type snapshot struct {
	id     uint64
	r      *io.PipeReader
	w      *io.PipeWriter
	cancel context.CancelFunc
	done   chan struct{} // closed when head and err are set
	head   framework.Head
	err    error
}

// drop ends the snapshot and waits for that.
func (s *snapshot) drop() {
	s.cancel()
	s.r.CloseWithError(errDropped)
	s.w.CloseWithError(errDropped)
	<-s.done
}

// begin starts a snapshot and answers with its number.
func (h *Handler) begin(work func(context.Context, framework.Snapshotter, *snapshot) (framework.Head, error)) ([]byte, error) {
	store, ok := h.store.(framework.Snapshotter)
	if !ok {
		return nil, fmt.Errorf("snapshots: %w by this store", framework.ErrUnsupported)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, framework.ErrClosed
	case len(h.snapshots) == maxSnapshots:
		return nil, fmt.Errorf("more than %d snapshots at once", maxSnapshots)
	}
	// It outlives the call that begins it: it ends by itself, when it is dropped, or with the link.
	ctx, cancel := context.WithCancel(context.Background())
	s := &snapshot{cancel: cancel, done: make(chan struct{})}
	s.r, s.w = io.Pipe()
	h.last++
	s.id = h.last
	h.snapshots[s.id] = s
	go func() {
		defer close(s.done)
		s.head, s.err = work(ctx, store, s)
	}()
	return binary.LittleEndian.AppendUint64(nil, s.id), nil
}

func (h *Handler) snapshot(id uint64) (*snapshot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, ok := h.snapshots[id]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("snapshot %d: %w", id, framework.ErrClosed)
}

// snapshotOf returns the snapshot of which a payload holds the number and nothing else.
func (h *Handler) snapshotOf(d *codec.Decoder) (*snapshot, error) {
	id := d.Uint64()
	if err := d.End(); err != nil {
		return nil, err
	}
	return h.snapshot(id)
}

// export begins an export.
func (h *Handler) export(_ context.Context, d *codec.Decoder) ([]byte, error) {
	n, err := onlyBlock(d)
	if err != nil {
		return nil, err
	}
	return h.begin(func(ctx context.Context, store framework.Snapshotter, s *snapshot) (framework.Head, error) {
		head, err := store.Export(ctx, n, s.w)
		s.w.CloseWithError(err) // who reads learns of the end
		return head, err
	})
}

// exportNext answers with the next piece, or with the head after the last one.
func (h *Handler) exportNext(_ context.Context, d *codec.Decoder) ([]byte, error) {
	s, err := h.snapshotOf(d)
	if err != nil {
		return nil, err
	}
	b := make([]byte, piece)
	n, err := io.ReadFull(s.r, b)
	switch {
	case n > 0:
		return codec.AppendBytes(codec.AppendBool(nil, false), b[:n]), nil
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	<-s.done
	return codec.AppendHead(codec.AppendBool(nil, true), s.head), s.err
}

// importSnapshot begins an import.
func (h *Handler) importSnapshot(_ context.Context, d *codec.Decoder) ([]byte, error) {
	var want *framework.Root
	if known, root := d.Bool(), framework.Root(d.Word()); known {
		want = &root
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return h.begin(func(ctx context.Context, store framework.Snapshotter, s *snapshot) (framework.Head, error) {
		head, err := store.Import(ctx, s.r, want)
		s.r.CloseWithError(err) // who writes learns of the end
		return head, err
	})
}

// importNext hands on a piece.
func (h *Handler) importNext(_ context.Context, d *codec.Decoder) ([]byte, error) {
	id, b := d.Uint64(), d.Bytes(nil)
	if err := d.End(); err != nil {
		return nil, err
	}
	s, err := h.snapshot(id)
	if err != nil {
		return nil, err
	}
	if _, err = s.w.Write(b); errors.Is(err, io.ErrClosedPipe) {
		err = nil // the import has ended well before the bytes; importEnd says so
	}
	return nil, err
}

// importEnd says that there are no more pieces, and answers with the head.
func (h *Handler) importEnd(_ context.Context, d *codec.Decoder) ([]byte, error) {
	s, err := h.snapshotOf(d)
	if err != nil {
		return nil, err
	}
	s.w.Close()
	<-s.done
	return codec.AppendHead(nil, s.head), s.err
}

// dropSnapshot forgets a snapshot, and ends it if it is under way.
func (h *Handler) dropSnapshot(_ context.Context, d *codec.Decoder) ([]byte, error) {
	s, err := h.snapshotOf(d)
	if err != nil {
		return nil, err
	}
	s.drop()
	h.mu.Lock()
	delete(h.snapshots, s.id)
	h.mu.Unlock()
	return nil, nil
}

var _ framework.Snapshotter = (*Store)(nil)

// Export implements [framework.Snapshotter].
func (s *Store) Export(ctx context.Context, n framework.BlockNumber, w io.Writer) (framework.Head, error) {
	id, err := s.beginSnapshot(ctx, kindExport, appendBlock(nil, n))
	if err != nil {
		return framework.Head{}, err
	}
	defer s.endSnapshot(id)
	for {
		d, err := s.call(ctx, kindExportNext, appendID(id))
		if err != nil {
			return framework.Head{}, err
		}
		if end := d.Bool(); end {
			head := d.Head()
			return head, d.End()
		}
		b := d.Bytes(nil)
		if err := d.End(); err != nil {
			return framework.Head{}, err
		}
		if _, err := w.Write(b); err != nil {
			return framework.Head{}, err
		}
	}
}

// Import implements [framework.Snapshotter].
func (s *Store) Import(ctx context.Context, r io.Reader, want *framework.Root) (framework.Head, error) {
	var root framework.Root
	if want != nil {
		root = *want
	}
	id, err := s.beginSnapshot(ctx, kindImport, codec.AppendWord(codec.AppendBool(nil, want != nil), framework.Word(root)))
	if err != nil {
		return framework.Head{}, err
	}
	defer s.endSnapshot(id)
	b := make([]byte, piece)
	for {
		n, err := io.ReadFull(r, b)
		if n > 0 {
			if err := s.order(ctx, kindImportNext, codec.AppendBytes(appendID(id), b[:n])); err != nil {
				return framework.Head{}, err
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			d, err := s.call(ctx, kindImportEnd, appendID(id))
			if err != nil {
				return framework.Head{}, err
			}
			head := d.Head()
			return head, d.End()
		default:
			return framework.Head{}, err
		}
	}
}

func appendID(id uint64) []byte { return binary.LittleEndian.AppendUint64(nil, id) }

// beginSnapshot makes a call that begins a snapshot and returns its number.
func (s *Store) beginSnapshot(ctx context.Context, k link.Kind, payload []byte) (uint64, error) {
	d, err := s.call(ctx, k, payload)
	if err != nil {
		return 0, err
	}
	id := d.Uint64()
	return id, d.End()
}

// endSnapshot has the other side forget a snapshot. If it cannot be told, its end of the link drops it.
func (s *Store) endSnapshot(id uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = s.order(ctx, kindDropSnapshot, appendID(id))
}
