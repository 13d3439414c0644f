// Package optimistic is the simplest correct parallel scheduler: the second opinion of the conformance suites, and
// what transports are tested with. It is not meant to be fast.
//
// Workers execute the lowest transactions that have no result yet, within a small window above the last final one.
// A read walks down the results of the window to the nearest that has the key, and is written down. When a result
// appears or changes, the reads above it are compared again, by value: an execution that would now see something
// else is told to stop, a result that does not hold any more is thrown away. So the lowest result always holds, and
// is final. Nothing ever parks. One mutex guards everything; it is not held while a VM, a state, a feed or the host
// is waited for.
package optimistic

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// perWorker is how many transactions of the window there are for each worker.
const perWorker = 4

// Scheduler executes transactions in parallel and commits them in order. Make it with New.
type Scheduler struct {
	workers int
	bugs    bugs
}

var _ framework.Scheduler = (*Scheduler)(nil)

// New returns a scheduler with that many executing goroutines. 0 means GOMAXPROCS.
func New(workers int) *Scheduler {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return &Scheduler{workers: workers}
}

// Run implements [framework.Scheduler].
func (s *Scheduler) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	r := newRun(j, s.bugs, s.workers*perWorker)
	var helpers, workers sync.WaitGroup
	helpers.Go(func() { r.feed(inner) })
	helpers.Go(func() { r.listen(inner) })
	for i := range s.workers {
		w := &worker{run: r, id: int32(i)}
		workers.Go(func() { w.work(inner) })
	}
	workers.Wait()
	cancel()
	helpers.Wait()
	r.leaveOut()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats, r.err
}

// run is one block being executed.
type run struct {
	framework.Job
	bugs   bugs
	start  time.Time
	window framework.TxIndex
	asks   chan chan struct{} // requests to look at End now, see listen

	publisher framework.Publisher // nil if the VM is none
	rewinder  framework.Rewinder  // nil if the VM is none

	mu   sync.Mutex
	wake sync.Cond // on mu: the state below has changed
	// All that follows is guarded by mu.
	txs        []*transaction // by index; nil below head
	head       framework.TxIndex
	end        framework.TxIndex // where the block ends; math.MaxInt until it is known
	fed        bool              // the feed has ended
	committing bool              // a worker is handing out finals
	err        error             // why the run stops early
	state      map[framework.Key]framework.Word
	classes    map[framework.Word]*framework.Class
	stats      framework.Stats
}

// transaction is what is known of a transaction that is not final yet.
type transaction struct {
	tx     framework.Tx
	index  framework.TxIndex
	status status
	next   framework.Incarnation // of the next attempt
	exact  bool                  // its additions do not fit
	view   *view                 // of the last attempt
	result *result               // of the last attempt that ended; it may not hold any more
}

// status says where a transaction stands. A result is looked at whatever the status is: an old one is the best
// guess of the next.
type status uint8

const (
	pending  status = iota // to be executed
	running                // a worker executes it
	executed               // its result holds, as far as the results below it do
)

// result is what an attempt came to.
type result struct {
	version framework.Version
	out     *framework.Outcome
	fault   error
	// cells is the exact change of the state: writes, and additions folded over the results below.
	cells    map[framework.Key]framework.Word
	overflow bool // an addition does not fit
}

func newRun(j framework.Job, b bugs, window int) *run {
	r := &run{
		Job:     j,
		bugs:    b,
		start:   time.Now(),
		window:  framework.TxIndex(window),
		asks:    make(chan chan struct{}),
		end:     math.MaxInt,
		state:   map[framework.Key]framework.Word{},
		classes: map[framework.Word]*framework.Class{},
	}
	r.wake.L = &r.mu
	r.publisher, _ = j.VM.(framework.Publisher)
	r.rewinder, _ = j.VM.(framework.Rewinder)
	for _, w := range j.Block.Start {
		r.state[w.Key] = w.Value
	}
	return r
}

// feed appends what the feed hands out until it ends.
func (r *run) feed(ctx context.Context) {
	for {
		txs, err := r.Feed.Next(ctx)
		if err != nil && ctx.Err() != nil {
			return // the run is over; listen reports a cancelled one
		}
		r.mu.Lock()
		for _, tx := range txs {
			r.txs = append(r.txs, &transaction{tx: tx, index: framework.TxIndex(len(r.txs))})
		}
		switch {
		case errors.Is(err, io.EOF):
			r.fed = true
		case err != nil:
			r.fail(err)
		}
		if err != nil || !r.bugs.has(sleepsOnArrival) {
			r.wake.Broadcast()
		}
		r.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// listen waits for the end of the block and the end of the context. Who asks is answered when a number that was
// sent on End before has been obeyed.
func (r *run) listen(ctx context.Context) {
	for {
		select {
		case n := <-r.End:
			r.endAt(n)
		case ask := <-r.asks:
			select {
			case n := <-r.End:
				r.endAt(n)
			default:
			}
			close(ask)
		case <-ctx.Done():
			r.mu.Lock()
			if r.more() {
				r.fail(ctx.Err())
			}
			r.mu.Unlock()
			return
		}
	}
}

// ask returns when a number that was sent on End before has been obeyed, or the run is over.
func (r *run) ask(ctx context.Context) {
	ask := make(chan struct{})
	select {
	case r.asks <- ask:
		<-ask
	case <-ctx.Done():
	}
}

// endAt ends the block at n.
func (r *run) endAt(n framework.TxIndex) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end = n
	for _, t := range r.txs[min(max(r.head, n), framework.TxIndex(len(r.txs))):] {
		r.abort(t, framework.Event{Cause: framework.BlockEnded})
	}
	r.wake.Broadcast()
}

// fail stops the run because of err, if it is the first error. r.mu must be held.
func (r *run) fail(err error) {
	if r.err != nil {
		return
	}
	r.err = err
	for _, t := range r.txs[r.head:] {
		r.abort(t, framework.Event{Cause: framework.Cancelled})
	}
	r.wake.Broadcast()
}

// more reports whether a transaction has still to become final, now or when it arrives. r.mu must be held.
func (r *run) more() bool {
	return r.err == nil && r.head < r.end && !(r.fed && r.head == framework.TxIndex(len(r.txs)))
}

// leaveOut tells the VM of the transactions that did not become final.
func (r *run) leaveOut() {
	if r.rewinder == nil || r.bugs.has(remembersDropped) {
		return
	}
	for _, t := range r.txs[r.head:] {
		r.rewinder.Forget(t.index)
	}
}

func (r *run) observe(e framework.Event) {
	if r.Observer != nil {
		e.At = time.Since(r.start)
		r.Observer.Observe(&e)
	}
}
