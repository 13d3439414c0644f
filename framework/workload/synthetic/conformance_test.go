package synthetic_test

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	w, err := workload.New(workload.Spec{Name: "random", Transactions: 40, Seed: 3, Fee: "add", FailPct: 10})
	if err != nil {
		t.Fatal(err)
	}
	b, txs := w.Block(1)
	long := synthetic.Program{Cost: 20 * time.Millisecond}
	spin := long.Tx(word(1))
	s := vmtest.Subject{Block: *b, Base: *w.Genesis(), Spin: &spin, Declared: synthetic.Declared}
	for _, tx := range txs {
		s.Txs = append(s.Txs, vmtest.Case{Name: fmt.Sprint(tx.ID[0]), Tx: tx})
	}
	for name, c := range map[string]synthetic.Config{"plain": {}, "able": {Rewind: true, Predict: true}} {
		s.VM = func(t conform.T) framework.VM {
			vm, err := synthetic.New(c)
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			return vm
		}
		t.Run(name, func(t *testing.T) { vmtest.Run(conform.Testing(t), s) })
	}
}
