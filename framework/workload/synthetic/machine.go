package synthetic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// errExact ends a run without additions done exactly, because the transaction itself touches a cell that it
// added to. The machine then runs it again in mode Exact, which gives the same outcome, and burns nothing twice.
var errExact = errors.New("needs exact additions")

// machine runs one attempt at a time and reuses its memory for the next.
type machine struct {
	decoder

	executor *executor
	tx       *framework.Tx
	view     framework.View
	out      *framework.Outcome
	exact    bool // additions read and write their cells

	acc     framework.Word
	digest  digest
	at      int           // the step that is taken
	taken   uint64        // steps taken
	reached time.Duration // cost up to the step that is taken
	spent   time.Duration // cost burned, also before a restart
	receipt Receipt

	// log is all that the view was asked, vals what it answered: shorter by the read that failed, if one did.
	log  log
	vals []framework.Word

	// Set while an attempt is resumed: its transaction, what its first reads of cells and classes are answered
	// with, and what it had burned at each, up to the read that is to be made again.
	again     framework.Tx
	old       []framework.Word
	oldSpent  []time.Duration
	oldCalled []*framework.Class

	// What Before has left: where a revert goes back to.
	keptWrites []framework.Write
	keptAdds   []framework.Add
}

func (m *machine) reset(e *executor, tx *framework.Tx, view framework.View, out *framework.Outcome) {
	m.executor, m.tx, m.view, m.out = e, tx, view, out
	m.spent = 0
	m.log.reset()
	m.vals = m.vals[:0]
	m.restart(tx.Mode&framework.Exact != 0)
}

// restart goes back to the first step, but forgets neither reads nor what was burned. The outcome must be empty.
func (m *machine) restart(exact bool) {
	m.exact = exact
	m.acc, m.digest = framework.Word{}, 0
	m.at, m.taken, m.reached = 0, 0, 0
	m.receipt = Receipt{Calls: m.receipt.Calls[:0]}
}

// maxKept is the number of reads above which a machine does not keep its memory.
const maxKept = 4096

// release gives the machine back to the pool. After a panic it is left to the garbage collector.
func (m *machine) release() {
	if cap(m.log.keys) > maxKept || cap(m.steps) > maxKept {
		return
	}
	m.executor, m.tx, m.view, m.out, m.b = nil, nil, nil, nil, nil
	if len(m.log.called) > 0 {
		clear(m.log.called)
	}
	if m.again.Body != nil {
		m.forgetReplay()
	}
	machines.Put(m)
}

// run executes the transaction and fills the outcome.
func (m *machine) run(ctx context.Context) error {
	if m.decode(m.tx.Body) != nil {
		m.end(framework.Rejected, Malformed)
		m.finish()
		return nil
	}
	err := m.program(ctx)
	if err == errExact { //nolint:errorlint // never wrapped, never leaves the machine
		m.out.Reset()
		m.restart(true)
		err = m.program(ctx)
	}
	if err == nil && m.executor.config.Misbehaves(m.tx.ID) {
		err = m.misbehave(ctx, m.executor.config.Misbehave)
	}
	if err != nil {
		return err
	}
	m.finish()
	return nil
}

// program runs the sections that the mode asks for.
func (m *machine) program(ctx context.Context) error {
	kind := m.tx.Mode.Kind()
	if kind != framework.Call {
		if err := m.runSection(ctx, 0); err != nil || m.receipt.Status == framework.Rejected {
			return err
		}
	}
	if kind != framework.Validate {
		m.save()
		if err := m.runSection(ctx, 1); err != nil || m.receipt.Status == framework.Rejected {
			return err
		}
		if m.receipt.Status == framework.Reverted {
			m.undo()
		}
	}
	if kind == framework.Execute && m.tx.Mode&framework.SkipFee == 0 {
		if err := m.runSection(ctx, 2); err != nil || m.receipt.Status == framework.Rejected {
			return err
		}
	}
	if kind == framework.Validate {
		return nil
	}
	return m.burnTo(ctx, 100)
}

// runSection runs the steps of Before, Steps or After, up to the first that fails.
func (m *machine) runSection(ctx context.Context, n int) error {
	end := m.ends[n]
	m.at = end - len(m.section(n))
	for m.at < end {
		s := &m.steps[m.at]
		if err := m.burnTo(ctx, s.Position); err != nil {
			return err
		}
		if s.Mod != 0 && Fold(m.acc)%uint64(s.Mod) != uint64(s.Rem) {
			m.at++
			continue
		}
		m.taken++
		reason, err := m.step(ctx, s, end)
		if err != nil {
			return err
		}
		if reason != None {
			status := framework.Rejected
			if n == 1 && !reason.rejects() {
				status = framework.Reverted
			}
			m.end(status, reason)
			return nil
		}
		m.at++
	}
	return nil
}

