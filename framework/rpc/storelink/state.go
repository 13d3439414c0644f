package storelink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// state is a state on the other side, of which it remembers what it was told.
type state struct {
	store  *Store
	number framework.BlockNumber
	cells  *cache
	closed atomic.Bool

	ctx    context.Context //nolint:containedctx // of what is fetched ahead: ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu   sync.Mutex // held while the state is opened again
	conn *link.Conn // over which it was opened last; guarded by mu
	id   uint64     // of the state there; guarded by mu
}

// over returns the number that the state has at the other end of a link, where it opens it if need be.
func (s *state) over(ctx context.Context, conn *link.Conn) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != conn {
		answer, err := conn.Call(ctx, kindAt, appendBlock(nil, s.number), nil)
		if err != nil {
			return nil, fmt.Errorf("open the state of block %d again: %w", s.number, err)
		}
		d := codec.NewDecoder(answer)
		id := d.Uint64()
		if err := d.End(); err != nil {
			return nil, err
		}
		s.conn, s.id = conn, id
	}
	return binary.LittleEndian.AppendUint64(nil, s.id), nil
}

// ask makes one call about the state: its number and then what appendTo appends.
func (s *state) ask(ctx context.Context, k link.Kind, appendTo func(dst []byte) []byte) (*codec.Decoder, error) {
	if s.closed.Load() {
		return nil, framework.ErrClosed
	}
	return s.store.ask(ctx, k, func(conn *link.Conn) ([]byte, error) {
		id, err := s.over(ctx, conn)
		return appendTo(id), err
	})
}

// newState returns a state that has not been opened yet.
func newState(store *Store, n framework.BlockNumber) *state {
	s := &state{store: store, number: n}
	s.cells = newCache(s.fetch)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Read implements [framework.State].
func (s *state) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	if s.closed.Load() || s.store.closed.Load() {
		return framework.ErrClosed
	}
	return s.cells.read(ctx, keys, out)
}

// fetch asks the other side for cells.
func (s *state) fetch(ctx context.Context, keys []framework.Key) ([]framework.Word, error) {
	d, err := s.ask(ctx, kindRead, func(dst []byte) []byte { return codec.AppendKeys(dst, keys) })
	if err != nil {
		return nil, err
	}
	values := d.Words(nil)
	if err := d.End(); err != nil {
		return nil, err
	}
	if len(values) != len(keys) {
		return nil, fmt.Errorf("storelink: %d values for %d keys", len(values), len(keys))
	}
	return values, nil
}

// Prefetch fetches cells that will probably be read, and returns at once. Who reads one of them meanwhile waits for it. told,
// if not nil, is called with what has come, in another goroutine, and not after Close has returned; what cannot be fetched
// is left to whoever reads it.
func (s *state) Prefetch(keys []framework.Key, told func([]framework.Write)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return
	}
	for _, q := range s.cells.unknown(keys) {
		s.wg.Go(func() {
			if s.cells.put(s.ctx, q) != nil || told == nil {
				return
			}
			writes := make([]framework.Write, len(q.keys))
			for i := range writes {
				writes[i] = framework.Write{Key: q.keys[i], Value: q.values[i]}
			}
			told(writes)
		})
	}
}

// Class implements [framework.State].
func (s *state) Class(ctx context.Context, hash framework.Word) (*framework.Class, error) {
	d, err := s.ask(ctx, kindClass, func(dst []byte) []byte { return codec.AppendWord(dst, hash) })
	if err != nil {
		return nil, err
	}
	c := new(framework.Class)
	d.Class(c)
	return c, d.End()
}

// Close implements [framework.State]. A state that the other side has closed already counts as closed.
func (s *state) Close() error {
	s.mu.Lock()
	closed, conn, id := s.closed.Swap(true), s.conn, s.id
	s.mu.Unlock()
	if closed {
		return nil
	}
	s.cancel()
	s.wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_, err := conn.Call(ctx, kindLeave, binary.LittleEndian.AppendUint64(nil, id), nil)
	if conn.Broken() != nil || errors.Is(err, framework.ErrClosed) {
		return nil
	}
	return err
}
