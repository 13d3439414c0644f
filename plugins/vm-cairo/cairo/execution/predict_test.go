package execution_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// TestRecall executes a thousand transactions of some accounts, learning, and then looks how many of the cells that transactions
// of other accounts touch were guessed.
func TestRecall(t *testing.T) {
	t.Parallel()
	for _, name := range genesis.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vm := execution.New(execution.Config{})
			recall(t, vm, genesis.Spec{Name: name, Transactions: 1000, Accounts: 50, Seed: 1})
			got := recall(t, vm, genesis.Spec{Name: name, Transactions: 200, Accounts: 100, Seed: 2})
			if want := 0.9; got < want {
				t.Errorf("recall on accounts that were not seen before is %.3f, want at least %.2f", got, want)
			}
			t.Logf("recall on accounts that were not seen before: %.3f", got)
		})
	}
}

// recall executes a block, and returns which share of the cells that its transactions touched was guessed.
func recall(t *testing.T, vm *execution.VM, spec genesis.Spec) float64 {
	t.Helper()
	chain, err := genesis.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	block, txs := chain.Block(1)
	e, err := vm.Open(t.Context(), block)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := e.(framework.Predictor)
	if !ok {
		t.Fatal("the VM makes no guesses")
	}
	st := newState()
	for _, w := range chain.Genesis().Writes {
		st.cells[w.Key] = w.Value
	}
	for i := range chain.Genesis().Classes {
		c := &chain.Genesis().Classes[i]
		st.classes[c.Hash] = c
	}
	touched, guessed := 0, 0
	for i := range txs {
		var out framework.Outcome
		st.reads = nil
		guesses := map[framework.Key]bool{}
		for _, g := range p.Predict(&txs[i], nil) {
			guesses[g.Key] = true
		}
		if err := e.Execute(t.Context(), &txs[i], framework.Version{Tx: framework.TxIndex(i)}, st, &out); err != nil {
			t.Fatal(err)
		}
		for _, k := range st.reads {
			touched++
			if guesses[k] {
				guessed++
			}
		}
		var writes []framework.Key
		for _, w := range out.Writes {
			writes = append(writes, w.Key)
		}
		p.Learn(&txs[i], st.reads, writes)
		st.apply(t, &out)
	}
	return float64(guessed) / float64(touched)
}

// TestPredictForms guesses the balances of a transfer in both forms of calldata, and nothing in a form that is none.
func TestPredictForms(t *testing.T) {
	t.Parallel()
	env := genesis.Environment(1)
	e, err := execution.New(execution.Config{}).Open(t.Context(), &framework.Block{
		Number: 1, Protocol: genesis.Protocol, Header: starknet.AppendEnvironment(nil, env),
	})
	if err != nil {
		t.Fatal(err)
	}
	token, to, transfer := felt.FromUint64(7), felt.FromUint64(9), starknet.Selector("transfer")
	n := felt.FromUint64
	want := starknet.StorageKey(token, starknet.StorageVar("ERC20_balances", to))
	for _, c := range []struct {
		name     string
		calldata []felt.Felt
		found    bool
	}{
		{"listed", []felt.Felt{n(1), token, transfer, n(0), n(3), n(3), to, n(5), n(0)}, true},
		{"inline", []felt.Felt{n(1), token, transfer, n(3), to, n(5), n(0)}, true},
		{"cut", []felt.Felt{n(1), token, transfer, n(3), to, n(5)}, false},
		{"many", []felt.Felt{n(1 << 60), token, transfer, n(3), to, n(5), n(0)}, false},
		{"none", nil, false},
	} {
		in := &starknet.Input{Transaction: &starknet.Invoke{Version: 1, Sender: n(3), Calldata: c.calldata, MaxFee: starknet.Uint128{Lo: 1}}}
		tx := in.ToTx(n(1))
		found, p := false, e.(framework.Predictor) //nolint:forcetypeassert // the test before this one looks
		for _, g := range p.Predict(&tx, nil) {
			found = found || g.Key == want && g.Access == framework.AccessWrite
		}
		if found != c.found {
			t.Errorf("%s: balance of the recipient guessed: %v, want %v", c.name, found, c.found)
		}
	}
}
