package genesis

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/workload"
)

// draft is a transaction before it is signed: the calls that an account makes, or a newcomer that deploys itself.
type draft struct {
	sender   int
	calls    []call
	newcomer *Account
}

// call is one call of a transaction.
type call struct {
	to, selector felt.Felt
	calldata     []felt.Felt
}

// The entry points that the workloads call.
var (
	selectorTransfer = starknet.Selector("transfer")
	selectorApprove  = starknet.Selector("approve")
	selectorSwap     = starknet.Selector("swap")
	selectorMint     = starknet.Selector("mint")
	selectorDeploy   = starknet.Selector("deploy_contract")
)

// How often something happens in a mix. One in newcomers of the transactions funds an account, which deploys itself in the
// next block; the others have these shares of 100.
const (
	newcomers    = 20
	mixTransfers = 55
	mixSwaps     = 25
	mixMints     = 15
)

// What a transaction is about, at most, and what nobody has.
const (
	maxSent    = 1000
	maxTraded  = 1_000_000_000
	newFunds   = 1_000_000_000_000_000
	tokenUnits = 1_000_000
)

var unaffordable = felt.Felt{0, 1 << 63}

// draw draws the transactions of block n, of a chain that goes on with block first.
func (w *Workload) draw(n, first framework.BlockNumber) []draft {
	dice := workload.NewDice(w.spec.Seed, uint64(n)) //nolint:gosec // any bits will do
	out := make([]draft, w.spec.Transactions)
	for i := range out {
		sender := w.who.Draw(dice)
		d := &drawing{Workload: w, dice: dice, sender: sender, fails: dice.Percent(w.spec.FailPct)}
		out[i].sender = sender
		if w.spec.Name == Mix && n > first && i%newcomers == newcomers-1 {
			out[i].newcomer = w.newcomer(first, n-1, i)
		}
		if j := i + newcomers - 1; w.spec.Name == Mix && i%newcomers == 0 && j < len(out) {
			out[i].calls = fund(w.newcomer(first, n, j))
			continue
		}
		out[i].calls = d.calls()
	}
	return out
}

// newcomer returns the account that is funded in block n to be transaction i of the next one. No two chains that go on from
// another block have a newcomer in common.
func (w *Workload) newcomer(first, n framework.BlockNumber, i int) *Account {
	// Below 2^64 are the accounts of genesis.
	seed := felt.Felt{w.spec.Seed, uint64(first), 1}            //nolint:gosec // not negative
	a, err := newAccount(seed, felt.Felt{uint64(i), uint64(n)}) //nolint:gosec // not negative
	if err != nil {
		panic(err) // a hash that is 0 in 248 bits
	}
	return &a
}

// drawing draws what one transaction does.
type drawing struct {
	*Workload
	dice   workload.Dice
	sender int
	fails  bool
}

func (d *drawing) calls() []call {
	switch d.spec.Name {
	case Swaps:
		return d.swap()
	case Mints:
		return d.mint()
	case Mix:
		return d.mixed()
	}
	return d.transfer()
}

func (d *drawing) mixed() []call {
	switch k := d.dice.Below(100); {
	case k < mixTransfers:
		return d.transfer()
	case k < mixTransfers+mixSwaps:
		return d.swap()
	case k < mixTransfers+mixSwaps+mixMints:
		return d.mint()
	}
	return d.deploy()
}

func (d *drawing) transfer() []call {
	to := d.accounts[d.who.DrawOther(d.dice, d.sender)].Address
	amount := felt.FromUint64(uint64(d.dice.Below(maxSent)) + 1) //nolint:gosec // not negative
	if d.fails {
		amount = unaffordable
	}
	return []call{{starknet.PublicFeeTokens.STRK, selectorTransfer, []felt.Felt{to, amount, {}}}}
}

// fund gives a newcomer what it needs to deploy itself.
func fund(a *Account) []call {
	return []call{{starknet.PublicFeeTokens.STRK, selectorTransfer, []felt.Felt{a.Address, felt.FromUint64(newFunds), {}}}}
}

func (d *drawing) swap() []call {
	pool := Pool(d.pools.Draw(d.dice))
	token := starknet.PublicFeeTokens.STRK
	if d.dice.Percent(50) {
		token = starknet.PublicFeeTokens.ETH
	}
	amount := felt.FromUint64(uint64(d.dice.Below(maxTraded)) + maxSent) //nolint:gosec // not negative
	var atLeast felt.Felt
	if d.fails {
		atLeast = unaffordable
	}
	return []call{
		{token, selectorApprove, []felt.Felt{pool, amount, {}}},
		{pool, selectorSwap, []felt.Felt{token, amount, {}, atLeast, {}}},
	}
}

func (d *drawing) mint() []call {
	to := d.accounts[d.sender].Address
	if d.fails {
		to = felt.Felt{}
	}
	return []call{{Collection(d.collections.Draw(d.dice)), selectorMint, []felt.Felt{to}}}
}

// deploy deploys a token whose units all belong to the sender. It fails as a class that nobody has declared.
func (d *drawing) deploy() []call {
	class := d.tokenClass
	if d.fails {
		class = felt.One
	}
	salt := felt.Felt{uint64(d.dice.Below(1 << 62)), uint64(d.dice.Below(1 << 62))} //nolint:gosec // not negative
	symbol, units := felt.MustShortString("OWN"), felt.FromUint64(tokenUnits)
	return []call{{Deployer, selectorDeploy, []felt.Felt{
		class, salt, felt.One, felt.FromUint64(6),
		symbol, symbol, felt.FromUint64(18), units, {}, d.accounts[d.sender].Address,
	}}}
}
