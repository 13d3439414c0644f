package synthetic

import (
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// maxLearnt is the number of derived keys that a predictor remembers.
const maxLearnt = 1 << 14

// predictor guesses what programs touch. A guess is certain if the key stands in the program and the transaction,
// unless it is rejected, touches it whatever it reads: steps that are conditional, that come after one that may
// fail, or that write what may be undone, are guessed by a rule for each operation and place in the program. A
// derived key is guessed to be what it was last time, by a rule for each base and span, and so is the class of a
// contract that is called.
type predictor struct {
	config Config

	mu     sync.RWMutex
	learnt map[uint64]framework.Key // guarded by mu
}

var _ framework.Predictor = (*predictor)(nil)

func newPredictor(c Config) *predictor {
	return &predictor{config: c, learnt: map[uint64]framework.Key{}}
}

// The rules for keys that stand in the program.
const (
	ruleCertain uint64 = 0
	// ruleDoubtful takes the place of certainty if the hints are configured not to be always right.
	ruleDoubtful uint64 = 1
)

// Predict implements [framework.Predictor].
func (p *predictor) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	lot := choose(tx.ID, seed1) % 100
	right, wrong := uint64(p.config.HintsRight), uint64(p.config.HintsWrong) //nolint:gosec // validated
	if lot >= right+wrong {
		return dst
	}
	g := guesser{predictor: p, out: dst, first: len(dst), exact: tx.Mode&framework.Exact != 0}
	walk(tx, g.step)
	for i := range g.out[g.first:] {
		o := &g.out[g.first+i]
		if lot >= right {
			// The neighbour: for an account, another account.
			o.Key.Slot[0]++
		}
		if right < 100 && o.Rule == ruleCertain {
			o.Rule = ruleDoubtful
		}
	}
	return g.out
}

// Learn implements [framework.Predictor].
func (p *predictor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	walk(tx, func(s *Step, _ int, _ doubt) {
		switch {
		case s.Span != 0 && s.Op == OpRead:
			p.learn(s, reads, func(k *framework.Key) bool { return derived(k, s) })
		case s.Span != 0 && s.Op == OpWrite:
			p.learn(s, writes, func(k *framework.Key) bool { return derived(k, s) })
		case s.Op == OpCall:
			p.learn(s, reads, func(k *framework.Key) bool { return k.Space == SpaceDeclared })
		}
	})
}

// learn remembers the first key that a step may have touched.
func (p *predictor) learn(s *Step, keys []framework.Key, touched func(*framework.Key) bool) {
	for i := range keys {
		if !touched(&keys[i]) {
			continue
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.learnt) >= maxLearnt {
			clear(p.learnt)
		}
		p.learnt[learntRule(s)] = keys[i]
		return
	}
}

// doubt says whether a transaction that is not rejected may end without having read or written what a step reads
// or writes.
type doubt struct{ read, write bool }

// walk calls f for each step of the sections that tx runs, with its number. It does nothing if the body is not
// a program.
func walk(tx *framework.Tx, f func(s *Step, i int, d doubt)) {
	m := machines.Get().(*machine) //nolint:forcetypeassert // the pool holds nothing else
	defer machines.Put(m)
	if m.decode(tx.Body) != nil {
		return
	}
	kind := tx.Mode.Kind()
	if kind != framework.Call {
		walkKept(m.section(0), 0, f)
	}
	if kind != framework.Validate {
		walkSteps(m.section(1), m.ends[0], f)
	}
	if kind == framework.Execute && tx.Mode&framework.SkipFee == 0 {
		walkKept(m.section(2), m.ends[1], f)
	}
	m.b = nil
}

// walkKept walks Before or After: where a step fails, the transaction is rejected.
func walkKept(steps []Step, first int, f func(*Step, int, doubt)) {
	for i := range steps {
		conditional := steps[i].Mod != 0
		f(&steps[i], first+i, doubt{read: conditional, write: conditional})
	}
}

// walkSteps walks Steps: where a step fails, all that they wrote is undone.
func walkSteps(steps []Step, first int, f func(*Step, int, doubt)) {
	undone := slices.ContainsFunc(steps, func(s Step) bool { return s.mayRevert() })
	var d doubt
	for i := range steps {
		s := &steps[i]
		f(s, first+i, doubt{read: d.read || s.Mod != 0, write: undone || s.Mod != 0})
		// What is read after a derived write may be that write, which may be undone.
		d.read = d.read || s.mayRevert() || s.Op == OpWrite && s.Span != 0
	}
}

