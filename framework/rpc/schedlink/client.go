package schedlink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// Client is the scheduler that a [Handler] serves at the other end of a link. Its Handle must be the Handler of the
// link's options, and Relink be called with the link before the first Run. When the link breaks, the runs that are under
// way return framework.ErrPluginGone, and so do later ones until Relink is called with another one.
type Client struct {
	line *link.Line[*link.Conn]
	last atomic.Uint64 // number of the run started last

	mu   sync.Mutex
	runs map[uint64]*job // runs that have not returned; guarded by mu
}

var _ framework.Scheduler = (*Client)(nil)

// NewClient returns a client without a link.
func NewClient() *Client {
	return &Client{line: link.NewLine[*link.Conn](0), runs: map[uint64]*job{}}
}

// Relink gives the client a link, which stays the caller's: its first, or another one when the last is gone.
func (c *Client) Relink(_ context.Context, conn *link.Conn, _ string) error {
	c.line.Replace(conn)
	return nil
}

// Lose says that no link will come any more: runs return err, which should be framework.ErrPluginGone, from now on.
func (c *Client) Lose(err error) { c.line.Lose(err) }

// job is a job that runs on the other side.
type job struct {
	framework.Job
	ctx   context.Context // ends with Run, and with it every call into the job
	calls sync.WaitGroup  // calls into the job

	mu     sync.Mutex
	failed error             // of Feed or Final, as the host made it; guarded by mu until the run is over
	writes []int             // how many each outcome has that was handed to the host; guarded by mu until the run is over
	finals []framework.Final // memory of those that are handed over; guarded by mu

	limit   atomic.Int64  // where the block ends; noLimit until it is known
	asked   chan struct{} // take asks forward whether it has just received where the block ends
	settled chan struct{} // forward answers when limit says so
	over    chan struct{} // closed when forward does not answer any more
}

// noLimit says that nobody knows yet where the block ends.
const noLimit = math.MaxInt64

// patience is how long the other side has to stop a run that was cancelled.
const patience = 10 * time.Second

// Run implements [framework.Scheduler]. It returns ErrNotLinked, with nothing done, if the scheduler's process cannot
// reach the VM or the base state.
func (c *Client) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	request, err := encodeJob(j)
	if err != nil {
		return framework.Stats{}, err
	}
	if err := ctx.Err(); err != nil {
		return framework.Stats{}, err
	}
	conn, err := c.line.Now()
	if err != nil {
		return framework.Stats{}, err
	}
	inside, leave := context.WithCancel(context.WithoutCancel(ctx))
	id, running := c.enter(inside, j)
	stop := forward(ctx, conn, id, running, leave)
	answer, err := conn.Call(inside, kindRun, append(binary.LittleEndian.AppendUint64(nil, id), request...), nil)
	stop()
	leave()
	c.exit(id)
	running.calls.Wait()
	stats, err := result(answer, err)
	stats.Transactions = len(running.writes) // the other side has counted those too that were on their way
	var f *Finisher
	if err == nil && conn.Has(FeatureFinish) {
		f = &Finisher{conn: conn, run: id, writes: running.writes}
	}
	switch {
	case err != nil && running.failed != nil:
		err = running.failed
	case ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)): // the other side may have been through by then
		err = ctx.Err()
	}
	f.offer(j.VM, err)
	return stats, err
}

// enter makes a job known to the handler.
func (c *Client) enter(ctx context.Context, j framework.Job) (uint64, *job) {
	id, running := c.last.Add(1), &job{
		Job: j, ctx: ctx, asked: make(chan struct{}), settled: make(chan struct{}), over: make(chan struct{}),
	}
	running.limit.Store(noLimit)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs[id] = running
	return id, running
}

// exit ends that: no call into the job begins any more.
func (c *Client) exit(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.runs, id)
}

// find returns the job of a run, with one more call into it to be ended by done.
func (c *Client) find(id uint64) (j *job, done func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	j, ok := c.runs[id]
	if !ok {
		return nil, nil, fmt.Errorf("run %d: %w", id, framework.ErrClosed)
	}
	j.calls.Add(1)
	return j, j.calls.Done, nil
}

// result decodes what the other side answered to run.
func result(answer []byte, err error) (framework.Stats, error) {
	if err != nil {
		return framework.Stats{}, err
	}
	d := codec.NewDecoder(answer)
	stats := d.Stats()
	err = d.RemoteError()
	if bad := d.End(); bad != nil {
		return framework.Stats{}, bad
	}
	return stats, err
}

// encodeJob returns what the other side must know of a job, without its number.
func encodeJob(j framework.Job) ([]byte, error) {
	vm, ok := j.VM.(Linked)
	if !ok {
		return nil, fmt.Errorf("%w: the executor (%T)", ErrNotLinked, j.VM)
	}
	base, ok := j.Base.(LinkedState)
	if !ok {
		return nil, fmt.Errorf("%w: the base state (%T)", ErrNotLinked, j.Base)
	}
	b := codec.AppendString(nil, vm.LinkName())
	b = codec.AppendString(b, base.LinkName())
	b = binary.LittleEndian.AppendUint64(b, uint64(base.Number())) //nolint:gosec // two's complement
	b = codec.AppendBlock(b, j.Block)
	return codec.AppendBool(b, j.Observer != nil), nil
}

