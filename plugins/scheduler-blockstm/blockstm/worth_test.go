package blockstm_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

// counting is a VM's predictor, and how often it is asked and told.
type counting struct {
	framework.Executor
	framework.Predictor
	asked, told *atomic.Int64
}

func (c *counting) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	c.asked.Add(1)
	return c.Predictor.Predict(tx, dst)
}

func (c *counting) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	c.told.Add(1)
	c.Predictor.Learn(tx, reads, writes)
}

// counted is a scheduler that executes with counting predictors.
type counted struct {
	*blockstm.Scheduler
	asked, told atomic.Int64
}

func (c *counted) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	p, _ := j.VM.(framework.Predictor)
	j.VM = &counting{j.VM, p, &c.asked, &c.told}
	return c.Scheduler.Run(ctx, j)
}

// TestPredictsWhereItPays checks that a scheduler that has seen a block without clashes does not ask what the transactions of the
// next will touch, unless it is told to, and is told of some of them all the same.
func TestPredictsWhereItPays(t *testing.T) {
	const size = 160
	spec := workload.Spec{Name: "independent", Transactions: size, Cost: 100 * time.Microsecond}
	s := newScene(t, spec, synthetic.Config{Predict: true})
	for _, c := range []struct {
		config blockstm.Config
		always bool
	}{
		{blockstm.Config{Workers: 2, ForceWorkers: true}, false},
		{blockstm.Config{Workers: 2, ForceWorkers: true, Hints: "on"}, true},
	} {
		sched := &counted{Scheduler: scheduler(t, c.config)}
		s.run(t, sched)
		if n := sched.asked.Load(); n != size {
			t.Errorf("hints %q: asked %d times in the first block, want %d", c.config.Hints, n, size)
		}
		sched.asked.Store(0)
		sched.told.Store(0)
		s.run(t, sched)
		if n := sched.asked.Load(); (n == size) != c.always || (n == 0) == c.always {
			t.Errorf("hints %q: asked %d times in the second block", c.config.Hints, n)
		}
		if n := sched.told.Load(); n == 0 || (n == size) != c.always {
			t.Errorf("hints %q: told %d times in the second block", c.config.Hints, n)
		}
	}
}