// mayRevert reports whether the step can fail so that the transaction reverts.
func (s *Step) mayRevert() bool {
	switch s.Op {
	case OpTransfer, OpAdd, OpFail, OpDeclare, OpDeploy, OpCall:
		return true
	}
	return false
}

// guesser collects the guesses for one transaction.
type guesser struct {
	*predictor
	out   []framework.Predicted
	first int // where in out our guesses begin
	exact bool
}

func (g *guesser) step(s *Step, i int, d doubt) {
	read, write := ruleCertain, ruleCertain
	if d.read {
		read = ruleOf(s, uint64(i)) //nolint:gosec // a number of a step
	}
	if d.write {
		write = ruleOf(s, uint64(i)) //nolint:gosec // a number of a step
	}
	switch s.Op {
	case OpRead:
		g.derived(s, framework.AccessRead, read)
	case OpWrite:
		g.derived(s, framework.AccessWrite, write)
	case OpTransfer:
		g.guess(s.Key, framework.AccessWrite, write)
		g.guess(s.To, framework.AccessWrite, write)
	case OpNonce, OpDeclare:
		g.guess(s.Key, framework.AccessWrite, write)
	case OpAdd:
		access := framework.AccessAdd
		if g.exact {
			access = framework.AccessWrite
		}
		g.guess(s.Key, access, write)
		g.guess(s.To, access, write)
	case OpDeploy:
		g.guess(s.To, framework.AccessRead, read)
		g.guess(s.Key, framework.AccessWrite, write)
	case OpCall:
		g.guess(s.Key, framework.AccessRead, read)
		g.recall(s, framework.AccessRead)
	case OpEqual:
		g.guess(s.Key, framework.AccessRead, read)
		g.guess(s.To, framework.AccessRead, read)
	}
}

// derived guesses the key of a step that may depend on state.
func (g *guesser) derived(s *Step, access framework.Access, rule uint64) {
	if s.Span == 0 {
		g.guess(s.Key, access, rule)
		return
	}
	g.recall(s, access)
}

// recall guesses what was learnt for a step.
func (g *guesser) recall(s *Step, access framework.Access) {
	rule := learntRule(s)
	g.mu.RLock()
	k, ok := g.learnt[rule]
	g.mu.RUnlock()
	if ok {
		g.guess(k, access, rule)
	}
}

// guess adds a key, or strengthens what was guessed of it before: a cell that is accessed in two ways is written,
// as certainly as the stronger of the two.
func (g *guesser) guess(k framework.Key, access framework.Access, rule uint64) {
	for i := range g.out[g.first:] {
		o := &g.out[g.first+i]
		if o.Key != k {
			continue
		}
		switch {
		case o.Access == access:
			o.Rule = min(o.Rule, rule)
		case o.Access == framework.AccessRead:
			o.Access, o.Rule = framework.AccessWrite, rule
		case access == framework.AccessRead:
			o.Access = framework.AccessWrite
		default:
			o.Access, o.Rule = framework.AccessWrite, min(o.Rule, rule)
		}
		return
	}
	g.out = append(g.out, framework.Predicted{Key: k, Access: access, Rule: rule})
}

// derived reports whether k can be the key of a step with a span.
func derived(k *framework.Key, s *Step) bool {
	base := s.Key
	off := k.Slot[0] - base.Slot[0]
	base.Slot[0] = k.Slot[0]
	return *k == base && off < uint64(s.Span)
}

// ruleOf numbers the guess that a step is taken and stands: by what it does, where, and under which condition.
func ruleOf(s *Step, i uint64) uint64 {
	d := digest(seed2)
	d.word(&framework.Word{uint64(s.Op), i, uint64(s.Mod), uint64(s.Rem)})
	return uint64(d) | 2
}

// learntRule numbers the guess that a key is derived as last time.
func learntRule(s *Step) uint64 {
	d := digest(seed3)
	d.word(&framework.Word{uint64(s.Op), uint64(s.Key.Space), uint64(s.Span)})
	d.word(&s.Key.Owner)
	d.word(&s.Key.Slot)
	return uint64(d) | 2
}
