package simulation

import (
	"math"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// none stands for no key.
const none core.Key = math.MaxUint32

// tell tells the observer of an event.
func (s *simulation) tell(kind framework.EventKind, a *attempt, k core.Key, writer framework.Version) {
	if s.Observer == nil {
		return
	}
	e := framework.Event{Kind: kind, Worker: a.slot, Version: a.version, At: s.now, Writer: writer}
	if k != none {
		e.Key = s.Name(k)
	}
	s.Observer.Observe(&e)
}

// tellEnd tells that an attempt has ended, and what it wrote if it ended by itself.
func (s *simulation) tellEnd(a *attempt, t *Transaction) {
	if a.stopped {
		s.tell(framework.Stopped, a, none, framework.Version{})
		return
	}
	for _, k := range t.Writes {
		s.tell(framework.Wrote, a, k, framework.Version{})
	}
	for _, add := range t.Adds {
		s.tell(framework.Added, a, add.Low, framework.Version{})
		s.tell(framework.Added, a, add.High, framework.Version{})
	}
	s.tell(framework.Executed, a, none, framework.Version{})
}

// tellAbort tells that an attempt is given up, if an action says so.
func (s *simulation) tellAbort(act *core.Action) {
	if s.Observer == nil || act.Kind != core.Withdraw && act.Kind != core.Doomed {
		return
	}
	e := framework.Event{Kind: framework.Aborted, Cause: act.Cause, Version: act.Version, At: s.now, Writer: act.Writer}
	if act.Cause == framework.ValueChanged || act.Cause == framework.WaitsFor {
		e.Key = s.Name(act.Key)
	}
	s.Observer.Observe(&e)
}
