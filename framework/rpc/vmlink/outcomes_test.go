package vmlink_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
)

// kindOutcomes is the call by which outcomes are named.
const kindOutcomes = link.FirstKind + 6

// ledger is a VM whose transactions write what their body says, and that keeps what Finish is about.
type ledger struct{ final []framework.Final }

func (l *ledger) Open(context.Context, *framework.Block) (framework.Executor, error) { return l, nil }
func (l *ledger) Close() error                                                       { return nil }

func (l *ledger) Execute(_ context.Context, tx *framework.Tx, _ framework.Version, _ framework.View, out *framework.Outcome) error {
	n := uint64(tx.Body[0])
	out.Writes = append(out.Writes, framework.Write{Key: framework.Key{Slot: framework.Word{n}}, Value: framework.Word{n}})
	if n%2 == 1 {
		out.Adds = append(out.Adds, framework.Add{Low: framework.Key{Space: 1}, High: framework.Key{Space: 2}, Amount: framework.Word{n}})
	}
	out.Usage.Once = append(out.Usage.Once, framework.Charge{Counter: 1, Key: out.Writes[0].Key, Amount: n})
	out.Receipt = append(out.Receipt, tx.Body...)
	return nil
}

func (l *ledger) Finish(_ context.Context, _ framework.View, final []framework.Final) ([]framework.Write, error) {
	l.final = nil
	for i := range final {
		l.final = append(l.final, final[i].Clone())
	}
	return nil, nil
}

// TestOutcomes finishes blocks whose outcomes the VM has, and such as it has not.
func TestOutcomes(t *testing.T) {
	vm := new(ledger)
	s := serve(conform.Testing(t), link.Frames, vm, vmlink.Config{})
	executor, err := s.Open(t.Context(), &framework.Block{Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer executor.Close()
	view := framework.NewOverlay(t.Context(), nil, nil)
	var final []framework.Final
	execute := func(tx framework.TxIndex, inc framework.Incarnation, body byte) framework.Final {
		f := framework.Final{Tx: tx, Outcome: new(framework.Outcome)}
		err := executor.Execute(t.Context(), &framework.Tx{Body: []byte{body}}, framework.Version{Tx: tx, Inc: inc}, view, f.Outcome)
		if err != nil {
			t.Fatal(err)
		}
		f.Writes = slices.Clone(f.Outcome.Writes)
		for _, a := range f.Outcome.Adds {
			f.Writes = append(f.Writes, framework.Write{Key: a.Low, Value: a.Amount}, framework.Write{Key: a.High})
		}
		return f
	}
	for i := range 5 {
		final = append(final, execute(framework.TxIndex(i), 0, byte(i)))
	}
	finish := func(name string, names int32) {
		t.Helper()
		before := s.named.Load()
		if _, err := executor.Finish(t.Context(), view, final); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(final, vm.final, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: Finish (-here +at the VM):\n%s", name, diff)
		}
		if n := s.named.Load() - before; n != names {
			t.Errorf("%s: outcomes were named %d times, want %d", name, n, names)
		}
	}
	finish("all", 1)
	finish("once more", 1)
	final[2].Writes = nil // a cell that the block leaves as it was
	finish("without a write", 1)
	final = final[1:4]
	finish("some", 1)
	execute(2, 1, 7)
	finish("another attempt than the last", 0)
	final[1] = execute(2, 2, 2)
	finish("the last attempt", 1)
	final[0].Outcome.Receipt = []byte("other")
	finish("another receipt", 0)
}
