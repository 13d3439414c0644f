package genesis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
)

func transfers(t *testing.T, s genesis.Spec) *genesis.Workload {
	t.Helper()
	x, err := genesis.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestBlocksAreFunctionsOfTheirNumber asks for blocks in another order, and twice.
func TestBlocksAreFunctionsOfTheirNumber(t *testing.T) {
	t.Parallel()
	spec := genesis.Spec{Transactions: 20, Accounts: 5, Seed: 3}
	one, other := transfers(t, spec), transfers(t, spec)
	var want [4][]framework.Tx
	for n := 1; n < 4; n++ {
		_, want[n] = one.Block(framework.BlockNumber(n))
	}
	for _, n := range []int{3, 1, 2, 2} {
		_, got := other.Block(framework.BlockNumber(n))
		if d := cmp.Diff(want[n], got); d != "" {
			t.Errorf("block %d (-in order +out of order):\n%s", n, d)
		}
	}
	if cmp.Equal(want[1], want[2]) {
		t.Error("block 1 and 2 are the same")
	}
}

// TestTransactionsAreSigned checks hash, signature and nonce of every transaction of two blocks.
func TestTransactionsAreSigned(t *testing.T) {
	t.Parallel()
	spec := genesis.Spec{Transactions: 30, Accounts: 4, Seed: 9}
	x := transfers(t, spec)
	accounts, err := genesis.Accounts(spec.Seed, spec.Accounts)
	if err != nil {
		t.Fatal(err)
	}
	public := map[felt.Felt]felt.Felt{}
	for _, a := range accounts {
		public[a.Address] = a.Public
	}
	nonces := map[felt.Felt]uint64{}
	for n := framework.BlockNumber(1); n < 3; n++ {
		_, txs := x.Block(n)
		for i := range txs {
			in, err := starknet.DecodeInput(txs[i].Body)
			if err != nil {
				t.Fatal(err)
			}
			tx, ok := in.Transaction.(*starknet.Invoke)
			if !ok {
				t.Fatalf("transaction %d is %v", i, in.Transaction.Kind())
			}
			h := tx.Hash(genesis.Chain)
			if framework.Word(h) != txs[i].ID {
				t.Errorf("transaction %d is named %v, has the hash %v", i, txs[i].ID, h)
			}
			if !crypto.Verify(public[tx.Sender], h, crypto.Signature{R: tx.Signature[0], S: tx.Signature[1]}) {
				t.Errorf("transaction %d: bad signature", i)
			}
			if want := felt.FromUint64(nonces[tx.Sender]); tx.Nonce != want {
				t.Errorf("block %d, transaction %d: nonce %v, want %v", n, i, tx.Nonce, want)
			}
			nonces[tx.Sender]++
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, s := range []genesis.Spec{{Transactions: -1}, {Accounts: 1}, {Accounts: 2_000_000}, {FailPct: 101}} {
		if _, err := genesis.New(s); err == nil {
			t.Errorf("%+v is fine, want an error", s)
		}
	}
}

// TestResume goes on with the nonces that a state has.
func TestResume(t *testing.T) {
	t.Parallel()
	spec := genesis.Spec{Transactions: 10, Accounts: 3, Seed: 4}
	accounts, err := genesis.Accounts(spec.Seed, spec.Accounts)
	if err != nil {
		t.Fatal(err)
	}
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	d := &framework.Diff{Writes: []framework.Write{{Key: starknet.NonceKey(accounts[1].Address), Value: framework.Word{40}}}}
	if err := store.Stage(t.Context(), 0, "", d); err != nil {
		t.Fatal(err)
	}
	st, err := store.At(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	x := transfers(t, spec)
	if err := x.Resume(t.Context(), 7, st); err != nil {
		t.Fatal(err)
	}
	for range 2 { // asked twice, it answers the same
		next := map[felt.Felt]uint64{accounts[1].Address: 40}
		for n := framework.BlockNumber(7); n < 9; n++ {
			_, txs := x.Block(n)
			for i := range txs {
				in, err := starknet.DecodeInput(txs[i].Body)
				if err != nil {
					t.Fatal(err)
				}
				tx := in.Transaction.(*starknet.Invoke) //nolint:forcetypeassert // all are
				if want := felt.FromUint64(next[tx.Sender]); tx.Nonce != want {
					t.Errorf("block %d, transaction %d: nonce %v, want %v", n, i, tx.Nonce, want)
				}
				next[tx.Sender]++
			}
		}
	}
}
