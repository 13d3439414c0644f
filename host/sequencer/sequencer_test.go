package sequencer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func assemble(t *testing.T) *sequencer.Sequencer {
	t.Helper()
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	vm, err := synthetic.New(synthetic.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &sequencer.Sequencer{Scheduler: serial.Scheduler{}, VM: vm, Store: store}
}

func word(n uint64) framework.Word { return framework.Word{n} }

func cell(n uint64) framework.Key { return synthetic.Storage(word(100), word(n)) }

// program returns a transaction of these steps.
func program(id uint64, steps ...synthetic.Step) framework.Tx {
	p := synthetic.Program{Steps: steps}
	return p.Tx(word(id))
}

// execute runs one block on an empty store.
func execute(t *testing.T, s *sequencer.Sequencer, b *framework.Block, txs ...framework.Tx) *sequencer.Block {
	t.Helper()
	q := framework.NewQueue(txs...)
	q.Close()
	built, err := s.Execute(t.Context(), b, q)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func TestExecuteCutsWhereTheBlockIsFull(t *testing.T) {
	write := func(id uint64, cells ...uint64) framework.Tx {
		var steps []synthetic.Step
		for _, c := range cells {
			steps = append(steps, synthetic.Write(cell(c), word(id)))
		}
		return program(id, steps...)
	}
	rejected := program(9, synthetic.Write(cell(9), word(9)), synthetic.Fail(synthetic.Reject))
	capacity := make([]uint64, synthetic.Counters)
	tests := []struct {
		name     string
		counter  int
		capacity uint64
		txs      []framework.Tx
		finals   int
		full     bool
	}{
		{"no limit", synthetic.CounterWrites, 0, []framework.Tx{write(1, 1), write(2, 2)}, 2, false},
		{"exactly full", synthetic.CounterWrites, 3, []framework.Tx{write(1, 1), write(2, 2, 3)}, 2, false},
		{"no later one is squeezed in", synthetic.CounterWrites, 2, []framework.Tx{write(1, 1), write(2, 2, 3), write(3, 4)}, 1, true},
		{"a rejected one takes no room", synthetic.CounterWrites, 2, []framework.Tx{rejected, write(1, 1), write(2, 2), write(3, 3)}, 3, true},
		{"cells count once in a block", synthetic.CounterChanged, 2, []framework.Tx{write(1, 1), write(2, 1, 2), write(3, 2), write(4, 3)}, 3, true},
		{"too large for an empty block", synthetic.CounterWrites, 2, []framework.Tx{write(1, 1, 2, 3), write(2, 1)}, 2, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			limits := append([]uint64(nil), capacity...)
			limits[tt.counter] = tt.capacity
			built := execute(t, assemble(t), &framework.Block{Capacity: limits}, tt.txs...)
			if len(built.Finals) != tt.finals || built.Full != tt.full {
				t.Errorf("%d finals, full %v, want %d, %v", len(built.Finals), built.Full, tt.finals, tt.full)
			}
		})
	}
}

func TestExecuteAddsUpTheDiff(t *testing.T) {
	start := []framework.Write{{Key: cell(1), Value: word(1)}, {Key: cell(2), Value: word(2)}}
	class := word(77)
	built := execute(t, assemble(t), &framework.Block{Start: start},
		program(1, synthetic.Read(cell(2)), synthetic.Write(cell(2), word(10))),
		program(2, synthetic.Read(cell(2)), synthetic.Write(cell(3), word(10))),
		program(3, synthetic.Write(cell(4), word(1)), synthetic.Fail(synthetic.Reject)),
		program(4, synthetic.Declare(class, []byte("code"))),
	)
	want := framework.Diff{
		Writes: []framework.Write{
			{Key: synthetic.FinishKey(), Value: framework.Word{3, 0}},
			{Key: cell(1), Value: word(1)},
			{Key: cell(2), Value: word(12)},
			{Key: cell(3), Value: word(22)},
			{Key: synthetic.Declared(class), Value: word(1)},
		},
		Classes: []framework.Class{{Hash: class, Body: []byte("code")}},
	}
	if diff := cmp.Diff(want, built.Diff); diff != "" {
		t.Errorf("diff of the block differs (-want +got):\n%s", diff)
	}
	if len(built.Finals) != 4 || built.Included() != 3 {
		t.Errorf("%d finals, %d included, want 4 and 3", len(built.Finals), built.Included())
	}
}

func TestFault(t *testing.T) {
	txs := []framework.Tx{
		program(1, synthetic.Fail(synthetic.Fault)),
		program(2, synthetic.Write(cell(1), word(1))),
	}
	s := assemble(t)
	built := execute(t, s, &framework.Block{}, txs...)
	if len(built.Finals) != 2 || built.Included() != 1 || built.Finals[0].Fault == nil {
		t.Errorf("%d finals, %d included, fault %v", len(built.Finals), built.Included(), built.Finals[0].Fault)
	}
	s.StopOnFault = true
	q := framework.NewQueue(txs...)
	q.Close()
	_, err := s.Execute(t.Context(), &framework.Block{}, q)
	if err == nil || !strings.HasPrefix(err.Error(), "block 0: transaction 0: ") {
		t.Errorf("a replay goes on after a fault: %v", err)
	}
}

func source(t *testing.T) *workload.Workload {
	t.Helper()
	w, err := workload.New(workload.Spec{Transactions: 5})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestStoreErrors(t *testing.T) {
	s := assemble(t)
	s.Store.Close()
	if err := s.Produce(t.Context(), sequencer.Arrivals(source(t), 0), sequencer.Pace{}, nil); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Produce() on a closed store: %v", err)
	}
	if _, err := s.Execute(t.Context(), &framework.Block{}, framework.NewQueue()); !errors.Is(err, framework.ErrClosed) {
		t.Errorf("Execute() on a closed store: %v", err)
	}
}
