package toy

import (
	"context"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
)

// attempt is what is kept of the last attempt of a transaction. A machine is a function of the values that it reads,
// so they are all that it takes to go on from any of its reads.
type attempt struct {
	version framework.Version
	tx      framework.Tx // a copy: the caller may use its own for the next one
	log     []read
}

func (e *Executor) remember(a attempt) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.logs[a.version.Tx] = a
	}
}

// Resume implements [framework.Rewinder].
func (e *Executor) Resume(ctx context.Context, from framework.Version, read int, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	if err := e.usable(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	a, ok := e.logs[from.Tx]
	e.mu.Unlock()
	if !ok || a.version != from || read > len(a.log) {
		return framework.ErrNoCheckpoint
	}
	return e.run(ctx, attempt{version: v, tx: a.tx, log: a.log[:read:read]}, view, out)
}

// Forget implements [framework.Rewinder].
func (e *Executor) Forget(tx framework.TxIndex) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.logs, tx)
}

// The rules of guesses that are not certain.
const (
	ruleScript uint64 = 1 // the script names the key, but may end before it gets there
	ruleLearnt uint64 = 2 // the last transaction with this body touched it
)

// Predict implements [framework.Predictor].
func (e *Executor) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	first := len(dst)
	rule := uint64(0)
	for _, in := range parse(string(tx.Body)) {
		switch in.op {
		case "load":
			dst = append(dst, framework.Predicted{Key: Cell(in.args), Rule: rule})
		case "store":
			rule = ruleScript // from here on a load may find the attempt's own write
			dst = append(dst, framework.Predicted{Key: Cell(in.args), Access: framework.AccessWrite, Rule: rule})
		case "pay":
			rule = ruleScript
			name, _, _ := strings.Cut(in.args, " ")
			low, high := Balance(name)
			dst = append(dst, framework.Predicted{Key: low, Access: framework.AccessAdd, Rule: rule},
				framework.Predicted{Key: high, Access: framework.AccessAdd, Rule: rule})
		default:
			rule = ruleScript
		}
	}
	return e.recall(tx, dst, first)
}

// recall appends what was learnt about the body and is not yet in dst from first on.
func (e *Executor) recall(tx *framework.Tx, dst []framework.Predicted, first int) []framework.Predicted {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, k := range e.learnt[string(tx.Body)] {
		known := slices.ContainsFunc(dst[first:], func(p framework.Predicted) bool { return p.Key == k })
		if !known {
			dst = append(dst, framework.Predicted{Key: k, Rule: ruleLearnt})
		}
	}
	return dst
}

// Learn implements [framework.Predictor].
func (e *Executor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.learnt[string(tx.Body)] = slices.Concat(reads, writes)
	}
}
