package sequencer

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host/report"
)

// tee tells two observers.
type tee [2]framework.Observer

// Observe implements [framework.Observer].
func (t tee) Observe(e *framework.Event) {
	told := *e // the first may change it
	t[0].Observe(&told)
	t[1].Observe(e)
}

// Dropped passes on how many events were lost, to who wants to know.
func (t tee) Dropped(n uint64) {
	for _, o := range t {
		if d, ok := o.(interface{ Dropped(n uint64) }); ok {
			d.Dropped(n)
		}
	}
}

// record returns the observer of a block, and what is to be called when the block has been executed.
func (s *Sequencer) record(b *framework.Block) (framework.Observer, func(framework.Stats)) {
	if s.Record == nil {
		return s.Observer, func(framework.Stats) {}
	}
	recorder := new(trace.Recorder)
	var observer framework.Observer = recorder
	if s.Observer != nil {
		observer = tee{s.Observer, recorder}
	}
	meter := report.Start()
	return observer, func(stats framework.Stats) {
		t := &trace.Block{Number: b.Number, Txs: stats.Transactions}
		t.Wall, t.CPU = meter.Stop()
		recorder.Take(t)
		s.Record(t)
	}
}
