package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var randomTests = []test{
	{"against a model", (*rig).againstModel},
}

// runs and ops are how many times the model is run, and for how many operations.
const runs, ops = 6, 150

func (r *rig) againstModel(t conform.T) {
	roots := make(map[string]framework.Root)
	for i := range uint64(runs) {
		t.Run(fmt.Sprintf("seed %d", r.Seed+i), func(t conform.T) {
			m := newModel(r, t, rand.New(rand.NewPCG(r.Seed+i, 0)), roots)
			defer m.report()
			for range ops {
				m.op()
			}
		})
	}
}

// snapshot is a whole state, by number of keys, values and classes. It is not changed once it belongs to a block.
type snapshot struct {
	cells   cells
	classes map[int]bool
}

func (s snapshot) String() string { return fmt.Sprint(s.cells, s.classes) } // fmt sorts maps

// model is what a store should do, on naive maps, next to one that is under test.
type model struct {
	*rig
	t     conform.T
	rng   *rand.Rand
	dir   string
	store framework.Store
	trace []string

	blocks    map[framework.BlockNumber]snapshot // all that were not reverted, AtEmpty included
	head, tip framework.BlockNumber
	oldest    framework.BlockNumber // below it sealed blocks are no longer kept
	views     []pinned
	roots     map[string]framework.Root // by snapshot, over all runs
}

// pinned is a state that stays open.
type pinned struct {
	state framework.State
	want  snapshot
	name  string
}

func newModel(r *rig, t conform.T, rng *rand.Rand, roots map[string]framework.Root) *model {
	m := &model{rig: r, t: t, rng: rng, dir: t.TempDir(), roots: roots, head: framework.AtEmpty, tip: framework.AtEmpty}
	m.store = r.openDir(t, m.dir)
	m.blocks = map[framework.BlockNumber]snapshot{framework.AtEmpty: {cells{}, map[int]bool{}}}
	return m
}

// report prints what led to a failure.
func (m *model) report() {
	if m.t.Failed() {
		for _, line := range m.trace {
			m.t.Logf("%s", line)
		}
	}
}

func (m *model) note(format string, args ...any) {
	m.trace = append(m.trace, fmt.Sprintf(format, args...))
}

// op makes one random operation and checks how it ends.
func (m *model) op() {
	m.t.Helper()
	switch n := m.rng.IntN(100); {
	case n < 30:
		m.stageNext()
	case n < 55:
		m.sealNext()
	case n < 60:
		m.wrongNumber()
	case n < 66:
		m.revertSome()
	case n < 80:
		m.readSome()
	case n < 88:
		m.pin()
	case n < 98:
		m.checkPinned()
	default:
		m.reopen()
	}
}

func (m *model) stageNext() {
	if m.tip > m.head+3 {
		return
	}
	next := snapshot{maps.Clone(m.blocks[m.tip].cells), maps.Clone(m.blocks[m.tip].classes)}
	changes := make(cells)
	for range m.rng.IntN(12) {
		k, v := m.rng.IntN(30), m.rng.IntN(5)
		changes[k] = v
		next.cells[k] = v
		if v == 0 {
			delete(next.cells, k)
		}
	}
	var classes []int
	if c := m.rng.IntN(30); c < 5 {
		classes = []int{c}
		next.classes[c] = true
	}
	m.tip++
	m.note("stage block %d: %v, classes %v", m.tip, changes, classes)
	m.stage(m.t, m.store, m.tip, changes, classes...)
	m.blocks[m.tip] = next
}

func (m *model) sealNext() {
	if m.head == m.tip {
		return
	}
	m.head++
	m.note("seal block %d", m.head)
	root := m.seal(m.t, m.store, m.head)
	if m.Retain > 0 {
		m.oldest = max(m.oldest, m.head-framework.BlockNumber(m.Retain)+1)
	}
	m.checkRoot(root)
}

