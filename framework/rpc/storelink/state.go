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

// state is a state on the other side.
type state struct {
	store  *Store
	number framework.BlockNumber
	closed atomic.Bool

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

// Read implements [framework.State].
func (s *state) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	d, err := s.ask(ctx, kindRead, func(dst []byte) []byte { return codec.AppendKeys(dst, keys) })
	if err != nil {
		return err
	}
	values := d.Words(nil)
	if err := d.End(); err != nil {
		return err
	}
	if len(values) != len(keys) {
		return fmt.Errorf("storelink: %d values for %d keys", len(values), len(keys))
	}
	copy(out, values)
	return nil
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
	if s.closed.Swap(true) {
		return nil
	}
	s.mu.Lock()
	conn, id := s.conn, s.id
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_, err := conn.Call(ctx, kindLeave, binary.LittleEndian.AppendUint64(nil, id), nil)
	if conn.Broken() != nil || errors.Is(err, framework.ErrClosed) {
		return nil
	}
	return err
}
