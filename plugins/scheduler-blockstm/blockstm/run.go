package blockstm

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// run is one block being executed.
type run struct {
	framework.Job
	start      time.Time
	workers    int
	depth      depth // guarded by mu
	suspends   bool  // attempts may be parked
	processors int
	crowded    bool // there are more workers than processors, or they are in another process
	keys       *keys
	rules      *rules
	before     int                 // transactions that were final when the run began
	publisher  framework.Publisher // nil if the VM is none
	rewinder   framework.Rewinder  // nil if the VM is none, or it is not to be used
	predictor  framework.Predictor // likewise
	asks       bool                // the predictor is asked, and not only told
	worth      *worth              // of asking it
	forgetter  framework.Rewinder  // nil if the VM is none
	ctx        context.Context     //nolint:containedctx // an argument of Run: the run lives as long as the call
	cancel     context.CancelFunc  // of ctx

	hands sync.WaitGroup
	done  chan struct{} // closed when the block is over

	news atomic.Bool // there is something to do for whoever lingers

	mu sync.Mutex
	// All that follows is guarded by mu.
	core       *core.Core
	txs        []*framework.Tx // by index; nil once final
	records    []record        // of the transactions under way, by the low bits of their index
	idle       []int32         // slots that nobody has
	spares     []*hand         // goroutines that have no slot and wait for one
	classes    classes
	outcomes   []*framework.Outcome // not in use
	all        []*hand
	committing bool // a goroutine is handing out finals: delivery belongs to it
	ends       int  // attempts that have begun, and so will end, since finals were handed out
	delivery   delivery
	handed     framework.TxIndex // outcomes below have been handed out
	ended      framework.TxIndex // what End said; -1 if nothing
	drawn      bool              // the feed has ended
	quick      habit             // the host returns at once, see commit
	soon       habit             // who has nothing to do soon has, see linger
	lingering  bool              // somebody lingers
	eager      habit             // beginning what will have to wait is of use, see park
	over       bool
	broken     bool  // the machine has failed: see fallback.go
	err        error // why the run stops early
	stats      framework.Stats
	predicting time.Duration // how long it took to predict so many transactions, if any were
	predicted  int
	told       framework.Event // what the observer is told, if there is one
}

// record is what the machine need not know of a transaction that is under way.
type record struct {
	hand  *hand              // whose attempt is under way
	out   *framework.Outcome // of the last attempt that ended
	fault error              // likewise
	begun framework.Version  // the last attempt that the VM has seen, with its incarnation plus one
}

// newRun returns a run of what first has left.
func newRun(ctx context.Context, first *sequence, s *Scheduler, workers int, room *room) *run {
	p, j := s.config.policy(workers), first.Job
	r := &run{
		Job:        j,
		start:      first.start,
		workers:    workers,
		processors: runtime.GOMAXPROCS(0),
		stats:      first.stats,
		handed:     first.next,
		ended:      first.end,
		txs:        make([]*framework.Tx, first.next),
		keys:       room.keys,
		rules:      s.rules,
		worth:      &s.worth,
		before:     first.stats.Transactions,
		done:       make(chan struct{}),
		classes:    classes{},
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.quick.note(false)
	r.publisher, _ = j.VM.(framework.Publisher)
	r.crowded = workers > r.processors || r.publisher != nil
	r.forgetter, _ = j.VM.(framework.Rewinder)
	if p.Hints {
		r.predictor, _ = j.VM.(framework.Predictor)
		r.asks = r.predictor != nil && (s.config.Hints == on || s.worth.pays())
	}
	if p.Rewind {
		r.rewinder = r.forgetter
	}
	p.Rewind = r.rewinder != nil
	p.Hints = r.asks
	p.Alone = r.publisher == nil // or its result would be waited for, all the way, before the next one begins
	r.suspends = p.Suspend
	r.keys.reset()
	r.depth = newDepth(workers, r.publisher != nil)
	r.core = room.core.Reset(p, r.depth.slots)
	r.core.Lazy(r.crowded) // then no processor is free for what will have to wait
	r.records = make([]record, r.core.Window())
	for i := range r.depth.slots {
		r.idle = append(r.idle, int32(i)) //nolint:gosec // small
	}
	r.core.Skip(first.next)
	writes, classes := first.state.Changes()
	for i := range writes {
		r.core.Set(r.keys.number(&writes[i].Key), writes[i].Value)
	}
	for _, c := range classes {
		r.classes[c.Hash] = append(r.classes[c.Hash], declaration{framework.NoTx, c})
	}
	if r.ended >= 0 {
		r.core.End(r.ended)
	}
	return r
}

// record returns that of a transaction under way. r.mu must be held.
func (r *run) record(i framework.TxIndex) *record { return &r.records[int(i)&(len(r.records)-1)] }

// settle does what follows from events: it tells attempts that they are invalid, gives idle slots to goroutines,
// and ends the run. r.mu must be held.
func (r *run) settle() {
	if r.broken {
		return
	}
	r.perform()
	for len(r.idle) > 0 {
		a := r.core.Next()
		if a.Kind == core.Nothing {
			break
		}
		slot := r.idle[len(r.idle)-1]
		r.idle = r.idle[:len(r.idle)-1]
		r.assign(order{slot: slot, action: a})
	}
	if n := len(r.idle); n > 0 && r.owed() && (n == r.depth.slots || r.ends >= lag && !r.quick.is()) {
		r.assign(order{slot: r.idle[n-1]}) // to hand out finals
		r.idle = r.idle[:n-1]
	}
	r.perform()
	if r.lingering && (r.core.Ready() || r.owed()) {
		r.news.Store(true)
	}
	if !r.over && r.core.Over() {
		r.over = true
		close(r.done)
		for _, h := range r.spares {
			h.orders <- order{slot: noSlot}
		}
		r.spares = nil
		r.news.Store(true)
	}
}

// perform does what the machine wants done. r.mu must be held.
func (r *run) perform() {
	for _, a := range r.core.Take() {
		switch a.Kind {
		case core.Stop:
			r.record(a.Version.Tx).hand.aborted.Store(true)
		case core.Withdraw:
			if r.publisher != nil {
				r.publisher.Estimate(a.Version)
			}
			r.gaveUp(&a)
		case core.Doomed:
			r.gaveUp(&a)
		case core.Nothing, core.Run, core.Resume:
		}
	}
}

// fail stops the run because of err, if it is the first error. r.mu must be held.
func (r *run) fail(err error) {
	if r.err != nil || r.broken {
		return
	}
	r.err = err
	r.core.Cancel()
	r.cancel()
	r.settle()
}

// cancelled stops the run unless it is over.
func (r *run) cancelled(err error) {
	r.locked(func() {
		if !r.over {
			r.fail(err)
		}
	})
}

// result tells the VM of the transactions that are left out, and returns what Run returns.
func (r *run) result() (framework.Stats, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handed = r.core.Head()
	r.forget()
	if r.predictor != nil {
		r.judge()
	}
	c := r.core.Counts()
	r.stats.Validations, r.stats.Aborts, r.stats.Parks = c.Validations, c.Aborts, c.Parks
	return r.stats, r.err
}
