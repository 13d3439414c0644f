package vmlink

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/replica"
)

// Why a run was halted.
const (
	haltNone int32 = iota
	haltAborted
	haltClosed
)

// run is one run of an attempt at the VM. Its view is a view of it.
type run struct {
	h      *Handler
	b      *block // nil if it is not open
	id     uint64
	order  order
	finish bool
	number uint32 // of the run, to the VM
	began  bool   // the number was taken

	ctx    context.Context //nolint:containedctx // of the run
	cancel context.CancelFunc
	halted atomic.Int32
	halt   chan struct{} // receives when halted is set

	// Guarded by the mutex of the pool.
	turn   uint64
	parked bool
	place  int           // that the run has, unless it waits
	admit  chan struct{} // receives when a parked run may go on

	thread *thread // of its goroutine

	out framework.Outcome
	buf []byte

	mu     sync.Mutex // guards all below; the goroutine of the run writes it, a probe reads it
	reads  replica.Attempt
	calls  []viewCall // that are to be told
	told   int        // reads that the other side knows of
	seen   int        // the first reads that the VM was given
	ended  bool
	spoken bool   // the other side has been told some of the reads
	starts int    // how often it was begun again
	ask    uint32 // number of the last question
	asking bool
	answer chan answer
}

// viewCall is a call of the view that the other side does not know of: one of Class, or one of Read, whose new reads
// end before number reads.
type viewCall struct {
	reads int
	class bool
	hash  framework.Word
}

// answer is what the other side says to a question.
type answer struct {
	base   bool
	values []framework.Word
	class  *framework.Class // nil: the one that is here
	err    error
}

var runs = sync.Pool{New: func() any {
	return &run{halt: make(chan struct{}, 1), admit: make(chan struct{}, 1), answer: make(chan answer, 1)}
}}

func newRun(h *Handler, id uint64) *run {
	r := runs.Get().(*run)
	r.h, r.id = h, id
	r.ctx, r.cancel = context.WithCancel(h.ctx)
	return r
}

// free gives the memory of a run back.
func (r *run) free() {
	r.cancel()
	for _, c := range []chan struct{}{r.halt, r.admit} {
		select {
		case <-c:
		default:
		}
	}
	select {
	case <-r.answer:
	default:
	}
	var body []byte // a VM that goes on from earlier attempts may have kept it
	if r.b != nil && r.b.rewinder == nil && cap(r.order.tx.Body) <= frameSize {
		body = r.order.tx.Body[:0]
	}
	r.h, r.b, r.id, r.ctx, r.cancel = nil, nil, 0, nil, nil
	r.finish, r.number, r.began = false, 0, false
	r.order = order{pins: r.order.pins[:0], tx: framework.Tx{Body: body}}
	r.halted.Store(haltNone)
	r.turn, r.parked, r.place, r.thread = 0, false, 0, nil
	if cap(r.buf) > 2*frameSize {
		r.buf = nil
	}
	r.reads.Reset()
	r.calls, r.told, r.seen, r.ended, r.ask, r.asking = r.calls[:0], 0, 0, false, 0, false
	r.spoken, r.starts = false, 0
	runs.Put(r)
}

// stop halts the run. It may be called from any goroutine while the run is known to the handler.
func (r *run) stop(why int32) {
	r.halted.CompareAndSwap(haltNone, why)
	select {
	case r.halt <- struct{}{}:
	default:
	}
}

// message serves a message to the run. h.mu is held, so the run has not been freed.
func (r *run) message(t tag, payload []byte) error {
	d := codec.NewDecoder(payload)
	switch t {
	case tagStop:
		why := d.Uint8()
		if why == stopCancelled {
			r.cancel()
			return d.End()
		}
		r.stop(haltAborted)
		return d.End()
	case tagProbe:
		if err := d.End(); err != nil {
			return err
		}
		return r.progress()
	}
	return r.answered(t, d)
}

// answered hands an answer to the run, if that still waits for it.
func (r *run) answered(t tag, d *codec.Decoder) error {
	ask, a := d.Uint32(), answer{}
	switch t {
	case tagValues:
		a.base, a.values = d.Bool(), d.Words(nil)
	case tagClass:
		if d.Bool() {
			a.class = new(framework.Class)
			d.Class(a.class)
		}
	case tagRefuse:
		a.err = d.RemoteError()
		if a.err == nil && d.Err() == nil {
			a.err = errors.New("vmlink: refused without a reason")
		}
	}
	if err := d.End(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking && r.ask == ask {
		r.asking = false
		r.answer <- a
	}
	return nil
}

// progress tells what the run has read so far.
func (r *run) progress() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil
	}
	r.h.out.add(0, func(dst []byte) []byte {
		dst, at := openMessage(dst, tagProgress, r.id)
		return closeMessage(r.appendLog(dst), at)
	})
	h := r.h
	h.wg.Go(h.out.flush) // the reader of the link must not wait
	return nil
}

