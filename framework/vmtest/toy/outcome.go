package toy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// finish turns the end of a script into an outcome, or returns the error that ended the attempt.
func (m *machine) finish(end error, capacity []uint64, out *framework.Outcome) error {
	status := framework.Succeeded
	switch {
	case errors.Is(end, errReverted):
		status = framework.Reverted
		m.done = m.kept
	case errors.Is(end, errRejected):
		status = framework.Rejected
		m.done = effects{}
	case end != nil:
		return end
	}
	used := []uint64{m.steps, uint64(len(m.done.writes))}
	if status != framework.Rejected && !fits(used, capacity) {
		status, end = framework.Rejected, errors.New("over the capacity of the block")
		m.done = effects{}
	}
	out.Status = status
	out.Receipt = fmt.Appendf(out.Receipt, "acc %x", bytes(m.acc))
	if end != nil {
		out.Receipt = fmt.Appendf(out.Receipt, "; %v", end)
	}
	m.fill(out)
	return nil
}

func (m *machine) fill(out *framework.Outcome) {
	for k, w := range m.done.writes {
		out.Writes = append(out.Writes, framework.Write{Key: k, Value: w})
	}
	framework.SortWrites(out.Writes)
	for slot, n := range m.done.adds {
		low, high := framework.Key{Space: BalancesLow, Slot: slot}, framework.Key{Space: BalancesHigh, Slot: slot}
		out.Adds = append(out.Adds, framework.Add{Low: low, High: high, Amount: n})
	}
	slices.SortFunc(out.Adds, func(a, b framework.Add) int { return a.Low.Compare(b.Low) })
	out.Classes = append(out.Classes, m.done.classes...)
	out.Usage.Counters = append(out.Usage.Counters, m.steps)
	for _, w := range out.Writes {
		out.Usage.Once = append(out.Usage.Once, framework.Charge{Counter: 1, Key: w.Key, Amount: 1})
	}
}

func fits(used, capacity []uint64) bool {
	for i, limit := range capacity {
		if limit != 0 && i < len(used) && used[i] > limit {
			return false
		}
	}
	return true
}
