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

	ctx    context.Context //nolint:containedctx // ends with Close
	cancel context.CancelFunc

	// publishing is held by Relink; the order of publications is that of mu.
	publishing sync.RWMutex

	mu     sync.Mutex // guards all below
	s      *session
	id     uint64 // of the block in the session
	closed bool
	sets   map[framework.TxIndex]*publication
	memos  map[framework.TxIndex]*memo  // of the last attempts, if it rewinds
	names  map[framework.TxIndex]named  // of their outcomes, if the VM keeps those
	runs   map[framework.TxIndex]uint64 // whose results were returned and not published, if the VM proposes
	deadly map[framework.TxIndex]bool   // transactions whose attempts have killed the VM
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

func newExecutor(c *Client, b *framework.Block) *executor {
	e := &executor{client: c, block: b, sets: map[framework.TxIndex]*publication{}, names: map[framework.TxIndex]named{},
		runs: map[framework.TxIndex]uint64{}}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// session returns the link and the block's number there.
func (e *executor) session() (*session, uint64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, 0, framework.ErrClosed
	}
	return e.s, e.id, nil
}

// join makes the link that works, for which it may wait, that of an attempt. Relink has opened the block there.
func (e *executor) join(ctx context.Context, a *attempt) error {
	if _, _, err := e.session(); err != nil {
		return err
	}
	if _, err := e.client.line.Now(); err != nil {
		waiting, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(e.ctx, cancel)()
		if _, err := e.client.line.Session(waiting); err != nil && (ctx.Err() != nil || e.ctx.Err() == nil) {
			return err
		}
	}
	if err := e.convict(a); err != nil {
		return err
	}
	var err error
	a.s, a.order.block, err = e.session()
	return err
}

// linked calls f, which makes an attempt over its link, and again over another link when that one breaks.
func (e *executor) linked(ctx context.Context, a *attempt, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for {
		if err := e.join(ctx, a); err != nil {
			return err
		}
		err := f()
		if err != errGone { //nolint:errorlint // is not wrapped
			return err
		}
		a.anew()
	}
}

// Execute implements [framework.Executor].
func (e *executor) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	if view.Aborted() {
		return framework.ErrAborted
	}
	a := newAttempt(e, view)
	defer a.free()
	a.order.version, a.order.tx = v, *tx
	return e.linked(ctx, a, func() error { return e.execute(ctx, a, out) })
}

// execute runs an attempt whose order is complete.
func (e *executor) execute(ctx context.Context, a *attempt, out *framework.Outcome) error {
	e.settle(a.order.version.Tx)
	err := a.execute(ctx, func(d *codec.Decoder) {
		e.note(a, d)
		e.returned(a)
		d.Outcome(out)
	})
	if e.rewinds && !errors.Is(err, framework.ErrNoCheckpoint) {
		e.remember(a)
	}
	return err
}

// piece is how many bytes of finals are sent at once.
const piece = 1 << 20

// Finish implements [framework.Executor].
func (e *executor) Finish(ctx context.Context, view framework.View, final []framework.Final) ([]framework.Write, error) {
	a := newAttempt(e, view)
	defer a.free()
	a.finish = true
	a.order.version.Tx = framework.NoTx
	var writes []framework.Write
	err := e.linked(ctx, a, func() error {
		err := e.nameFinals(ctx, a, final)
		if err == errUnnamed { //nolint:errorlint // is not wrapped
			err = e.sendFinals(ctx, a, final)
		}
		if err != nil {
			return err
		}
		return a.execute(ctx, func(d *codec.Decoder) { writes = d.Writes(nil) })
	})
	return writes, err
}

// sendFinals sends finals in pieces, which the other end collects until Finish is ordered.
func (e *executor) sendFinals(ctx context.Context, a *attempt, final []framework.Final) error {
	for first := true; first || len(final) > 0; first = false {
		n := 0
		for size := 0; n < len(final) && size < piece; n++ {
			f := &final[n]
			size += 1000 + len(f.Outcome.Receipt) + codec.WriteSize*(len(f.Outcome.Writes)+len(f.Writes)) +
				codec.ChargeSize*len(f.Outcome.Usage.Once)
		}
		b := codec.AppendBool(le.AppendUint64(nil, a.order.block), first)
		if _, err := a.s.conn.Call(ctx, kindFinals, codec.AppendFinals(b, final[:n]), nil); err != nil {
			if a.s.Broken() != nil {
				return errGone
			}
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
	for i := range e.runs {
		e.settled(i)
	}
	e.mu.Unlock()
	if closed {
		return nil
	}
	e.cancel()
	e.client.mu.Lock()
	delete(e.client.executors, e)
	e.client.mu.Unlock()
	s.out.drain() // what was published or forgotten last arrives before the block is closed
	ctx, cancel := context.WithTimeout(s.ctx, closing)
	defer cancel()
	_, err := s.conn.Call(ctx, kindClose, le.AppendUint64(nil, id), nil)
	if s.Broken() != nil || errors.Is(err, framework.ErrPluginGone) {
		return nil // the block has gone with the VM
	}
	return err
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
	if v.Tx == framework.NoTx {
		for part := range slices.Chunk(writes, largeMessage/codec.WriteSize/2) {
			b := codec.AppendVersion(nil, v)
			b = codec.AppendWrites(b, part)
			e.s.tell(tagPublish, e.id, codec.AppendAdds(b, nil))
		}
		return
	}
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
	e.settled(v.Tx)
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
	p := e.set(v.Tx)
	p.version.Inc = max(p.version.Inc, v.Inc)
	p.estimate = codec.AppendVersion(p.estimate[:0], v)
	e.s.tell(tagEstimate, e.id, p.estimate)
}