// checkRoot wants a root for each state, and a state for each root.
func (m *model) checkRoot(root framework.Root) {
	m.t.Helper()
	m.rig.head(m.t, m.store, m.head, root)
	state := m.blocks[m.head].String()
	if known, ok := m.roots[state]; ok && known != root {
		m.t.Errorf("root of block %d is %x, but the same state had %x before", m.head, root, known)
	}
	for other, known := range m.roots {
		if known == root && other != state {
			m.t.Errorf("root %x stands for %s and for %s", root, state, other)
		}
	}
	m.roots[state] = root
}

// wrongNumber makes calls that must be refused.
func (m *model) wrongNumber() {
	m.note("calls with wrong numbers")
	n := m.tip + framework.BlockNumber(m.rng.IntN(3))*2
	fails(m.t, fmt.Sprintf("Stage(%d)", n), m.store.Stage(m.t.Context(), n, m.Protocol, m.diff(nil)), framework.ErrOutOfOrder)
	n = m.head + framework.BlockNumber(m.rng.IntN(3))*2
	_, err := m.store.Seal(m.t.Context(), n)
	fails(m.t, fmt.Sprintf("Seal(%d)", n), err, framework.ErrOutOfOrder)
	n = m.head + 1 + framework.BlockNumber(m.rng.IntN(3))
	fails(m.t, fmt.Sprintf("Revert(%d)", n), m.store.Revert(m.t.Context(), n), framework.ErrNoBlock)
}

func (m *model) revertSome() {
	to := m.head - framework.BlockNumber(m.rng.IntN(4))
	if to < m.oldest || m.rng.IntN(10) == 0 {
		to = framework.AtEmpty
	}
	m.note("revert to block %d", to)
	m.revert(m.t, m.store, to)
	for n := m.tip; n > to; n-- {
		delete(m.blocks, n)
	}
	m.head, m.tip = to, to
	if to == framework.AtEmpty {
		m.oldest = 0
	}
}

// readSome reads the whole state after a random block, which may be one that is not there.
func (m *model) readSome() {
	n := framework.AtEmpty + framework.BlockNumber(m.rng.IntN(int(m.tip)+4))
	m.note("read the state after block %d", n)
	if n > m.tip || n != framework.AtEmpty && n < m.oldest {
		missing(m.t, m.store, n)
		return
	}
	m.check(pinned{m.at(m.t, m.store, n), m.blocks[n], fmt.Sprintf("block %d", n)})
}

func (m *model) pin() {
	n := m.tip - framework.BlockNumber(m.rng.IntN(3))
	if n < m.oldest || len(m.views) == 8 {
		return
	}
	m.note("open the state after block %d as view %d", n, len(m.views))
	name := fmt.Sprintf("view %d, of block %d", len(m.views), n)
	m.views = append(m.views, pinned{m.at(m.t, m.store, n), m.blocks[n], name})
}

func (m *model) checkPinned() {
	if len(m.views) == 0 {
		return
	}
	p := m.views[m.rng.IntN(len(m.views))]
	m.note("read %s", p.name)
	m.check(p)
}

// check reads all cells and classes that there may be.
func (m *model) check(p pinned) {
	m.t.Helper()
	want := make(cells)
	for k := range 30 {
		want[k] = p.want.cells[k]
	}
	m.shows(m.t, p.state, want, p.name)
	for c := range 5 {
		if p.want.classes[c] {
			m.declared(m.t, p.state, m.class(c))
		} else {
			m.undeclared(m.t, p.state, c)
		}
	}
}

// reopen closes the store and opens it again: staged blocks and views are gone.
func (m *model) reopen() {
	if !m.Durable {
		return
	}
	m.note("open the store again")
	if err := m.store.Close(); err != nil {
		m.t.Fatalf("Close: %v", err)
	}
	m.store, m.views = m.openDir(m.t, m.dir), nil
	for ; m.tip > m.head; m.tip-- {
		delete(m.blocks, m.tip)
	}
}
