package synthetic_test

import (
	"context"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// state is a view that answers from a map and writes down what it was asked.
type state struct {
	cells   map[framework.Key]framework.Word
	classes map[framework.Word]*framework.Class
	// calls holds the keys of every call of Read.
	calls [][]framework.Key
	// abortAt ends the call of Read of that number, counted from 1, and all later ones.
	abortAt int
	aborted bool
	// polls counts down: the attempt is aborted when it was asked that often. 0 means never.
	polls int
}

func newState() *state {
	return &state{cells: map[framework.Key]framework.Word{}, classes: map[framework.Word]*framework.Class{}}
}

func (s *state) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	s.calls = append(s.calls, append([]framework.Key(nil), keys...))
	if s.abortAt > 0 && len(s.calls) >= s.abortAt {
		return framework.ErrAborted
	}
	for i, k := range keys {
		out[i] = s.cells[k]
	}
	return nil
}

func (s *state) Class(_ context.Context, hash framework.Word) (*framework.Class, error) {
	if c := s.classes[hash]; c != nil {
		return c, nil
	}
	return nil, framework.ErrNoClass
}

func (s *state) Aborted() bool {
	if s.polls > 0 {
		s.polls--
		s.aborted = s.polls == 0
	}
	return s.aborted
}

// apply changes the state as the outcome says. Additions must fit.
func (s *state) apply(t *testing.T, out *framework.Outcome) {
	t.Helper()
	for _, w := range out.Writes {
		s.cells[w.Key] = w.Value
	}
	for _, a := range out.Adds {
		low, high, ok := a.Fold(s.cells[a.Low], s.cells[a.High])
		if !ok {
			t.Fatalf("addition %+v does not fit", a)
		}
		s.cells[a.Low], s.cells[a.High] = low, high
	}
	for _, c := range out.Classes {
		s.classes[c.Hash] = &c
	}
}

func open(t testing.TB, c synthetic.Config, b *framework.Block) framework.Executor {
	t.Helper()
	vm, err := synthetic.New(c)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	e, err := vm.Open(t.Context(), b)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return e
}

// run executes a program in a fresh executor.
func run(t *testing.T, p *synthetic.Program, s *state, mode framework.Mode) *framework.Outcome {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Fatalf("Validate: %v", err)
	}
	tx := p.Tx(framework.Word{1})
	tx.Mode = mode
	var out framework.Outcome
	e := open(t, synthetic.Config{}, &framework.Block{})
	if err := e.Execute(t.Context(), &tx, framework.Version{}, s, &out); err != nil {
		t.Fatalf("Execute: %v", err)
	}
	return &out
}

func receipt(t testing.TB, out *framework.Outcome) *synthetic.Receipt {
	t.Helper()
	r, err := synthetic.DecodeReceipt(out.Receipt)
	if err != nil {
		t.Fatalf("DecodeReceipt: %v", err)
	}
	return r
}

// cell returns one of a row of storage cells.
func cell(n uint64) framework.Key { return synthetic.Storage(framework.Word{7}, framework.Word{n}) }

func word(n uint64) framework.Word { return framework.Word{n} }
