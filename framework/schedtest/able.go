package schedtest

import (
	"context"
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// able is an executor of programs with all optional abilities.
type able struct {
	framework.Executor
	none  bool // it has no checkpoints
	guess func(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted

	mu     sync.Mutex
	kept   map[framework.TxIndex]*memo // guarded by mu
	learnt map[framework.Word][2][]framework.Key
}

// memo is what is kept of an attempt: its reads.
type memo struct {
	version framework.Version
	tx      framework.Tx
	keys    []framework.Key
	values  []framework.Word
}

func newAble(b *scene) *able {
	return &able{Executor: b.vm, kept: map[framework.TxIndex]*memo{}, learnt: map[framework.Word][2][]framework.Key{}}
}

// memory is a view that answers the first reads from a memo and keeps the others.
type memory struct {
	framework.View
	*memo
}

// Read implements [framework.View].
func (m *memory) Read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		at := slices.Index(m.keys, k)
		if at < 0 {
			if err := m.View.Read(ctx, keys[i:i+1], out[i:i+1]); err != nil {
				return err
			}
			m.keys, m.values = append(m.keys, k), append(m.values, out[i])
			continue
		}
		out[i] = m.values[at]
	}
	return nil
}

// Execute implements [framework.Executor].
func (x *able) Execute(ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	return x.run(ctx, &memo{version: v, tx: *tx}, view, out)
}

func (x *able) run(ctx context.Context, m *memo, view framework.View, out *framework.Outcome) error {
	tx := m.tx
	err := x.Executor.Execute(ctx, &tx, m.version, &memory{View: view, memo: m}, out)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.kept[m.version.Tx] = m
	return err
}

// Resume implements [framework.Rewinder].
func (x *able) Resume(ctx context.Context, from framework.Version, read int, v framework.Version, view framework.View,
	out *framework.Outcome) error {
	x.mu.Lock()
	m := x.kept[v.Tx]
	x.mu.Unlock()
	if x.none || m == nil || m.version != from || read > len(m.keys) {
		return framework.ErrNoCheckpoint
	}
	return x.run(ctx, &memo{version: v, tx: m.tx, keys: slices.Clone(m.keys[:read]), values: slices.Clone(m.values[:read])}, view, out)
}

// Forget implements [framework.Rewinder].
func (x *able) Forget(tx framework.TxIndex) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.kept, tx)
}

// Predict implements [framework.Predictor].
func (x *able) Predict(tx *framework.Tx, dst []framework.Predicted) []framework.Predicted {
	if x.guess == nil {
		return dst
	}
	return x.guess(tx, dst)
}

// Learn implements [framework.Predictor].
func (x *able) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.learnt[tx.ID] = [2][]framework.Key{slices.Clone(reads), slices.Clone(writes)}
}

// Publish implements [framework.Publisher].
func (x *able) Publish(framework.Version, []framework.Write, []framework.Add) {}

// Estimate implements [framework.Publisher].
func (x *able) Estimate(framework.Version) {}
