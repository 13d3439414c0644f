package genesis

import (
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/sequencer"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// step is a transaction of a test: calls by one of two accounts, and why they revert, if they do.
type step struct {
	name  string
	from  int
	calls []call
	fails string
}

// TestContracts calls what no workload calls: liquidity, the moving of collected tokens, allowances and deployments of all kinds.
func TestContracts(t *testing.T) {
	t.Parallel()
	w, err := New(Spec{Accounts: 2, Pools: 1, Collections: 1})
	if err != nil {
		t.Fatal(err)
	}
	me, you := w.accounts[0].Address, w.accounts[1].Address
	n := felt.FromUint64
	do := func(to felt.Felt, name string, calldata ...felt.Felt) []call {
		return []call{{to, starknet.Selector(name), calldata}}
	}
	both := func(name string, calldata ...felt.Felt) []call {
		all := append(do(starknet.PublicFeeTokens.STRK, "approve", Pool(0), n(2000), n(0)),
			do(starknet.PublicFeeTokens.ETH, "approve", Pool(0), n(2000), n(0))...)
		return append(all, do(Pool(0), name, calldata...)...)
	}
	zero, strk, nft := n(0), starknet.PublicFeeTokens.STRK, Collection(0)
	deploy := func(unique uint64) []call {
		return do(FirstDeployer, "deployContract", w.tokenClass, n(5), n(unique), n(6), n(1), n(1), n(18), n(77), zero, me)
	}
	steps := []step{
		{"add", 0, both("addLiquidity", n(1000), zero, n(2000), zero), ""},
		{"add for too little", 0, both("addLiquidity", n(1000), zero, n(999), zero), "this takes more of the second token"},
		{"add too much", 0, both("addLiquidity", felt.Felt{0, 1 << 63}, zero, n(2000), zero), "too large for the pool"},
		{"remove", 0, do(Pool(0), "removeLiquidity", n(400), zero), ""},
		{"remove too much", 0, do(Pool(0), "removeLiquidity", n(601), zero), "the caller has fewer shares"},
		{"remove of somebody else", 1, do(Pool(0), "removeLiquidity", n(1), zero), "the caller has fewer shares"},
		{"swap of another token", 0, do(Pool(0), "swap", n(99), n(1), zero, zero, zero), "the pool does not have this token"},
		{"swap without allowance", 1, do(Pool(0), "swap", strk, n(1000), zero, zero, zero), "the allowance is too small"},

		{"mint", 0, do(nft, "mint", me), ""},
		{"give", 0, do(nft, "transferFrom", me, you, zero, zero), ""},
		{"take back", 0, do(nft, "transferFrom", you, me, zero, zero), "the caller may not move the token"},
		{"approve of another's", 0, do(nft, "approve", me, zero, zero), "neither owns the token"},
		{"approve", 1, do(nft, "approve", me, zero, zero), ""},
		{"take", 0, do(nft, "transferFrom", you, me, zero, zero), ""},
		{"approval is gone", 1, do(nft, "transferFrom", me, you, zero, zero), "the caller may not move the token"},
		{"let operate", 0, do(nft, "setApprovalForAll", you, n(1)), ""},
		{"operate", 1, do(nft, "transferFrom", me, you, zero, zero), ""},
		{"no such token", 1, do(nft, "ownerOf", n(7), zero), "there is no such token"},

		{"withdraw to nobody", 0, do(Bridge, "withdraw", zero, n(1), zero), "the recipient is no address on L1"},
		{"withdraw beyond L1", 0, do(Bridge, "withdraw", felt.Felt{0, 0, 1 << 32}, n(1), zero), "the recipient is no address on L1"},
		{"withdraw without allowance", 0, do(Bridge, "withdraw", n(1), n(1), zero), "the allowance is too small"},

		{"deploy", 0, deploy(0), ""},
		{"deploy again", 1, deploy(0), "contract already deployed"},
		{"deploy one's own", 0, deploy(1), ""},
		{"deploy in no way", 0, deploy(2), "unique is 0 or 1"},

		{"overdraw", 0, do(strk, "transferFrom", you, me, n(1), zero), "the allowance is too small"},
		{"no number", 0, do(strk, "transfer", you, felt.Felt{0, 0, 1}, zero), "the amount is no number of 256 bits"},
	}
	st := runSteps(t, w, steps)
	read := func(at felt.Felt, name string, keys ...felt.Felt) felt.Felt {
		out := make([]framework.Word, 1)
		if err := st.Read(t.Context(), []framework.Key{starknet.StorageKey(at, starknet.StorageVar(name, keys...))}, out); err != nil {
			t.Fatal(err)
		}
		return felt.Felt(out[0])
	}
	grown := poolFunds
	grown[0] += 600
	all := []felt.Felt{n(1), n(1), n(18), n(77), zero, me}
	token := starknet.ContractAddress(zero, n(5), w.tokenClass, all)
	own := starknet.ContractAddress(FirstDeployer, crypto.Pedersen(me, n(5)), w.tokenClass, all)
	for _, c := range []struct {
		name      string
		got, want felt.Felt
	}{
		{"shares", read(Pool(0), "shares", me), n(600)},
		{"reserve 0", read(Pool(0), "reserve", zero), grown},
		{"reserve of the pool is its balance", read(strk, "ERC20_balances", Pool(0)), grown},
		{"owner of token 0", read(nft, "ERC721_owners", zero, zero), you},
		{"tokens of the first account", read(nft, "ERC721_balances", me), zero},
		{"units of the new token", read(token, "ERC20_balances", me), n(77)},
		{"units of one's own", read(own, "ERC20_balances", me), n(77)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// runSteps executes the steps as block 1 and returns the state after it.
func runSteps(t *testing.T, w *Workload, steps []step) framework.State {
	t.Helper()
	store, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := &sequencer.Sequencer{Scheduler: serial.Scheduler{}, VM: execution.New(execution.Config{}), Store: store, StopOnFault: true}
	if _, err := s.Start(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	q := framework.NewQueue()
	var nonces [2]uint64
	for i := range steps {
		from := steps[i].from
		q.Push(invoke(&w.accounts[from], nonces[from], steps[i].calls))
		nonces[from]++
	}
	q.Close()
	b, err := s.Execute(t.Context(), &framework.Block{
		Number: 1, Protocol: Protocol, Header: starknet.AppendEnvironment(nil, Environment(1)),
	}, q)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range steps {
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Finals[i].Outcome.Status; (got == framework.Succeeded) != (x.fails == "") || !strings.Contains(r.RevertReason, x.fails) {
			t.Errorf("%s: %v, %s, want %q", x.name, got, r.RevertReason, x.fails)
		}
	}
	if _, err := s.Seal(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	st, err := store.At(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}
