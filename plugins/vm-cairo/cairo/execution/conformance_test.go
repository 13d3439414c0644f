package execution_test

import (
	"encoding/json"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// endless is a class whose only entry point, of selector 1, jumps to itself.
func endless() *class.Cairo0 {
	return &class.Cairo0{
		EntryPoints: class.EntryPoints[class.EntryPoint]{External: []class.EntryPoint{{Selector: felt.One}}},
		Data:        []felt.Felt{felt.MustParse("0x10780017fff7fff"), {}},
		MainScope:   "__main__", CompilerVersion: "0.14.0",
		ABI: json.RawMessage("[]"), Hints: json.RawMessage("{}"), Identifiers: json.RawMessage("{}"),
		ReferenceManager: json.RawMessage(`{"references": []}`), Attributes: json.RawMessage("[]"),
	}
}

// subject is a chain with transfers that succeed, revert and are rejected, a declaration, and a contract that never ends.
func subject(t *testing.T) vmtest.Subject {
	t.Helper()
	chain, err := genesis.New(genesis.Spec{Transactions: 5, Accounts: 3, FailPct: 30, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	b, txs := chain.Block(1)
	base := *chain.Genesis()
	loop := endless()
	contract := felt.FromUint64(77)
	base.Writes = append(base.Writes,
		framework.Write{Key: starknet.ClassHashKey(contract), Value: framework.Word(loop.Hash())},
		framework.Write{Key: starknet.DeclaredKey(loop.Hash()), Value: framework.Word{1}},
	)
	base.Classes = append(base.Classes, framework.Class{Hash: framework.Word(loop.Hash()), Body: class.Append(nil, loop)})

	s := vmtest.Subject{
		VM:    func(conform.T) framework.VM { return execution.New(execution.Config{}) },
		Block: *b, Base: base,
		Declared:        func(hash framework.Word) framework.Key { return starknet.DeclaredKey(felt.Felt(hash)) },
		UnknownProtocol: "0.99.0", BadHeader: []byte("no header"),
	}
	for i := range txs {
		s.Txs = append(s.Txs, vmtest.Case{Name: "transfer", Tx: txs[i]})
	}
	s.Txs = append(s.Txs, vmtest.Case{Name: "twice", Tx: txs[0], Check: vmtest.Ends(framework.Rejected)})
	other := endless()
	other.MainScope = "other"
	declare := &starknet.Input{
		Transaction: &starknet.Declare{ClassHash: other.Hash(), Sender: felt.One}, Class: class.Append(nil, other),
	}
	s.Txs = append(s.Txs, vmtest.Case{
		Name: "declare", Tx: declare.ToTx(declare.Transaction.Hash(genesis.Chain)), Check: vmtest.Ends(framework.Succeeded),
	})
	spin := &starknet.Input{Transaction: &starknet.Invoke{Sender: contract, Selector: felt.One}}
	tx := spin.ToTx(spin.Transaction.Hash(genesis.Chain))
	s.Spin = &tx
	return s
}

func TestConformance(t *testing.T) {
	vmtest.Run(conform.Testing(t), subject(t))
}
