package vmlink

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// closing is how long the closing of a block at the other end may take.
const closing = 30 * time.Second

// executor is an executor at the other end of a link.
type executor struct {
	client   *Client
	block    *framework.Block
	rewinds  bool
	predicts bool

	// publishing is held by Relink; the order of publications is that of mu.
	publishing sync.RWMutex

	mu     sync.Mutex // guards all below
	s      *session
	id     uint64 // of the block in the session
	closed bool
	seq    uint64 // counts Publish and Estimate
	sets   map[framework.TxIndex]*publication
	memos  map[framework.TxIndex]*memo // of the last attempts, if it rewinds
}

// publication is what was published last of a transaction, encoded.
type publication struct {
	version  framework.Version
	set      []byte
	estimate []byte // nil if it is none
}

var (
	_ framework.Executor  = (*executor)(nil)
	_ framework.Publisher = (*executor)(nil)
)

// session returns the link and the block's number there.
func (e *executor) session() (*session, uint64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, 0, framework.ErrClosed
	}
	return e.s, e.id, nil
}

// Execute implements [framework.Executor].
func (e *executor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	if view.Aborted() {
		return framework.ErrAborted
	}
	a, err := e.attempt(ctx, view)
	if err != nil {
		return err
	}
	defer a.free()
	a.order.version, a.order.tx = v, *tx
	return e.execute(ctx, a, out)
}

// attempt returns an attempt to be ordered at the other end.
func (e *executor) attempt(ctx context.Context, view framework.View) (*attempt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, id, err := e.session()
	if err != nil {
		return nil, err
	}
	a := newAttempt(s, e, view)
	a.order.block = id
	return a, nil
}

// execute runs an attempt whose order is complete.
func (e *executor) execute(ctx context.Context, a *attempt, out *framework.Outcome) error {
	err := a.execute(ctx, func(d *codec.Decoder) { d.Outcome(out) })
	if e.rewinds && !errors.Is(err, framework.ErrNoCheckpoint) {
		e.remember(a)
	}
	return err
}

// piece is how many bytes of finals are sent at once.
const piece = 1 << 20

// Finish implements [framework.Executor].
func (e *executor) Finish(ctx context.Context, view framework.View, final []framework.Final) ([]framework.Write, error) {
	a, err := e.attempt(ctx, view)
	if err != nil {
		return nil, err
	}
	defer a.free()
	a.finish = true
	a.order.version.Tx = framework.NoTx
	if err := e.sendFinals(ctx, a, final); err != nil {
		return nil, err
	}
	var writes []framework.Write
	err = a.execute(ctx, func(d *codec.Decoder) { writes = d.Writes(nil) })
	return writes, err
}

// sendFinals sends finals in pieces, which the other end collects until Finish is ordered.
func (e *executor) sendFinals(ctx context.Context, a *attempt, final []framework.Final) error {
	for first := true; first || len(final) > 0; first = false {
		n := 0
		for size := 0; n < len(final) && size < piece; n++ {
			f := &final[n]
			size += 1000 + len(f.Outcome.Receipt) + codec.WriteSize*(len(f.Outcome.Writes)+len(f.Writes))
		}
		b := codec.AppendBool(le.AppendUint64(nil, a.order.block), first)
		if _, err := a.s.conn.Call(ctx, kindFinals, codec.AppendFinals(b, final[:n]), nil); err != nil {
			return err
		}
		final = final[n:]
	}
	return nil
}

// Close implements [framework.Executor].
func (e *executor) Close() error {
	e.mu.Lock()
	s, id, closed := e.s, e.id, e.closed
	e.closed = true
	e.mu.Unlock()
	if closed {
		return nil
	}
	e.client.mu.Lock()
	delete(e.client.executors, e)
	e.client.mu.Unlock()
	s.out.drain() // what was published or forgotten last arrives before the block is closed
	ctx, cancel := context.WithTimeout(s.ctx, closing)
	defer cancel()
	_, err := s.conn.Call(ctx, kindClose, le.AppendUint64(nil, id), nil)
	if s.conn.Err() != nil || errors.Is(err, framework.ErrPluginGone) {
		return nil // the block has gone with the VM
	}
	return err
}

// publications returns how often Publish and Estimate were called.
func (e *executor) publications() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.seq
}

// set returns what was published of a transaction. e.mu must be held.
func (e *executor) set(i framework.TxIndex) *publication {
	p := e.sets[i]
	if p == nil {
		p = new(publication)
		e.sets[i] = p
	}
	return p
}

// Publish implements [framework.Publisher].
func (e *executor) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	e.publishing.RLock()
	defer e.publishing.RUnlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.seq++
	p := e.set(v.Tx)
	if p.estimate != nil && v.Inc > p.version.Inc {
		p.estimate = nil
	}
	p.version = v
	n := codec.VersionSize + 8 + codec.WriteSize*len(writes) + codec.AddSize*len(adds)
	b := codec.AppendVersion(slices.Grow(p.set[:0], n), v)
	b = codec.AppendWrites(b, writes)
	p.set = codec.AppendAdds(b, adds)
	e.s.tell(tagPublish, e.id, p.set)
}

// Estimate implements [framework.Publisher].
func (e *executor) Estimate(v framework.Version) {
	e.publishing.RLock()
	defer e.publishing.RUnlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.seq++
	p := e.set(v.Tx)
	p.version.Inc = max(p.version.Inc, v.Inc)
	p.estimate = codec.AppendVersion(p.estimate[:0], v)
	e.s.tell(tagEstimate, e.id, p.estimate)
}
