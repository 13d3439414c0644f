package core

import (
	"slices"
	"sync/atomic"

	"github.com/switchyard-dev/switchyard/framework"
)

// Hint is a cell that a transaction will probably touch.
type Hint struct {
	Key    Key
	Access framework.Access
	// Rule is why; nil means that it is certain.
	Rule *Rule
}

// Rule counts how often a reason for hints was right. It may be shared by several machines. The zero value is
// trusted.
type Rule struct {
	score atomic.Int32 // between -maxScore and maxScore; trusted if not negative
}

// A hint that is wrong has others wait in vain, one that is missing costs an attempt: so a rule has to be right
// four times for each time that it is wrong.
const (
	maxScore = 8
	missCost = 4
)

// trusted reports whether hints of the rule should be believed.
func (r *Rule) trusted() bool { return r == nil || r.score.Load() >= 0 }

// count notes whether a hint was right.
func (r *Rule) count(right bool) {
	if r == nil {
		return
	}
	r.score.Store(scored(r.score.Load(), right)) // two machines at once may lose a count, which does no harm
}

// scored returns a score after one more guess, which was right or was not.
func scored(score int32, right bool) int32 {
	if right {
		return min(score+1, maxScore)
	}
	return max(score-missCost, -maxScore)
}

// admit lets transactions begin as far as the window goes. Before, the cells that they will probably write become
// estimates.
func (c *Core) admit() {
	limit := min(c.head+framework.TxIndex(c.policy.Window), c.added, c.end)
	for i := c.admitted; i < limit; i++ {
		t := c.at(i)
		t.reset()
		if c.policy.Hints && len(c.hints[i]) > 0 {
			t.hints, c.hints[i] = c.hints[i], nil
			c.predict(i, t)
		}
		c.ready.add(i)
		c.admitted++
	}
}

// predict puts estimates where a transaction will probably write.
func (c *Core) predict(i framework.TxIndex, t *transaction) {
	c.memory.clock++
	t.known = true
	for n := range t.hints {
		h := &t.hints[n]
		switch {
		case !h.Rule.trusted():
			t.known = false
		case h.Access == framework.AccessWrite:
			c.expect(i, t, h.Key)
		}
	}
}

// expected returns the highest transaction that a pending one will probably have to wait for, or NoTx.
func (c *Core) expected(i framework.TxIndex, t *transaction) framework.TxIndex {
	writer := framework.NoTx
	for n := range t.hints {
		h := &t.hints[n]
		if h.Access == framework.AccessAdd || !h.Rule.trusted() {
			continue
		}
		if a := c.resolve(i, h.Key); a.Kind == Wait {
			writer = max(writer, a.Writer.Tx)
		}
	}
	return writer
}

// judge compares the hints of a transaction that becomes final with what it did.
func (c *Core) judge(i framework.TxIndex, t *transaction) {
	v := t.version(i)
	for n := range t.hints {
		h := &t.hints[n]
		if h.Rule == nil {
			continue
		}
		right := slices.Contains(t.keys, h.Key)
		if !right && h.Access == framework.AccessRead {
			_, right = c.memory.at(h.Key).read(v)
		}
		h.Rule.count(right)
	}
}
