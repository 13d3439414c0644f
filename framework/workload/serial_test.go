package workload_test

import (
	"context"
	"slices"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// chainState is a state that blocks are executed on, one transaction after the other.
type chainState struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
}

func newState(genesis *framework.Diff) *chainState {
	s := &chainState{map[framework.Key]framework.Word{}, map[framework.Word]*framework.Class{}}
	s.write(genesis.Writes, genesis.Classes)
	return s
}

func (s *chainState) write(writes []framework.Write, classes []framework.Class) {
	for _, w := range writes {
		s.cells[w.Key] = w.Value
	}
	for _, c := range classes {
		s.classes[c.Hash] = &c
	}
}

// view is the state for one attempt. It fails the test if the VM breaks a rule.
type view struct {
	*chainState
	t    *testing.T
	read map[framework.Key]bool
}

func (v *view) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	if len(keys) == 0 || len(keys) != len(out) {
		v.t.Errorf("Read of %d keys into %d words", len(keys), len(out))
	}
	for i, k := range keys {
		v.read[k] = true
		out[i] = v.cells[k]
	}
	return nil
}

func (v *view) Class(_ context.Context, hash framework.Word) (*framework.Class, error) {
	if !v.read[synthetic.Declared(hash)] {
		v.t.Errorf("Class(%v) without a read of its key", hash)
	}
	if c := v.classes[hash]; c != nil {
		return c, nil
	}
	return nil, framework.ErrNoClass
}

func (v *view) Aborted() bool { return false }

// result is what became of a transaction, and whether it had to be executed exactly.
type result struct {
	framework.Final
	receipt *synthetic.Receipt
	exact   bool
}

// serial executes a block and returns what became of its transactions.
func serial(t *testing.T, s *chainState, b *framework.Block, txs []framework.Tx) []result {
	t.Helper()
	vm, err := synthetic.New(synthetic.Config{})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	e, err := vm.Open(t.Context(), b)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	s.write(b.Start, nil)
	results := make([]result, len(txs))
	for i, tx := range txs {
		results[i] = s.execute(t, e, framework.TxIndex(i), tx)
		s.write(results[i].Writes, results[i].Outcome.Classes)
	}
	if err := e.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	return results
}

func (s *chainState) execute(t *testing.T, e framework.Executor, i framework.TxIndex, tx framework.Tx) result {
	t.Helper()
	var out framework.Outcome
	v := &view{s, t, map[framework.Key]bool{}}
	for inc := range framework.Incarnation(2) {
		out.Reset()
		if err := e.Execute(t.Context(), &tx, framework.Version{Tx: i, Inc: inc}, v, &out); err != nil {
			t.Fatalf("Execute(%d): %v", i, err)
		}
		if writes, ok := s.fold(&out); ok {
			r, err := synthetic.DecodeReceipt(out.Receipt)
			if err != nil {
				t.Fatalf("Execute(%d): %v", i, err)
			}
			return result{framework.Final{Tx: i, Outcome: &out, Writes: writes}, r, tx.Mode&framework.Exact != 0}
		}
		tx.Mode |= framework.Exact
	}
	t.Fatalf("Execute(%d) adds in mode Exact", i)
	return result{}
}

// fold returns the writes of an outcome with its additions made.
func (s *chainState) fold(out *framework.Outcome) ([]framework.Write, bool) {
	writes := slices.Clone(out.Writes)
	for _, a := range out.Adds {
		low, high, ok := a.Fold(s.cells[a.Low], s.cells[a.High])
		if !ok {
			return nil, false
		}
		writes = append(writes, framework.Write{Key: a.Low, Value: low}, framework.Write{Key: a.High, Value: high})
	}
	framework.SortWrites(writes)
	return writes, true
}

func newWorkload(t testing.TB, s workload.Spec) *workload.Workload {
	t.Helper()
	w, err := workload.New(s)
	if err != nil {
		t.Fatalf("New(%+v): %v", s, err)
	}
	return w
}

// decode returns the program of a transaction.
func decode(t testing.TB, tx *framework.Tx) *synthetic.Program {
	t.Helper()
	p, err := synthetic.Decode(tx.Body)
	if err != nil {
		t.Fatalf("Decode(%x): %v", tx.ID, err)
	}
	return p
}
