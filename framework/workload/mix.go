package workload

import (
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// The shape of mix, as the simulations in the literature have it.
const (
	mixPools     = 200
	mixTransfers = 40 // percent
	mixSwaps     = 40 // percent; the rest is heavy
	swapCost     = 2  // times the cost of a transfer
	heavyCost    = 4
	heavyCells   = 4
	longEvery    = 200 // one in that many
	longCost     = 30
)

// cost draws what a transaction costs that is that many times as long as the usual one.
func (b *builder) cost(times int) time.Duration {
	return b.dice.spread(b.spec.Cost*time.Duration(times), b.spread)
}

// mix: transfers, swaps on pools some of which are hot, and heavy transactions on state of their own. All of them
// count up a number of their sender first, as a nonce would be.
func mix(b *builder, _ int) (synthetic.Program, int) {
	sender := b.accounts.Draw(b.dice)
	nonce := synthetic.NonceOf(accountWord(sender))
	p := synthetic.Program{Before: []synthetic.Step{
		synthetic.Read(nonce), synthetic.Write(nonce, framework.Word{1}),
	}}
	times := 1
	switch kind := b.dice.Below(100); {
	case kind < mixTransfers:
		p.Steps = b.transfer(sender, b.accounts.DrawOther(b.dice, sender), 0)
	case kind < mixTransfers+mixSwaps:
		times = swapCost
		p.Steps = b.swap(sender, b.pools.Draw(b.dice))
	default:
		times = heavyCost
		p.Steps = b.ownState(sender, heavyCells, heavyCells, 0)
	}
	p.Cost = b.cost(times)
	if b.dice.Below(longEvery) == 0 {
		p.Cost *= longCost
	}
	return p, sender
}

// swap returns steps in which a user gives a pool of one token and gets of another: four reads, four writes.
func (b *builder) swap(user, pool int) []synthetic.Step {
	amount := framework.Word{uint64(1 + b.dice.Below(100))} //nolint:gosec // positive
	in, out := poolCells(pool)
	second := ownCell(user, heavyCells)
	return []synthetic.Step{
		synthetic.Read(Balance(user)).At(b.readAt(0)),
		synthetic.Read(in).At(b.readAt(1)),
		synthetic.Read(out).At(b.readAt(2)),
		synthetic.Read(second).At(b.readAt(3)),
		synthetic.Transfer(Balance(user), in, amount).At(100),
		synthetic.Transfer(out, second, amount).At(100),
	}
}

// poolCells returns the two reserves of a pool.
func poolCells(pool int) (in, out framework.Key) {
	return slot(poolContract, 2*pool), slot(poolContract, 2*pool+1)
}

// mixGenesis fills the pools.
func mixGenesis(_ *Workload, d *framework.Diff) {
	for i := range mixPools {
		in, out := poolCells(i)
		d.Writes = append(d.Writes,
			framework.Write{Key: in, Value: framework.Word{Funds}},
			framework.Write{Key: out, Value: framework.Word{Funds}})
	}
}
