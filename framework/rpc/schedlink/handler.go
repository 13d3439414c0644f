package schedlink

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

// Handler serves one scheduler over one link: it is the Handler of the link's options.
type Handler struct {
	scheduler framework.Scheduler
	links     Links

	mu     sync.Mutex
	runs   map[uint64]*run   // guarded by mu
	blocks map[uint64]*block // of runs that are over, and that the host has not left; guarded by mu
}

// NewHandler returns a handler for one link. links is where the scheduler finds the VMs and stores of its jobs.
func NewHandler(scheduler framework.Scheduler, links Links) *Handler {
	return &Handler{scheduler: scheduler, links: links, runs: map[uint64]*run{}, blocks: map[uint64]*block{}}
}

// run is a job of the host, as it came over the link.
type run struct {
	id        uint64
	vm, store string
	base      framework.BlockNumber
	block     framework.Block
	events    bool
	end       chan framework.TxIndex // room for one number
	cancel    context.CancelFunc     // ends the run
}

// Handle serves one frame. It is a [link.Handler].
func (h *Handler) Handle(r *link.Request) error {
	d := codec.NewDecoder(r.Payload())
	switch r.Kind() {
	case kindRun:
		return h.start(d, r)
	case kindEnd:
		return h.endRun(d)
	case kindCancel:
		return h.cancelRun(d)
	case kindFinish:
		return r.Go(h.finish)
	case kindLeave:
		return h.leave(d, r)
	}
	return nil
}

// start begins a run. It is known from then on, so that its end can arrive at once.
func (h *Handler) start(d *codec.Decoder, r *link.Request) error {
	ctx, cancel := context.WithCancel(context.Background())
	j := &run{
		id: d.Uint64(), vm: d.String(""), store: d.String(""),
		end: make(chan framework.TxIndex, 1), cancel: cancel,
	}
	j.base = framework.BlockNumber(d.Int64())
	d.Block(&j.block)
	j.events = d.Bool()
	if err := errors.Join(d.End(), h.enter(j)); err != nil {
		cancel()
		return err
	}
	return r.Go(func(request context.Context, r *link.Request) error {
		defer cancel()
		defer context.AfterFunc(request, cancel)()
		stats, err := h.execute(ctx, r.Conn(), j)
		h.mu.Lock()
		delete(h.runs, j.id)
		h.mu.Unlock()
		err = r.Answer(codec.AppendError(codec.AppendStats(nil, stats), err))
		if err != nil { // nobody waits for it: nobody will leave it either
			err = errors.Join(err, h.left(j.id).close())
		}
		return err
	})
}

func (h *Handler) enter(j *run) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, twice := h.runs[j.id]; twice {
		return fmt.Errorf("schedlink: run %d twice", j.id)
	}
	h.runs[j.id] = j
	return nil
}

// endRun passes on where a block ends. A run that is over does not care.
func (h *Handler) endRun(d *codec.Decoder) error {
	id, n := d.Uint64(), framework.TxIndex(d.Int64())
	if err := d.End(); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if j, ok := h.runs[id]; ok {
		select {
		case j.end <- n:
		default: // only the first number counts
		}
	}
	return nil
}

// cancelRun passes on that a run is cancelled.
func (h *Handler) cancelRun(d *codec.Decoder) error {
	id := d.Uint64()
	if err := d.End(); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if j, ok := h.runs[id]; ok {
		j.cancel()
	}
	return nil
}

// execute runs a job from its links to its last outcome. The block is closed then, unless it is kept.
func (h *Handler) execute(ctx context.Context, conn *link.Conn, j *run) (framework.Stats, error) {
	b, err := h.open(ctx, j)
	if err != nil {
		return framework.Stats{}, err
	}
	b.kept = conn.Has(FeatureFinish)
	stats, err := h.schedule(ctx, conn, j, b)
	if err == nil && b.kept && h.keep(j.id, b) {
		return stats, nil
	}
	return stats, errors.Join(err, b.close())
}

// schedule has the scheduler execute a block, and sends its outcomes.
func (h *Handler) schedule(ctx context.Context, conn *link.Conn, j *run, b *block) (framework.Stats, error) {
	out := newOutbox(conn, j.id, j.cancel)
	job := framework.Job{
		Block: b.Block, Feed: &feed{conn, j.id}, VM: b.executor, Base: b.base, End: j.end,
		Final: func(finals []framework.Final) error {
			b.keep(finals)
			return out.finals(finals)
		},
	}
	if j.events {
		job.Observer = out
	}
	sending := make(chan struct{})
	go func() {
		defer close(sending)
		out.send(ctx)
	}()
	stats, err := h.scheduler.Run(ctx, job)
	out.close()
	<-sending
	if out.err != nil {
		err = out.err
	}
	return stats, err
}

// feed asks the host for transactions.
type feed struct {
	conn *link.Conn
	run  uint64
}

// Next implements [framework.Feed].
func (f *feed) Next(ctx context.Context) ([]framework.Tx, error) {
	answer, err := f.conn.Call(ctx, kindNext, binary.LittleEndian.AppendUint64(nil, f.run), nil)
	if err != nil {
		return nil, err
	}
	d := codec.NewDecoder(answer)
	txs := d.Txs(nil)
	if err := d.End(); err != nil {
		return nil, err
	}
	if len(txs) == 0 {
		return nil, fmt.Errorf("schedlink: the host's feed gave no transaction and no end")
	}
	return txs, nil
}