// execute executes the run and tells what came of it. It returns the place that the run has at the end.
func (r *run) execute() (place int) {
	err := r.attempt()
	for r.inVain() {
		r.restart()
		err = r.attempt()
	}
	if err == nil && r.proposes() {
		r.b.state.Propose(&r.reads, r.order.version, r.id, r.out.Writes, r.out.Adds)
	}
	r.h.forget(r)
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	if r.began {
		r.b.ended(r, errors.Is(err, framework.ErrNoCheckpoint))
	}
	r.report(err)
	r.reads.End()
	r.out.Reset()
	place = r.place
	r.free()
	return place
}

// attempt has the VM execute.
func (r *run) attempt() (err error) {
	if r.b == nil {
		r.reads.Begin(r.h.nothing, r.order.version.Tx)
		return framework.ErrClosed
	}
	state := r.b.state
	if r.direct() {
		state = r.h.nothing
	}
	r.reads.Begin(state, r.order.version.Tx)
	r.pin(state)
	if err := r.check(); err != nil {
		if r.order.flags&(orderResume|orderElse) == orderResume {
			return framework.ErrNoCheckpoint // nothing is done
		}
		return err
	}
	last := r.b.number(r)
	defer r.h.recoverFault(r.b.block.Number, r.order.version, &err)
	if r.finish {
		writes, err := r.b.ex.Finish(r.ctx, r, r.b.collected())
		r.out.Writes = append(r.out.Writes[:0], writes...)
		return err
	}
	v := framework.Version{Tx: r.order.version.Tx, Inc: framework.Incarnation(r.number)}
	if r.order.flags&orderResume != 0 {
		err := r.resume(last, v)
		if r.order.flags&orderElse == 0 || !errors.Is(err, framework.ErrNoCheckpoint) {
			return err
		}
		r.out.Reset()
	}
	return r.b.ex.Execute(r.ctx, &r.order.tx, v, r, &r.out)
}

// direct reports whether the run asks for every read.
func (r *run) direct() bool { return r.h.config.NoReplica || r.order.flags&orderDirect != 0 }

// resume has the VM go on from an earlier run, if that is the last.
func (r *run) resume(last bool, v framework.Version) error {
	if !last || r.b.rewinder == nil {
		return framework.ErrNoCheckpoint
	}
	r.seen = int(r.order.read)
	from := framework.Version{Tx: v.Tx, Inc: framework.Incarnation(r.order.from)}
	err := r.b.rewinder.Resume(r.ctx, from, int(r.order.read), v, r, &r.out)
	if errors.Is(err, framework.ErrNoCheckpoint) {
		r.seen = 0
	}
	return err
}

// pin makes the reads that the view has answered already those of the run.
func (r *run) pin(state *replica.Block) {
	r.mu.Lock() // a probe may come at any time
	defer r.mu.Unlock()
	for i := range r.order.pins {
		p := &r.order.pins[i]
		state.Doubt(p.Key, p.Value)
		r.reads.Answer([]framework.Key{p.Key}, []framework.Word{p.Value}, false)
	}
	r.told = len(r.reads.Log())
}

// report sends what the run came to, or leaves that to the pool.
func (r *run) report(err error) {
	var view *remoteError
	var flags uint8
	if errors.As(err, &view) {
		flags |= endView
	}
	if r.reads.Stopped() {
		flags |= endStopped
	}
	b := r.appendAfter(r.buf[:0])
	b, at := openMessage(b, tagResult, r.id)
	b = r.appendLog(b)
	b = le.AppendUint32(b, r.number)
	b = le.AppendUint32(b, uint32(r.seen)) //nolint:gosec // far below
	b = codec.AppendError(append(b, flags), err)
	switch {
	case err != nil:
	case r.finish:
		b = codec.AppendWrites(b, r.out.Writes)
	default:
		if r.h.keeps {
			r.b.keep(r) // before the other side can name it
		}
		b = codec.AppendOutcome(b, &r.out)
	}
	r.buf = closeMessage(b, at)
	if len(r.buf) > largeMessage {
		r.h.out.sendApart(r.buf)
		return
	}
	r.h.out.tell(func(dst []byte) []byte { return append(dst, r.buf...) })
}
