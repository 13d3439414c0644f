package execution

import (
	"context"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

// memory is what is kept of the last attempt of a transaction, so that the next one can go on from the middle of it: the
// values that it read, and what each call came to that was over.
//
// A call depends on nothing but the reads that were made before it was over. So an attempt that is to go on from read k
// begins anew, with the values of the first k reads at hand, and takes over every call that was over by then instead of
// running it: validation above all, which is most of the work of a transfer. What was going on at read k runs again from
// the start of its call: no machine is ever rolled back, so there is nothing that a rollback could forget.
type memory struct {
	version framework.Version
	in      *starknet.Input
	hash    felt.Felt
	mode    framework.Mode
	reads   []framework.Write
	calls   []record
}

// record is what a call came to. State and scope are changed by a call in the same way whenever it runs on the same values,
// so what they were afterwards is enough.
type record struct {
	// number is the place of the call among the calls of the attempt, in the order in which they began, span how many began
	// until it was over, reads how many reads had been made then.
	number, span, reads int

	result result
	gas    uint64 // that the call had, as it turned out
	// cells are those that the call was the first to use, changes those that it changed, with the values before and after,
	// touched those that contracts have used in the phase up to its end.
	cells, touched []framework.Key
	changes        []recordedChange

	events   []starknet.Event
	messages []starknet.MessageToL1
	// root are the places of events of the outermost frame.
	root     []int
	executed classSet
	failed   []softFailure
	tree     *starknet.Invocation
	// The rest is what the scope had counted at the end.
	left, lastGas uint64
	cost          rules.Cost
	blakes        uint64
	gasBlakes     uint64
	gasBuiltins   starknet.BuiltinCounts
}

// recordedChange is a change of a cell.
type recordedChange struct {
	key      framework.Key
	old, new framework.Word
}

// outset is what a scope was like when a call began, as far as its record needs it.
type outset struct {
	number, cells, log, events, messages, failed int
}

// begin numbers a call. If it was over before the first read that is not valid any more, the record of it is returned.
func (x *scope) begin() (outset, *record) {
	b := outset{x.calls, len(x.st.cells), len(x.st.log), len(x.events), len(x.messages), len(x.failed)}
	if r, ok := x.over[b.number]; ok {
		return b, r
	}
	x.calls++
	return b, nil
}

// note keeps what a call came to.
func (x *scope) note(b *outset, c *call, res *result, tree *starknet.Invocation) {
	r := record{
		number: b.number, span: x.calls - b.number, reads: len(x.st.reads), result: *res, gas: c.gas,
		events: slices.Clone(x.events[b.events:]), messages: slices.Clone(x.messages[b.messages:]),
		failed: slices.Clone(x.failed[b.failed:]), executed: x.executed.shared(), tree: tree,
		left: x.left, lastGas: x.lastGas, cost: x.cost, blakes: x.blakes, gasBuiltins: x.gasBuiltins, gasBlakes: x.gasBlakes,
	}
	touched := 0
	for i := range x.st.cells {
		touched += int(x.st.cells[i].touched >> x.phase & 1)
	}
	r.cells = make([]framework.Key, 0, len(x.st.cells)-b.cells)
	r.touched = make([]framework.Key, 0, touched)
	for i := range x.st.cells {
		cell := &x.st.cells[i]
		if i >= b.cells {
			r.cells = append(r.cells, cell.key)
		}
		if cell.touched&(1<<x.phase) != 0 {
			r.touched = append(r.touched, cell.key)
		}
	}
	seen := make(map[int]bool, len(x.st.log)-b.log)
	for _, ch := range x.st.log[b.log:] {
		if !seen[ch.cell] {
			seen[ch.cell] = true
			cell := &x.st.cells[ch.cell]
			r.changes = append(r.changes, recordedChange{cell.key, ch.old, cell.value})
		}
	}
	for i := range r.events {
		if x.ofRoot(b.events + i) {
			r.root = append(r.root, b.events+i)
		}
	}
	x.records = append(x.records, r)
}

// takeOver does what the call did that r is the record of.
func (x *scope) takeOver(r *record, c *call) result {
	x.calls += r.span
	c.gas = r.gas
	for _, k := range r.cells {
		x.st.find(k)
	}
	for _, k := range r.touched {
		x.st.cells[x.st.find(k)].touched |= 1 << x.phase
	}
	for i := range r.changes {
		ch := &r.changes[i]
		x.st.change(x.st.find(ch.key), ch.new)
	}
	x.events, x.messages = append(x.events, r.events...), append(x.messages, r.messages...)
	x.rootEvents = append(x.rootEvents, r.root...)
	x.executed = x.executed.union(r.executed)
	x.failed = append(x.failed, r.failed...)
	x.left, x.lastGas, x.cost, x.blakes = r.left, r.lastGas, r.cost, r.blakes
	x.gasBuiltins, x.gasBlakes = r.gasBuiltins, r.gasBlakes
	if r.tree != nil {
		x.hang(r.tree)
	}
	x.records = append(x.records, *r)
	return r.result
}

// memories are the memories of the transactions of a block. It is safe for concurrent use.
type memories struct {
	mu sync.Mutex
	// kept is guarded by mu.
	kept map[framework.TxIndex]*memory
}

func (m *memories) put(kept *memory) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[framework.TxIndex]*memory{}
	}
	m.kept[kept.version.Tx] = kept
}

// of returns the memory of an attempt if it was the last one of its transaction.
func (m *memories) of(v framework.Version) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kept := m.kept[v.Tx]; kept != nil && kept.version == v {
		return kept
	}
	return nil
}

// Resume implements [framework.Rewinder].
func (e *executor) Resume(
	ctx context.Context, from framework.Version, read int, v framework.Version, view framework.View, out *framework.Outcome,
) error {
	if e.closed.Load() {
		return framework.ErrClosed
	}
	kept := e.memories.of(from)
	if kept == nil || read < 0 || read > len(kept.reads) {
		return framework.ErrNoCheckpoint
	}
	return e.attempt(ctx, &memory{version: v, in: kept.in, hash: kept.hash, mode: kept.mode}, view, out, func(a *attempt) {
		a.st.know(kept.reads[:read])
		for i := range kept.calls {
			if r := &kept.calls[i]; r.reads <= read {
				a.over[r.number] = r
			}
		}
	})
}

// Forget implements [framework.Rewinder].
func (e *executor) Forget(tx framework.TxIndex) {
	e.memories.mu.Lock()
	defer e.memories.mu.Unlock()
	delete(e.memories.kept, tx)
}
