package genesis

import (
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/workload"
)

// draft is a transaction before it is signed: the calls that an account makes or the class that it declares, a newcomer that
// deploys itself, or a message from L1.
type draft struct {
	sender   int
	calls    []call
	class    *class.Compiled
	newcomer *Account
	message  *starknet.L1Handler
}

// sends reports whether the transaction is one of the sender, and takes a nonce.
func (d *draft) sends() bool { return d.newcomer == nil && d.message == nil }

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
	selectorWithdraw = starknet.Selector("withdraw")
	selectorDeposit  = starknet.Selector("deposit")
	selectorIncrease = starknet.Selector("increase")
)

// How often something happens in a mix. One in newcomers of the transactions funds an account, which deploys itself in the
// next block; one in declarations declares a class, of which the next block deploys a contract and calls it; one in messages is a
// deposit from L1. The others have these shares of 100; the rest deploys tokens.
const (
	newcomers      = 20
	declarations   = 100
	messages       = 25
	mixTransfers   = 50
	mixSwaps       = 25
	mixMints       = 15
	mixWithdrawals = 5
)

// Where these come among so many: no two meet.
const (
	messageAt = 7
	declareAt = 10
	countAt   = 11
)

// What a transaction is about, at most, and what nobody has.
const (
	maxSent    = 1000
	maxTraded  = 1_000_000_000
	newFunds   = 1_000_000_000_000_000
	tokenUnits = 1_000_000
)

var (
	unaffordable = felt.Felt{0, 1 << 63}
	uncountable  = felt.Felt{^uint64(0), ^uint64(0)} // the largest number of a counter
)

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
		switch j := i + newcomers - 1; {
		case w.spec.Name != Mix:
			out[i].calls = d.calls()
		case i%newcomers == 0 && j < len(out):
			out[i].calls = fund(w.newcomer(first, n, j))
		case i%messages == messageAt:
			out[i].message = d.deposit(felt.Felt{uint64(i), uint64(n), uint64(first)}) //nolint:gosec // not negative
		case i%declarations == declareAt:
			out[i].class = w.edition(first, n, i)
		case i%declarations == countAt && n > first:
			out[i].calls = d.count(w.edition(first, n-1, i-countAt+declareAt).Sierra.Hash())
		default:
			out[i].calls = d.mixed()
		}
	}
	return out
}

// edition returns the class that is declared by transaction i of block n. No two chains that go on from another block have one in
// common.
func (w *Workload) edition(first, n framework.BlockNumber, i int) *class.Compiled {
	return w.classes.edition(fmt.Sprintf("counter::Edition%d_%d_%d", first, n, i))
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
	case k < mixTransfers+mixSwaps+mixMints+mixWithdrawals:
		return d.withdraw()
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

// withdraw sends some STRK to L1.
func (d *drawing) withdraw() []call {
	amount := felt.FromUint64(uint64(d.dice.Below(maxSent)) + 1) //nolint:gosec // not negative
	recipient := felt.FromUint64(uint64(d.sender) + 1)           //nolint:gosec // not negative
	if d.fails {
		recipient = felt.Felt{}
	}
	return []call{
		{starknet.PublicFeeTokens.STRK, selectorApprove, []felt.Felt{Bridge, amount, {}}},
		{Bridge, selectorWithdraw, []felt.Felt{recipient, amount, {}}},
	}
}

// deposit is the message of a deposit on L1. It fails if it comes from somewhere else.
func (d *drawing) deposit(nonce felt.Felt) *starknet.L1Handler {
	from := L1Bridge
	if d.fails {
		from = felt.One
	}
	amount := felt.FromUint64(uint64(d.dice.Below(maxSent)) + 1) //nolint:gosec // not negative
	return &starknet.L1Handler{
		Contract: Bridge, Selector: selectorDeposit, Nonce: nonce,
		Calldata: []felt.Felt{from, d.accounts[d.sender].Address, amount, {}},
	}
}

// count deploys a counter of a class and counts it up. It fails if the number becomes too large.
func (d *drawing) count(class felt.Felt) []call {
	salt := felt.Felt{uint64(d.dice.Below(1 << 62)), uint64(d.dice.Below(1 << 62))} //nolint:gosec // not negative
	begin, by := felt.FromUint64(uint64(d.sender)+1), felt.FromUint64(uint64(d.dice.Below(maxSent)))
	if d.fails {
		by = uncountable
	}
	return []call{
		{Deployer, selectorDeploy, []felt.Felt{class, salt, {}, felt.One, begin}},
		{starknet.ContractAddress(felt.Felt{}, salt, class, []felt.Felt{begin}), selectorIncrease, []felt.Felt{by}},
	}
}
