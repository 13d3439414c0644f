// Package workload makes blocks of synthetic transactions, for tests and measurements: who transfers to whom,
// how many touch the same cells, how long each takes, how many fail. A [Spec] says what they are like, and its
// Accounts are the dial of contention.
//
// A workload is a function of its Spec: the same one gives the same bytes on every machine, and a block
// depends on its number, not on the blocks that were made before it.
package workload

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// Protocol is the version that the blocks of a workload name.
const Protocol = "0.14.0"

// Generator is one kind of workload.
type Generator struct {
	Name string
	// Doc says in one line what its transactions are like.
	Doc string

	defaults Spec
	// genesis adds what the state holds beyond the balances of accounts, or is nil.
	genesis func(w *Workload, d *framework.Diff)
	// open adds to a block what it has beyond transactions, or is nil.
	open func(b *builder)
	// program makes transaction i of a block, and says which account sends it.
	program func(b *builder, i int) (p synthetic.Program, sender int)
}

// Generators returns all kinds of workload, in the order of their names.
func Generators() []Generator {
	return []Generator{
		{
			Name:     "chain",
			Doc:      "each transaction reads what the one before it wrote",
			program:  chain,
			defaults: Spec{},
		},
		{
			Name:     "counter",
			Doc:      "each transaction increments the same cell",
			program:  counter,
			defaults: Spec{Transactions: 80},
		},
		{
			Name:     "independent",
			Doc:      "no two transactions of a block touch the same cell",
			program:  independent,
			defaults: Spec{},
		},
		{
			Name:     "mix",
			Doc:      "transfers, swaps on few hot pools, and heavy transactions on their own state; a few take very long",
			program:  mix,
			genesis:  mixGenesis,
			defaults: Spec{Accounts: 2000, Spread: 0.5, Zipf: 1.2},
		},
		{
			Name:     "p2p",
			Doc:      "transfers between two random accounts: 2 reads, 2 writes",
			program:  p2p,
			defaults: Spec{},
		},
		{
			Name:     "random",
			Doc:      "random programs for fuzzing: dynamic keys, failures, additions, classes, impossible states",
			program:  random,
			genesis:  randomGenesis,
			open:     randomOpen,
			defaults: Spec{Accounts: 8, Reads: 4, Writes: 3, Classes: 4},
		},
	}
}

// Names returns the names of all generators, sorted.
func Names() []string {
	var names []string
	for _, g := range Generators() {
		names = append(names, g.Name)
	}
	return names
}

// find returns the generator of that name.
func find(name string) (Generator, bool) {
	if name == "" {
		name = "p2p"
	}
	all := Generators()
	i := slices.IndexFunc(all, func(g Generator) bool { return g.Name == name })
	if i < 0 {
		return Generator{}, false
	}
	return all[i], true
}

// Workload makes the blocks of one Spec. It is safe for concurrent use.
type Workload struct {
	spec      Spec
	generator Generator
	spread    int64
	accounts  Chooser
	pools     Chooser
}

// New returns the workload of a Spec, or what [Spec.Validate] says is wrong with it.
func New(s Spec) (*Workload, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	g, _ := find(s.Name)
	w := &Workload{spec: s, generator: g, spread: fixed(s.Spread)}
	if s.Name == "mix" {
		w.accounts, w.pools = NewChooser(s.Accounts, 0), NewChooser(mixPools, s.Zipf)
		return w, nil
	}
	w.accounts = NewChooser(s.Accounts, s.Zipf)
	return w, nil
}

// Spec returns the Spec of the workload with all defaults filled in. The caller must not change its slices.
func (w *Workload) Spec() Spec { return w.spec }

// Size returns the number of transactions of a block.
func (w *Workload) Size() int { return w.spec.Transactions }

// Funds is what every account holds at first: more than it ever spends.
const Funds = 1 << 62

// Genesis returns what the state holds before the first block of the workload: block 0 of a chain.
func (w *Workload) Genesis() *framework.Diff {
	d := &framework.Diff{}
	for i := range w.spec.Accounts {
		d.Writes = append(d.Writes, framework.Write{Key: Balance(i), Value: framework.Word{Funds}})
	}
	if w.generator.genesis != nil {
		w.generator.genesis(w, d)
	}
	if w.callsSender() {
		w.declareAccounts(d)
	}
	framework.SortWrites(d.Writes)
	return d
}

// Block returns block n and its transactions. The caller may keep and change both, but for the bodies.
func (w *Workload) Block(n framework.BlockNumber) (*framework.Block, []framework.Tx) {
	b := &builder{
		Workload: w,
		dice:     NewDice(w.spec.Seed, uint64(n)), //nolint:gosec // any bits will do
		block:    &framework.Block{Number: n, Protocol: Protocol},
	}
	if w.generator.open != nil {
		w.generator.open(b)
	}
	txs := make([]framework.Tx, w.spec.Transactions)
	for i := range txs {
		p, sender := w.generator.program(b, i)
		b.complete(&p, sender)
		txs[i] = p.Tx(framework.Word{uint64(i), uint64(n), w.spec.Seed}) //nolint:gosec // any bits will do
		txs[i].Mode = b.mode
		b.mode = framework.Execute
	}
	return b.block, txs
}

// builder makes one block.
type builder struct {
	*Workload
	dice  Dice
	block *framework.Block
	// mode is how the transaction that is made is to be run. It is reset for each.
	mode framework.Mode
}

// complete adds to a transaction what the options of the Spec ask for.
func (b *builder) complete(p *synthetic.Program, sender int) {
	if b.callsSender() {
		call := synthetic.Call(accountWord(sender))
		p.Before = append([]synthetic.Step{call}, p.Before...)
	}
	if b.dice.Percent(b.spec.FailPct) {
		p.Steps = append(p.Steps, synthetic.Fail(synthetic.Revert).At(100))
	}
	p.After = append(p.After, b.fee()...)
}

// fee returns the steps that pay the fee. Nobody loses it: what matters is the cell that all increase.
func (b *builder) fee() []synthetic.Step {
	low, high := FeeCells()
	amount := framework.Word{1000}
	switch b.spec.Fee {
	case feeKey:
		return []synthetic.Step{
			synthetic.Read(low).At(100), synthetic.Write(low, amount).At(100),
			synthetic.Read(high).At(100), synthetic.Write(high, framework.Word{}).At(100),
		}
	case feeAdd:
		return []synthetic.Step{synthetic.Add(low, high, amount).At(100)}
	}
	return nil
}

// readAt returns where read i is made.
func (b *builder) readAt(i int) int {
	at := b.spec.ReadAt
	return at[min(i, len(at)-1)]
}

// callsSender reports whether every transaction calls its sender's class.
func (w *Workload) callsSender() bool { return w.spec.Classes > 0 && w.spec.Name != "random" }

// declareAccounts declares the classes and gives one to each account.
func (w *Workload) declareAccounts(d *framework.Diff) {
	for i := range w.spec.Classes {
		c := class(uint64(i), 0) //nolint:gosec // not negative
		d.Classes = append(d.Classes, c)
		d.Writes = append(d.Writes, framework.Write{Key: synthetic.Declared(c.Hash), Value: framework.Word{1}})
	}
	for i := range w.spec.Accounts {
		d.Writes = append(d.Writes, framework.Write{
			Key:   synthetic.ClassOf(accountWord(i)),
			Value: class(uint64(i%w.spec.Classes), 0).Hash, //nolint:gosec // not negative
		})
	}
}
