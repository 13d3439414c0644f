package blockstm

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/simulation"
)

var _ trace.Simulator = (*Scheduler)(nil)

// Policies implements [trace.Simulator].
func (s *Scheduler) Policies() []string { return Policies() }

// Simulate implements [trace.Simulator]: the machine that decides is the one that executes blocks.
func (s *Scheduler) Simulate(ctx context.Context, works []trace.Work, c trace.Scenario) (trace.Prediction, error) {
	if c.Workers < 1 || c.Workers > maxWorkers {
		return trace.Prediction{}, fmt.Errorf("blockstm: workers: %d is not between 1 and %d", c.Workers, maxWorkers)
	}
	config := s.config
	config.Policy, config.Workers = c.Policy, c.Workers
	if err := config.Validate(); err != nil {
		return trace.Prediction{}, fmt.Errorf("blockstm: %w", err)
	}
	p := config.policy(c.Workers)
	p.Rewind = p.Rewind && c.Rewinds
	m := newModel(works)
	block := m.block(c.Hinted)
	if c.Workers == 1 && !config.ForceWorkers {
		p = core.Policy{Push: true} // in order, which is what one worker does
	}
	r, err := simulation.Run(ctx, simulation.Config{
		Policy: p, Slots: c.Workers, Overhead: c.Overhead, Observer: c.Observer, Name: m.name,
	}, block)
	return trace.Prediction{Makespan: r.Makespan, Busy: r.Busy, Attempts: r.Attempts, Validations: r.Counts.Validations}, err
}

// model is a block as the simulation wants it.
type model struct {
	works   []trace.Work
	numbers map[framework.Key]core.Key
	keys    []framework.Key
}

func newModel(works []trace.Work) *model {
	return &model{works: works, numbers: map[framework.Key]core.Key{}}
}

// block returns the transactions, of which so many in a hundred are predicted.
func (m *model) block(hinted int) []simulation.Transaction {
	all := make([]simulation.Transaction, len(m.works))
	for i := range m.works {
		all[i] = m.transaction(&m.works[i])
		if mix(uint64(i))%100 < uint64(max(hinted, 0)) { //nolint:gosec // not negative
			all[i].Hints = hints(&all[i])
		}
	}
	return all
}

// mix returns a number that seems to have nothing to do with n, so that those who are predicted are all over the block.
func mix(n uint64) uint64 {
	n = (n + 1) * 0x9e3779b97f4a7c15
	n = (n ^ n>>32) * 0xd6e8feb86659fd93
	return n ^ n>>32
}

func (m *model) transaction(w *trace.Work) simulation.Transaction {
	t := simulation.Transaction{Cost: max(w.Cost, 0)}
	var at time.Duration
	for _, r := range w.Reads {
		at = min(max(at, r.Offset), t.Cost)
		t.Reads, t.At = append(t.Reads, m.number(r.Key)), append(t.At, at)
	}
	for _, k := range w.Writes {
		if n := m.number(k); !slices.Contains(t.Writes, n) {
			t.Writes = append(t.Writes, n)
		}
	}
	// An addition concerns two cells; who recorded it told one after the other.
	for pair := range slices.Chunk(w.Adds, 2) {
		a := core.Add{Low: m.number(pair[0]), High: m.number(pair[len(pair)-1]), Amount: framework.Word{1}}
		if a.Low != a.High && !t.Changes(a.Low) && !t.Changes(a.High) {
			t.Adds = append(t.Adds, a)
		}
	}
	return t
}

func (m *model) number(k framework.Key) core.Key {
	n, ok := m.numbers[k]
	if !ok {
		n = core.Key(len(m.numbers)) //nolint:gosec // a block has fewer
		m.numbers[k] = n
		m.keys = append(m.keys, k)
	}
	return n
}

// name returns the key of a number.
func (m *model) name(n core.Key) framework.Key { return m.keys[n] }

// hints returns a prediction that is right.
func hints(t *simulation.Transaction) []core.Hint {
	var all []core.Hint
	for _, k := range t.Reads {
		all = append(all, core.Hint{Key: k, Access: framework.AccessRead})
	}
	for _, k := range t.Writes {
		all = append(all, core.Hint{Key: k, Access: framework.AccessWrite})
	}
	return all
}
