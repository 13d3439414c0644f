package vmtest_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestToy(t *testing.T) { vmtest.Run(conform.Testing(t), subject()) }

func subject() vmtest.Subject {
	low, _ := toy.Balance("rich")
	spin := toy.Tx("set 5; spin 100000; store spun")
	return vmtest.Subject{
		VM: func(conform.T) framework.VM { return toy.VM{} },
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
		Txs: []vmtest.Case{
			{Name: "transfer", Tx: toy.Tx(transfer), Check: vmtest.Ends(framework.Succeeded)},
			{Name: "pointers", Tx: toy.Tx("load next; follow; plus 1; follow; load next; follow; spin; store found")},
			{Name: "revert", Tx: toy.Tx("load n; plus 1; store n; keep; load bob; store lost; need 1000"), Check: vmtest.Ends(framework.Reverted)},
			{Name: "reject", Tx: toy.Tx("load n; store n; pay eve 1; reject"), Check: vmtest.Ends(framework.Rejected)},
			{Name: "pay", Tx: toy.Tx("pay fee 7; pay carol 8; load clock; pay fee 1; header; store price")},
			{Name: "pay and look", Tx: toy.Tx("pay fee 5; balance fee; store seen; pay fee 1")},
			{Name: "pay a lot", Tx: toy.Tx("pay rich 1; load alice")},
			{Name: "pay too much", Tx: toy.Tx(payTooMuch), Check: vmtest.Ends(framework.Reverted)},
			{Name: "declare", Tx: toy.Tx("declare new load alice|plus 1|store alice|load bob"), Check: vmtest.Ends(framework.Succeeded)},
			{Name: "declare again", Tx: toy.Tx("declare new load bob"), Check: vmtest.Ends(framework.Reverted)},
			{Name: "call", Tx: toy.Tx("load bob; call new; call old"), Check: vmtest.Ends(framework.Succeeded)},
			{Name: "call nothing", Tx: toy.Tx("call never"), Check: vmtest.Ends(framework.Reverted)},
		},
		Spin:            &spin,
		Declared:        toy.Declared,
		UnknownProtocol: "another",
		BadHeader:       []byte("not a number"),
	}
}

const (
	transfer   = "load alice; need 10; minus 10; store alice; load bob; plus 10; store bob"
	payTooMuch = "pay rich 0xffffffffffffffffffffffffffffffff00000000000000000000000000000000"
)
