package genesis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/genesis"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// start returns a sequencer with the genesis of a workload sealed.
func start(t *testing.T, s framework.Scheduler, w *genesis.Workload) *sequencer.Sequencer {
	t.Helper()
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	q := &sequencer.Sequencer{Scheduler: s, VM: execution.New(execution.Config{}), Store: store, StopOnFault: true}
	if _, err := q.Start(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return q
}

// TestChains makes blocks of every workload, follows the events of their receipts in a model of its own, and holds that
// against the state: balances of both tokens with all fees, reserves, owners. A parallel scheduler comes to the same.
func TestChains(t *testing.T) {
	t.Parallel()
	for _, name := range genesis.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := transfers(t, genesis.Spec{
				Name: name, Transactions: 80, Accounts: 12, Pools: 2, Collections: 2, Zipf: 0.5, Seed: 11, FailPct: 10,
			})
			parallel, err := blockstm.New(blockstm.Config{Workers: 4, ForceWorkers: true})
			if err != nil {
				t.Fatal(err)
			}
			one, other := start(t, serial.Scheduler{}, w), start(t, parallel, w)
			m := newModel(t, w)
			for n := framework.BlockNumber(1); n <= 3; n++ {
				b, err := one.Next(t.Context(), w, n)
				if err != nil {
					t.Fatal(err)
				}
				follow(t, m, w, b)
				same, err := other.Next(t.Context(), w, n)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(b.Diff, same.Diff); d != "" || b.Root != same.Root {
					t.Fatalf("block %d differs (-serial +parallel):\n%s", n, d)
				}
				for i := range b.Finals {
					if d := cmp.Diff(b.Finals[i].Outcome.Receipt, same.Finals[i].Outcome.Receipt); d != "" {
						t.Fatalf("receipt %d of block %d differs (-serial +parallel):\n%s", i, n, d)
					}
				}
				st, err := one.Store.At(t.Context(), n)
				if err != nil {
					t.Fatal(err)
				}
				m.check(st)
				st.Close()
			}
			m.enough(name)
		})
	}
}

// follow applies the receipts of a block to a model, and looks at which transactions failed.
func follow(t *testing.T, m *model, w *genesis.Workload, b *sequencer.Sealed) {
	t.Helper()
	_, txs := w.Block(b.Number)
	reverted := 0
	for i := range b.Finals {
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		in, err := starknet.DecodeInput(txs[i].Body)
		if err != nil {
			t.Fatal(err)
		}
		switch b.Finals[i].Outcome.Status {
		case framework.Rejected:
			t.Errorf("block %d, transaction %d was rejected: %s", b.Number, i, r.RevertReason)
			continue
		case framework.Reverted:
			reverted++
		}
		if free := r.ActualFee == (starknet.Uint128{}); free != (in.Transaction.Kind() == starknet.KindL1Handler) { // paid for on L1
			t.Errorf("block %d, transaction %d has the fee %v", b.Number, i, r.ActualFee)
		}
		m.apply(r)
		switch tx := in.Transaction.(type) {
		case *starknet.DeployAccount:
			m.joined = append(m.joined, tx.Address())
		case *starknet.Declare:
			m.declared = append(m.declared, tx.ClassHash)
		}
	}
	// One in ten is meant to.
	if reverted == 0 || reverted > len(b.Finals)/4 {
		t.Errorf("block %d: %d of %d transactions reverted", b.Number, reverted, len(b.Finals))
	}
}

// enough checks that a workload did what it is for.
func (m *model) enough(name string) {
	m.t.Helper()
	mix := name == genesis.Mix
	if n := m.swapped; (n > 0) != (mix || name == genesis.Swaps) {
		m.t.Errorf("%d swaps", n)
	}
	if n := len(m.owners); (n > 0) != (mix || name == genesis.Mints) {
		m.t.Errorf("%d mints", n)
	}
	if n := len(m.deployed); (n > 0) != mix {
		m.t.Errorf("%d contracts deployed", n)
	}
	for what, n := range map[string]int{
		"declarations": len(m.declared), "deposits": m.deposits, "withdrawals": m.withdrawals, "countings": m.countings,
	} {
		if (n > 0) != mix {
			m.t.Errorf("%d %s", n, what)
		}
	}
	if n := len(m.joined); n != map[bool]int{true: 2 * 80 / 20}[mix] {
		m.t.Errorf("%d accounts deployed", n)
	}
}

// TestSameSeed makes the accounts of a seed twice, and those of another.
func TestSameSeed(t *testing.T) {
	t.Parallel()
	var all [3][]genesis.Account
	for i, seed := range []uint64{5, 5, 6} {
		a, err := genesis.Accounts(seed, 10)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = a
	}
	if d := cmp.Diff(all[0], all[1]); d != "" {
		t.Errorf("accounts of the same seed (-one +other):\n%s", d)
	}
	seen := map[felt.Felt]bool{}
	for _, a := range append(all[0], all[2]...) {
		seen[a.Address] = true
	}
	if len(seen) != 20 {
		t.Errorf("two seeds have %d accounts, want 20", len(seen))
	}
}
