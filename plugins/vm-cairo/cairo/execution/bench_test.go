package execution_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// chainState returns the state that a chain begins with.
func chainState(d *framework.Diff) *state {
	st := newState()
	for _, w := range d.Writes {
		st.cells[w.Key] = w.Value
	}
	for i := range d.Classes {
		st.classes[d.Classes[i].Hash] = &d.Classes[i]
	}
	return st
}

// BenchmarkTransfer executes signed transfers of a token, validation and fee included, one after the other.
func BenchmarkTransfer(b *testing.B) {
	chain, err := genesis.New(genesis.Spec{Transactions: 200, Accounts: 1000})
	if err != nil {
		b.Fatal(err)
	}
	block, txs := chain.Block(1)
	e, err := execution.New(execution.Config{}).Open(b.Context(), block)
	if err != nil {
		b.Fatal(err)
	}
	st := chainState(chain.Genesis())
	b.ReportAllocs()
	var out framework.Outcome
	n := 0
	for b.Loop() {
		out.Reset()
		if err := e.Execute(b.Context(), &txs[n%len(txs)], framework.Version{}, st, &out); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tx/s")
}
