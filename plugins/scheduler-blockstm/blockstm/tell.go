package blockstm

import (
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// observe tells the observer of an event. r.mu must be held: so events are told in the order in which they happen.
func (r *run) observe(e framework.Event) {
	if r.Observer == nil {
		return
	}
	e.At = time.Since(r.start)
	r.told = e
	r.Observer.Observe(&r.told)
}

func (r *run) gaveUp(a *core.Action) {
	if r.Observer == nil {
		return
	}
	e := framework.Event{Kind: framework.Aborted, Cause: a.Cause, Version: a.Version, Writer: a.Writer}
	if a.Cause == framework.ValueChanged || a.Cause == framework.WaitsFor {
		e.Key = r.keys.key(a.Key)
	}
	r.observe(e)
}

// tellBegin tells the observer that the attempt begins. h.mu must be held.
func (h *hand) tellBegin() {
	e := framework.Event{Kind: framework.Started, Version: h.version, Worker: h.slot}
	if h.action.From > 0 {
		e.Kind, e.Key = framework.Resumed, h.keys.key(h.action.Key)
	}
	h.observe(e)
}

// tellEnd tells the observer that the attempt has ended, and what it wrote if it ended by itself. h.mu must be held.
func (h *hand) tellEnd(out *framework.Outcome) {
	tell := func(kind framework.EventKind, k framework.Key) {
		h.observe(framework.Event{Kind: kind, Version: h.version, Worker: h.slot, Key: k})
	}
	if h.aborted.Load() {
		tell(framework.Stopped, framework.Key{})
		return
	}
	for i := range out.Writes {
		tell(framework.Wrote, out.Writes[i].Key)
	}
	for i := range out.Adds {
		tell(framework.Added, out.Adds[i].Low)
		tell(framework.Added, out.Adds[i].High)
	}
	tell(framework.Executed, framework.Key{})
}