// burnTo burns the cost up to a position. A transaction that has failed burns no more.
func (m *machine) burnTo(ctx context.Context, percent uint8) error {
	if m.cost == 0 || m.receipt.Status != framework.Succeeded {
		return nil
	}
	// Multiplied in two parts, so that the largest cost does not overflow.
	p := time.Duration(percent)
	m.reached = m.cost/100*p + m.cost%100*p/100
	if m.reached <= m.spent {
		return nil
	}
	d := m.reached - m.spent
	m.spent = m.reached
	return burn(ctx, m.view, d, m.executor.config.Pace)
}

// end notes how the transaction ends, at the present step.
func (m *machine) end(status framework.Status, reason Reason) {
	m.receipt.Status, m.receipt.Reason = status, reason
	m.receipt.Step = uint16(min(m.at, 1<<16-1)) //nolint:gosec // bounded here
}

// save remembers what a revert of Steps goes back to.
func (m *machine) save() {
	m.keptWrites = append(m.keptWrites[:0], m.out.Writes...)
	m.keptAdds = append(m.keptAdds[:0], m.out.Adds...)
}

// undo goes back to what save remembered. Classes can be declared in Before, too, but then they were
// declared first.
func (m *machine) undo() {
	m.out.Writes = append(m.out.Writes[:0], m.keptWrites...)
	m.out.Adds = append(m.out.Adds[:0], m.keptAdds...)
	m.out.Classes = slices.DeleteFunc(m.out.Classes, func(c framework.Class) bool {
		_, kept := m.own(&framework.Key{Space: SpaceDeclared, Owner: c.Hash})
		return !kept
	})
}

// misbehave does what an attempt does that misbehaves.
func (m *machine) misbehave(ctx context.Context, how string) error {
	switch how {
	case behaveSlow:
		return burn(ctx, m.view, m.executor.config.SlowBy, m.executor.config.Pace)
	case behavePanic:
		panic(fmt.Sprintf("synthetic: transaction %x panics at step %d", m.tx.ID, m.at))
	case behaveLoop:
		if err := burn(ctx, m.view, m.executor.config.LoopLimit, m.executor.config.Pace); err != nil {
			return err
		}
		return fmt.Errorf("synthetic: step %d: nobody aborted an endless loop", m.at)
	}
	return fmt.Errorf("synthetic: step %d: fault", m.at)
}

// finish completes the outcome: usage and receipt.
func (m *machine) finish() {
	m.receipt.Digest = uint64(m.digest)
	if m.receipt.Status != framework.Rejected {
		m.charge()
		if !m.fits() {
			m.end(framework.Rejected, CapacityExceeded)
		}
	}
	if m.receipt.Status == framework.Rejected {
		m.out.Reset()
	}
	m.out.Status = m.receipt.Status
	m.out.Receipt = m.receipt.append(m.out.Receipt[:0])
}

// charge fills in the usage. What was called is charged already.
func (m *machine) charge() {
	out, declared := m.out, uint64(0)
	for i := range out.Classes {
		declared += uint64(len(out.Classes[i].Body))
	}
	changed := uint64(len(out.Writes) + 2*len(out.Adds))
	out.Usage.Counters = append(out.Usage.Counters[:0],
		uint64(m.reached), m.taken, changed, declared, 0, 0) //nolint:gosec // a cost is not negative
	for i := range out.Writes {
		m.changed(&out.Writes[i].Key)
	}
	for i := range out.Adds {
		m.changed(&out.Adds[i].Low)
		m.changed(&out.Adds[i].High)
	}
}

// changed charges a changed cell.
func (m *machine) changed(k *framework.Key) {
	once := extend(m.out.Usage.Once)
	c := &once[len(once)-1]
	c.Counter, c.Key, c.Amount = CounterChanged, *k, 1
	m.out.Usage.Once = once
}

// fits reports whether an empty block has room for the usage.
func (m *machine) fits() bool {
	capacity := m.executor.block.Capacity
	if len(capacity) == 0 {
		return true
	}
	var total [Counters]uint64
	copy(total[:], m.out.Usage.Counters)
	for _, c := range m.out.Usage.Once {
		total[c.Counter] += c.Amount
	}
	for i, n := range total[:min(len(capacity), len(total))] {
		if capacity[i] != 0 && n > capacity[i] {
			return false
		}
	}
	return true
}