// forward tells the other side where the block ends, and that the run is cancelled, as soon as the host says so. A
// cancelled run that goes on for too long is left alone. The function returned waits until all that is over.
func forward(ctx context.Context, conn *link.Conn, id uint64, j *job, leave func()) func() {
	over, cancel := context.WithCancel(context.WithoutCancel(ctx))
	tell := func(k link.Kind, b []byte) { _ = conn.Send(over, k, b) } // without a link the run ends anyway
	end, cancelled, late := j.End, ctx.Done(), (<-chan time.Time)(nil)
	ended := func(n framework.TxIndex) {
		end = nil // only the first number counts
		j.limit.Store(int64(n))
		b := binary.LittleEndian.AppendUint64(nil, id)
		tell(kindEnd, binary.LittleEndian.AppendUint64(b, uint64(n))) //nolint:gosec // two's complement
	}
	go func() {
		defer close(j.over)
		for {
			select {
			case n := <-end:
				ended(n)
			case <-j.asked:
				select {
				case n := <-end:
					ended(n)
				default:
				}
				j.settled <- struct{}{}
			case <-cancelled:
				cancelled, late = nil, time.After(patience)
				tell(kindCancel, binary.LittleEndian.AppendUint64(nil, id))
			case <-late:
				leave()
			case <-over.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-j.over
	}
}

// left returns how many outcomes the block has room for, as far as is known. What the host said in the outcomes before has
// arrived: forward, which may just have received it, is asked.
func (j *job) left() int {
	select {
	case j.asked <- struct{}{}:
		<-j.settled
	case <-j.over:
		select {
		case n := <-j.End: // a second number, which does not count, is not to be expected
			j.limit.CompareAndSwap(noLimit, int64(n))
		default:
		}
	}
	return int(max(0, j.limit.Load()-int64(len(j.writes))))
}

// Handle serves what the scheduler's side sends. It is a [link.Handler].
func (c *Client) Handle(r *link.Request) error {
	d := codec.NewDecoder(r.Payload())
	switch r.Kind() {
	case kindEvents:
		return c.events(d)
	case kindNext, kindFinals:
		return r.Go(c.serve)
	}
	return nil
}

// serve serves the calls into a job.
func (c *Client) serve(ctx context.Context, r *link.Request) error {
	d := codec.NewDecoder(r.Payload())
	j, done, err := c.find(d.Uint64())
	if err != nil {
		return err
	}
	defer done()
	if r.Kind() == kindFinals {
		if err := j.take(d); err != nil {
			return err
		}
		return r.Answer(nil)
	}
	if err := d.End(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer context.AfterFunc(j.ctx, cancel)()
	defer cancel()
	txs, err := j.Feed.Next(ctx)
	if err != nil {
		j.fail(err)
		return err
	}
	return r.Answer(codec.AppendTxs(nil, txs))
}

// fail notes an error of the feed: over the wire it would lose what it is.
func (j *job) fail(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failed = err
}

// take hands outcomes to the host.
func (j *job) take(d *codec.Decoder) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.finals = d.Finals(j.finals)
	if err := d.End(); err != nil {
		return err
	}
	if j.failed != nil {
		return j.failed
	}
	left := j.left()
	finals := j.finals[:min(len(j.finals), left)] // the others were on their way when the host ended the block
	for i := range finals {
		if finals[i].Tx != framework.TxIndex(len(j.writes)) {
			return fmt.Errorf("schedlink: outcome of transaction %d, expected %d", finals[i].Tx, len(j.writes))
		}
		j.writes = append(j.writes, len(finals[i].Writes))
	}
	if len(finals) > 0 {
		j.failed = j.Final(finals)
	}
	return j.failed
}

// leftOut reports whether the block ends at or below a transaction that was not handed out.
func (j *job) leftOut(tx framework.TxIndex) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return int(tx) >= len(j.writes) && int64(tx) >= j.limit.Load()
}

// events hands events to the observer. A run that has returned has none any more.
func (c *Client) events(d *codec.Decoder) error {
	id, dropped := d.Uint64(), d.Uint64()
	events := d.Events(nil)
	if err := d.End(); err != nil {
		return err
	}
	j, done, err := c.find(id)
	if err != nil {
		return nil //nolint:nilerr // too late is no fault of the other side
	}
	defer done()
	if j.Observer == nil {
		return nil
	}
	for i := range events {
		if events[i].Kind != framework.Finalized || !j.leftOut(events[i].Version.Tx) {
			j.Observer.Observe(&events[i])
		}
	}
	if o, ok := j.Observer.(interface{ Dropped(n uint64) }); ok && dropped > 0 {
		o.Dropped(dropped)
	}
	return nil
}
