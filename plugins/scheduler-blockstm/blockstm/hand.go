package blockstm

import (
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// hand is a goroutine that executes one attempt at a time, and the view of that attempt.
type hand struct {
	*run
	slot   int32
	action core.Action
	orders chan order // to a spare or parked hand

	version framework.Version
	began   time.Time   // of the attempt, if it may be parked
	parks   int         // of the attempt
	aborted atomic.Bool // the attempt is invalid; it stays set until the next one
	away    bool        // it does not hold the lock: it is in the VM, the base or the host

	exact   framework.Tx // buffer of a transaction that must not make additions
	numbers []core.Key   // buffers of one read
	missing []framework.Key
	loaded  []framework.Word
	result  core.Result // buffer
}

// order gives a hand a slot, and what to do in it: nothing means to hand out finals.
type order struct {
	slot   int32
	action core.Action
}

// noSlot is the slot of an order to end.
const noSlot = -1

// assign gives an order to whoever carries it out. r.mu must be held.
func (r *run) assign(o order) {
	if o.action.Kind == core.Resume {
		r.record(o.action.Version.Tx).hand.orders <- o
		return
	}
	if n := len(r.spares); n > 0 {
		h := r.spares[n-1]
		r.spares = r.spares[:n-1]
		h.take(o)
		h.orders <- o
		return
	}
	h := &hand{run: r, orders: make(chan order, 1)}
	r.all = append(r.all, h)
	h.take(o)
	r.hands.Go(h.work)
}

// take makes a hand the one whose attempt the order is about. h.mu must be held.
func (h *hand) take(o order) {
	h.slot, h.action = o.slot, o.action
	if o.action.Kind == core.Run {
		h.aborted.Store(false)
		h.record(o.action.Version.Tx).hand = h
	}
}

// work executes attempts until the block is over.
func (h *hand) work() {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer func() {
		if !h.away {
			h.breakDown(recover())
		}
	}()
	for ok := !h.broken; ok; ok = h.next() {
		if h.action.Kind == core.Run {
			h.attempt()
		}
		if h.workers-len(h.idle) > h.processors { // lower transactions may wait for one: theirs come first
			h.outside(runtime.Gosched)
		}
	}
}

// next finds the next attempt, and reports false if there is none. h.mu must be held; it is released while the hand
// waits.
func (h *hand) next() bool {
	a := h.choose()
	for a.Kind == core.Nothing && h.linger() {
		a = h.choose()
	}
	if h.broken {
		return false
	}
	switch a.Kind {
	case core.Run:
		h.take(order{h.slot, a})
		h.settle()
		return true
	case core.Resume:
		h.assign(order{h.slot, a})
	default:
		h.idle = append(h.idle, h.slot)
	}
	h.settle()
	if h.over {
		return false
	}
	h.spares = append(h.spares, h)
	return h.await().slot != noSlot
}

// choose hands out finals if it is time to, or if nothing else is left to do, and returns what the machine wants done in the
// hand's slot. h.mu must be held; it is released while the host looks.
func (h *hand) choose() (a core.Action) {
	if h.ends >= lag && (len(h.idle) == 0 || h.quick.is()) && h.owed() {
		h.commit()
	}
	for !h.broken {
		if a = h.core.Next(); a.Kind != core.Nothing || !h.owed() {
			break
		}
		h.commit()
	}
	return a
}

// await waits for an order. h.mu must be held; it is released meanwhile.
func (h *hand) await() (o order) {
	h.outside(func() { o = <-h.orders })
	return o
}

// outside calls f without the lock. h.mu must be held.
func (h *hand) outside(f func()) {
	was := h.away
	h.away = true
	h.mu.Unlock()
	defer h.mu.Lock()
	f()
	h.away = was // not after a panic of f, which is none of the machine's
}

// attempt executes an attempt. h.mu must be held; it is released while the VM works.
func (h *hand) attempt() {
	v := h.action.Version
	h.version, h.parks = v, 0
	if h.suspends {
		h.began = time.Now()
	}
	tx := h.txs[v.Tx]
	if h.action.Exact {
		h.exact = *tx
		h.exact.Mode |= framework.Exact
		tx = &h.exact
	}
	out := h.outcome()
	h.stats.Executions++
	h.run.ends++
	if h.Observer != nil {
		h.tellBegin()
	}
	h.record(v.Tx).begun = framework.Version{Tx: v.Tx, Inc: v.Inc + 1}
	var err, loaded error
	h.outside(func() {
		if err = h.execute(tx, out); err != nil {
			out.Reset()
			out.Status = framework.Rejected
		}
		loaded = h.prepare(out)
	})
	if h.broken {
		return
	}
	if loaded != nil {
		h.fail(loaded)
	}
	h.ended(out, err)
}

// execute calls the VM.
func (h *hand) execute(tx *framework.Tx, out *framework.Outcome) error {
	v := h.version
	if h.action.From > 0 {
		from := framework.Version{Tx: v.Tx, Inc: v.Inc - 1}
		err := h.rewinder.Resume(h.ctx, from, h.action.From, v, h, out)
		if !errors.Is(err, framework.ErrNoCheckpoint) {
			h.mu.Lock()
			h.stats.Resumptions++
			h.mu.Unlock()
			return err
		}
		if err := h.restart(); err != nil {
			return err
		}
	}
	return h.VM.Execute(h.ctx, tx, v, h, out)
}

// restart notes that the attempt begins from the start, for the VM cannot go on where the last one was.
func (h *hand) restart() (err error) {
	h.enter()
	defer func() { err = h.leave(recover(), err) }()
	if h.broken {
		return framework.ErrAborted
	}
	h.core.Restart(h.version)
	h.observe(framework.Event{Kind: framework.Started, Version: h.version, Worker: h.slot})
	return nil
}

// prepare numbers the keys of a result, and asks the base for the cells of its additions.
func (h *hand) prepare(out *framework.Outcome) (err error) {
	h.result.Writes, h.result.Adds = h.result.Writes[:0], h.result.Adds[:0]
	for i := range out.Writes {
		w := &out.Writes[i]
		h.result.Writes = append(h.result.Writes, core.Write{Key: h.keys.number(&w.Key), Value: w.Value})
	}
	if len(out.Adds) == 0 {
		return nil
	}
	h.numbers = h.numbers[:0]
	for i := range out.Adds {
		a := &out.Adds[i]
		add := core.Add{Low: h.keys.number(&a.Low), High: h.keys.number(&a.High), Amount: a.Amount}
		h.result.Adds = append(h.result.Adds, add)
		h.numbers = append(h.numbers, add.Low, add.High)
	}
	h.enter()
	defer func() { err = h.leave(recover(), err) }()
	if h.broken {
		return nil
	}
	return h.load(h.ctx, func(k core.Key) bool {
		_, known := h.core.Known(k)
		return !known
	})
}

// ended hands in what the attempt has come to. h.mu must be held.
func (h *hand) ended(out *framework.Outcome, fault error) {
	v := h.version
	rec := h.record(v.Tx)
	if h.Observer != nil {
		h.tellEnd(out)
	}
	stands := h.core.Finish(v, h.result)
	rec.hand = nil
	if !stands {
		h.outcomes = append(h.outcomes, out)
		h.perform()
		return
	}
	if rec.out != nil {
		h.classes.remove(v.Tx, rec.out.Classes)
		h.outcomes = append(h.outcomes, rec.out)
	}
	rec.out, rec.fault = out, fault
	h.classes.add(v.Tx, out.Classes)
	if h.publisher != nil {
		h.publisher.Publish(v, out.Writes, out.Adds)
	}
	h.perform()
}

// outcome returns an empty outcome. r.mu must be held.
func (r *run) outcome() *framework.Outcome {
	n := len(r.outcomes)
	if n == 0 {
		return new(framework.Outcome)
	}
	out := r.outcomes[n-1]
	r.outcomes = r.outcomes[:n-1]
	out.Reset()
	return out
}
