package workload

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// p2p: a random account transfers to another. The balances are read where the Spec says, and written at the end.
func p2p(b *builder, _ int) (synthetic.Program, int) {
	from := b.accounts.Draw(b.dice)
	to := b.accounts.DrawOther(b.dice, from)
	return synthetic.Program{
		Cost:  b.cost(1),
		Steps: b.transfer(from, to, 0),
	}, from
}

// transfer returns the steps of a transfer, whose reads are the first-th of the transaction and the next.
func (b *builder) transfer(from, to, first int) []synthetic.Step {
	amount := framework.Word{uint64(1 + b.dice.Below(100))} //nolint:gosec // positive
	return []synthetic.Step{
		synthetic.Read(Balance(from)).At(b.readAt(first)),
		synthetic.Read(Balance(to)).At(b.readAt(first + 1)),
		synthetic.Transfer(Balance(from), Balance(to), amount).At(100),
	}
}

// chain: transaction i reads cell i-1 and writes cell i. The first one reads what the last one of the block before
// has written.
func chain(b *builder, i int) (synthetic.Program, int) {
	n := b.spec.Transactions
	return synthetic.Program{
		Cost: b.cost(1),
		Steps: []synthetic.Step{
			synthetic.Read(slot(chainContract, (i+n-1)%n)).At(b.readAt(0)),
			synthetic.Write(slot(chainContract, i), framework.Word{1}).At(100),
		},
	}, i % b.spec.Accounts
}

// counter: each transaction increments one cell.
func counter(b *builder, i int) (synthetic.Program, int) {
	return synthetic.Program{
		Cost: b.cost(1),
		Steps: []synthetic.Step{
			synthetic.Read(CounterCell()).At(b.readAt(0)),
			synthetic.Write(CounterCell(), framework.Word{1}).At(100),
		},
	}, i % b.spec.Accounts
}

// independent: transaction i reads and writes cells that no other one of the block touches.
func independent(b *builder, i int) (synthetic.Program, int) {
	return synthetic.Program{Cost: b.cost(1), Steps: b.ownState(i, b.spec.Reads, b.spec.Writes, 0)}, i % b.spec.Accounts
}

// ownState returns steps that read and write cells of account i, the reads being the first-th of the transaction
// and the next ones. What is written depends on all that was read.
func (b *builder) ownState(i, reads, writes, first int) []synthetic.Step {
	var steps []synthetic.Step
	for j := range reads {
		steps = append(steps, synthetic.Read(ownCell(i, j)).At(b.readAt(first+j)))
	}
	steps = append(steps, synthetic.Mix().At(100))
	for j := range writes {
		//nolint:gosec // not negative
		steps = append(steps, synthetic.Write(ownCell(i, j), framework.Word{uint64(j)}).At(100))
	}
	return steps
}
