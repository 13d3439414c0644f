package storelink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// closing is how long the closing of a store or a state on the other side may take.
const closing = 30 * time.Second

// Store is a store on the other side of a link. It keeps the promises of [framework.Store]; when the link is gone,
// every call returns [framework.ErrPluginGone].
type Store struct {
	conn   *link.Conn
	closed atomic.Bool // set by the first Close
}

var _ framework.Store = (*Store)(nil)

// New returns the store that a [Handler] serves at the other end of conn. The link stays the caller's.
func New(conn *link.Conn) *Store { return &Store{conn: conn} }

// appendBlock appends the number of a block.
func appendBlock(dst []byte, n framework.BlockNumber) []byte {
	return binary.LittleEndian.AppendUint64(dst, uint64(n)) //nolint:gosec // two's complement, as Decoder.Int64 reads it
}

// call makes one call and returns a decoder of the answer.
func (s *Store) call(ctx context.Context, k link.Kind, payload []byte) (*codec.Decoder, error) {
	if s.closed.Load() {
		return nil, framework.ErrClosed
	}
	answer, err := s.conn.Call(ctx, k, payload, nil)
	if err != nil {
		return nil, err
	}
	return codec.NewDecoder(answer), nil
}

// order makes a call whose answer is empty.
func (s *Store) order(ctx context.Context, k link.Kind, payload []byte) error {
	d, err := s.call(ctx, k, payload)
	if err != nil {
		return err
	}
	return d.End()
}

// Head implements [framework.Store].
func (s *Store) Head(ctx context.Context) (framework.Head, error) {
	d, err := s.call(ctx, kindHead, nil)
	if err != nil {
		return framework.Head{}, err
	}
	head := d.Head()
	return head, d.End()
}

// At implements [framework.Store].
func (s *Store) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	d, err := s.call(ctx, kindAt, appendBlock(nil, n))
	if err != nil {
		return nil, err
	}
	state := &state{store: s, id: d.Uint64()}
	if err := d.End(); err != nil {
		return nil, err
	}
	return state, nil
}

// Stage implements [framework.Store].
func (s *Store) Stage(ctx context.Context, n framework.BlockNumber, protocol string, diff *framework.Diff) error {
	b := appendBlock(nil, n)
	b = codec.AppendString(b, protocol)
	return s.order(ctx, kindStage, codec.AppendDiff(b, diff))
}

// Seal implements [framework.Store].
func (s *Store) Seal(ctx context.Context, n framework.BlockNumber) (framework.Root, error) {
	d, err := s.call(ctx, kindSeal, appendBlock(nil, n))
	if err != nil {
		return framework.Root{}, err
	}
	root := framework.Root(d.Word())
	return root, d.End()
}

// Revert implements [framework.Store].
func (s *Store) Revert(ctx context.Context, to framework.BlockNumber) error {
	return s.order(ctx, kindRevert, appendBlock(nil, to))
}

// Prove implements [framework.Store].
func (s *Store) Prove(ctx context.Context, n framework.BlockNumber, q framework.ProofQuery) (*framework.Proof, error) {
	d, err := s.call(ctx, kindProve, codec.AppendProofQuery(appendBlock(nil, n), &q))
	if err != nil {
		return nil, err
	}
	p := new(framework.Proof)
	d.Proof(p)
	return p, d.End()
}

// Close implements [framework.Store]. It closes the store on the other side.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_, err := s.conn.Call(ctx, kindClose, nil, nil)
	return err
}

// state is a state on the other side.
type state struct {
	store  *Store
	id     uint64
	closed atomic.Bool
}

// call makes one call about the state.
func (s *state) call(ctx context.Context, k link.Kind, payload []byte) (*codec.Decoder, error) {
	if s.closed.Load() {
		return nil, framework.ErrClosed
	}
	return s.store.call(ctx, k, payload)
}

// Read implements [framework.State].
func (s *state) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	d, err := s.call(ctx, kindRead, codec.AppendKeys(binary.LittleEndian.AppendUint64(nil, s.id), keys))
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
	d, err := s.call(ctx, kindClass, codec.AppendWord(binary.LittleEndian.AppendUint64(nil, s.id), hash))
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
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	err := s.store.order(ctx, kindLeave, binary.LittleEndian.AppendUint64(nil, s.id))
	if errors.Is(err, framework.ErrClosed) || errors.Is(err, framework.ErrPluginGone) {
		return nil
	}
	return err
}
