package vmlink_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// TestVM runs the suite of VMs on VMs behind links. Its views tell each attempt something else, and nothing is ever
// published, so what the replica knows is wrong most of the time.
func TestVM(t *testing.T) {
	for _, carrier := range carriers {
		t.Run(string(carrier), func(t *testing.T) {
			behind := func(s vmtest.Subject, vm framework.VM) vmtest.Subject {
				s.VM = func(t conform.T) framework.VM { return serve(t, carrier, vm, vmlink.Config{Workers: 4}) }
				return s
			}
			t.Run("toy", func(t *testing.T) { vmtest.Run(conform.Testing(t), behind(scripts(), toy.VM{})) })
			for name, c := range map[string]synthetic.Config{"plain": {}, "able": {Rewind: true, Predict: true}} {
				vm, err := synthetic.New(c)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(name, func(t *testing.T) { vmtest.Run(conform.Testing(t), behind(programs(t), vm)) })
			}
		})
	}
}

// programs is what the suite runs on the synthetic VM.
func programs(t *testing.T) vmtest.Subject {
	t.Helper()
	w, err := workload.New(workload.Spec{Name: "random", Transactions: 16, Seed: 3, Fee: "add", FailPct: 10})
	if err != nil {
		t.Fatal(err)
	}
	b, txs := w.Block(1)
	long := synthetic.Program{Cost: 20 * time.Millisecond}
	spin := long.Tx(framework.Word{1})
	s := vmtest.Subject{Block: *b, Base: *w.Genesis(), Spin: &spin, Declared: synthetic.Declared}
	for _, tx := range txs {
		s.Txs = append(s.Txs, vmtest.Case{Name: fmt.Sprint(tx.ID[0]), Tx: tx})
	}
	return s
}

// scripts is what the suite runs on the toy VM.
func scripts() vmtest.Subject {
	low, _ := toy.Balance("rich")
	spin := toy.Tx("set 5; spin 1000000; store spun")
	s := vmtest.Subject{
		Block: framework.Block{
			Protocol: toy.Protocol,
			Header:   []byte("77"),
			Start:    []framework.Write{{Key: toy.Cell("clock"), Value: framework.Word{12}}},
		},
		Base: framework.Diff{
			Writes: []framework.Write{
				{Key: toy.Cell("alice"), Value: framework.Word{100}},
				{Key: toy.Cell("next"), Value: toy.Name("alice")},
				{Key: toy.Cell("big"), Value: framework.Word{1, 2, 3, 1 << 63}},
				{Key: low, Value: framework.Word{^uint64(0), ^uint64(0)}},
				{Key: toy.Declared(toy.Name("old")), Value: framework.Word{1}},
			},
			Classes: []framework.Class{{Hash: toy.Name("old"), Body: []byte("load big; hash; store big")}},
		},
		Spin:            &spin,
		Declared:        toy.Declared,
		UnknownProtocol: "another",
		BadHeader:       []byte("not a number"),
	}
	for _, script := range []string{
		"load alice; need 10; minus 10; store alice; load bob; plus 10; store bob",
		"load next; follow; plus 1; follow; load next; follow; spin; store found",
		"load n; plus 1; store n; keep; load bob; store lost; need 1000",
		"load n; store n; pay eve 1; reject",
		"pay fee 7; pay carol 8; load clock; pay fee 1; header; store price",
		"pay fee 5; balance fee; store seen; pay fee 1",
		"pay rich 1; load alice",
		"declare new load alice|plus 1|store alice|load bob",
		"declare new load bob",
		"load bob; call new; call old",
		"call never",
	} {
		s.Txs = append(s.Txs, vmtest.Case{Name: script, Tx: toy.Tx(script)})
	}
	return s
}
