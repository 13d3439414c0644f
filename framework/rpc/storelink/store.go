package storelink

import (
	"context"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// closing is how long the closing of a store or a state on the other side may take.
const closing = 30 * time.Second

// Store is a store on the other side of a link. It keeps the promises of [framework.Store].
//
// When the link breaks, whoever has started the store again calls Relink with a new one. What only reads waits so long and
// goes on, states too, but it waits no longer than the store is patient and then returns [framework.ErrPluginGone]. Stage,
// Seal and Revert return that at once: what became of them only a look at the head can tell.
type Store struct {
	line   *link.Line[*link.Conn]
	closed atomic.Bool // set by the first Close
}

var _ framework.Store = (*Store)(nil)

// New returns the store that a [Handler] serves, without a link.
func New(patience time.Duration) *Store { return &Store{line: link.NewLine[*link.Conn](patience)} }

// Handle is the [link.Handler] of the store's link: the other side says nothing by itself.
func (s *Store) Handle(*link.Request) error { return nil }

// Relink gives the store a link, which stays the caller's: its first, or another one when the last is gone.
func (s *Store) Relink(_ context.Context, conn *link.Conn, _ string) error {
	s.line.Replace(conn)
	return nil
}

// Lose says that no link will come any more: calls return err, which should be framework.ErrPluginGone, from now on.
func (s *Store) Lose(err error) { s.line.Lose(err) }

// appendBlock appends the number of a block.
func appendBlock(dst []byte, n framework.BlockNumber) []byte {
	return binary.LittleEndian.AppendUint64(dst, uint64(n)) //nolint:gosec // two's complement, as Decoder.Int64 reads it
}

// ask makes a call that changes nothing, over one link after another until one does not break. payload returns what to
// send over a link.
func (s *Store) ask(ctx context.Context, k link.Kind, payload func(*link.Conn) ([]byte, error)) (*codec.Decoder, error) {
	for {
		if s.closed.Load() {
			return nil, framework.ErrClosed
		}
		conn, err := s.line.Session(ctx)
		if err != nil {
			if s.closed.Load() { // meanwhile, and the link with it
				return nil, framework.ErrClosed
			}
			return nil, err
		}
		b, err := payload(conn)
		if err == nil {
			var answer []byte
			if answer, err = conn.Call(ctx, k, b, nil); err == nil {
				return codec.NewDecoder(answer), nil
			}
		}
		if conn.Broken() == nil {
			return nil, err
		}
	}
}

// always is a payload that is the same over every link.
func always(payload []byte) func(*link.Conn) ([]byte, error) {
	return func(*link.Conn) ([]byte, error) { return payload, nil }
}

// call makes one call, over the link that works now: one that changes the store, or belongs to others of that link.
func (s *Store) call(ctx context.Context, k link.Kind, payload []byte) (*codec.Decoder, error) {
	if s.closed.Load() {
		return nil, framework.ErrClosed
	}
	conn, err := s.line.Now()
	if err != nil {
		return nil, err
	}
	answer, err := conn.Call(ctx, k, payload, nil)
	if err != nil {
		return nil, err
	}
	return codec.NewDecoder(answer), nil
}

// order makes a call that changes the store and whose answer is empty.
func (s *Store) order(ctx context.Context, k link.Kind, payload []byte) error {
	d, err := s.call(ctx, k, payload)
	if err != nil {
		return err
	}
	return d.End()
}

// Head implements [framework.Store].
func (s *Store) Head(ctx context.Context) (framework.Head, error) {
	d, err := s.ask(ctx, kindHead, always(nil))
	if err != nil {
		return framework.Head{}, err
	}
	head := d.Head()
	return head, d.End()
}

// At implements [framework.Store].
func (s *Store) At(ctx context.Context, n framework.BlockNumber) (framework.State, error) {
	state := newState(s, n)
	d, err := s.ask(ctx, kindAt, func(conn *link.Conn) ([]byte, error) {
		state.conn = conn
		return appendBlock(nil, n), nil
	})
	if err != nil {
		return nil, err
	}
	state.id = d.Uint64()
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
	d, err := s.ask(ctx, kindProve, always(codec.AppendProofQuery(appendBlock(nil, n), &q)))
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
	conn, err := s.line.Now()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_, err = conn.Call(ctx, kindClose, nil, nil)
	return err
}
