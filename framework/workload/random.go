package workload

import (
	"math"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// The sizes of the small world of random.
const (
	randomContracts = 4 // contracts that are deployed and called; the first is deployed in genesis
	randomPairs     = 3 // pairs of cells that are added to
	randomTwins     = 2 // pairs of cells that are always changed together
	randomSpan      = 5
)

// random: programs of about Reads reads and Writes writes, at rising positions, on few cells, with a bit of
// everything. By what they read they choose further cells, and whether to revert or to be rejected; how many do
// is not fixed, but FailPct comes on top. They never fault, unless they see an impossible state.
func random(b *builder, _ int) (synthetic.Program, int) {
	r := &randomProgram{builder: b}
	if b.dice.Below(16) == 0 {
		b.mode = framework.SkipFee
	}
	r.before()
	n := 1 + b.dice.Below(b.spec.Reads+b.spec.Writes)
	for range n {
		r.p.Steps = append(r.p.Steps, r.body()...)
		r.advance()
	}
	r.after()
	r.p.Cost = b.cost(1)
	return r.p, 0
}

// randomProgram is a program that is being made.
type randomProgram struct {
	*builder
	p  synthetic.Program
	at int
}

// advance moves on, in a third of the cases.
func (r *randomProgram) advance() {
	if r.dice.Below(3) == 0 {
		r.at += r.dice.Below(101 - r.at)
	}
}

// before counts up a nonce, and rejects some transactions.
func (r *randomProgram) before() {
	nonce := synthetic.NonceOf(accountWord(r.dice.Below(r.spec.Accounts)))
	switch r.dice.Below(8) {
	case 0:
		// A small guess is right now and then.
		r.p.Before = []synthetic.Step{synthetic.Nonce(nonce, uint64(r.dice.Below(4)))} //nolint:gosec // not negative
	case 1:
		r.p.Before = []synthetic.Step{
			synthetic.Read(r.cell()), synthetic.Fail(synthetic.Reject).When(5, uint32(r.dice.Below(5))), //nolint:gosec // small
		}
	case 2, 3, 4:
		r.p.Before = []synthetic.Step{synthetic.Read(nonce), synthetic.Write(nonce, framework.Word{1})}
	}
}

// after increases a cell that others read, in one of two ways.
func (r *randomProgram) after() {
	low, high := pair(0)
	switch r.dice.Below(4) {
	case 0, 1:
		r.p.After = []synthetic.Step{synthetic.Add(low, high, r.amount()).At(100)}
	case 2:
		r.p.After = []synthetic.Step{
			synthetic.Read(low).At(100), synthetic.Write(low, framework.Word{1}).At(100),
		}
	}
}

// body returns one or a few steps at the present position.
func (r *randomProgram) body() []synthetic.Step {
	var steps []synthetic.Step
	switch kind := r.dice.Below(100); {
	case kind < 60:
		steps = r.access()
	case kind < 70:
		steps = []synthetic.Step{synthetic.Transfer(r.cell(), r.cell(), r.amount())}
	case kind < 80:
		steps = r.add()
	case kind < 88:
		steps = r.twins()
	case kind < 95:
		steps = []synthetic.Step{r.class()}
	default:
		steps = []synthetic.Step{r.maybe(synthetic.Fail(r.failure()))}
	}
	for i := range steps {
		steps[i] = steps[i].At(r.at)
	}
	return steps
}

// access reads or writes a cell, often a derived one.
func (r *randomProgram) access() []synthetic.Step {
	step := synthetic.Read(r.cell())
	if r.dice.Below(r.spec.Reads+r.spec.Writes) >= r.spec.Reads {
		step = synthetic.Write(r.cell(), r.plus())
	}
	switch r.dice.Below(6) {
	case 0, 1:
		return []synthetic.Step{step.Among(randomSpan)}
	case 2:
		return []synthetic.Step{r.maybe(step)}
	case 3:
		return []synthetic.Step{synthetic.Mix(), step}
	}
	return []synthetic.Step{step}
}

// add adds to a pair, reads a cell of one, or makes room in the one that is nearly full.
func (r *randomProgram) add() []synthetic.Step {
	low, high := pair(r.dice.Below(randomPairs))
	switch r.dice.Below(8) {
	case 0:
		return []synthetic.Step{synthetic.Read(low)}
	case 1:
		return []synthetic.Step{synthetic.Read(high)}
	case 2:
		return []synthetic.Step{synthetic.Set(framework.Word{math.MaxUint64}), synthetic.Write(high, framework.Word{})}
	}
	return []synthetic.Step{synthetic.Add(low, high, r.amount())}
}

// twins checks that two cells are equal, or changes both together.
func (r *randomProgram) twins() []synthetic.Step {
	a, b := twin(r.dice.Below(randomTwins))
	if r.dice.Below(2) == 0 {
		return []synthetic.Step{synthetic.Equal(a, b)}
	}
	return []synthetic.Step{
		synthetic.Read(a), synthetic.Mix(), synthetic.Write(a, framework.Word{}), synthetic.Write(b, framework.Word{}),
	}
}

// class declares, deploys or calls.
func (r *randomProgram) class() synthetic.Step {
	c := class(uint64(r.dice.Below(r.spec.Classes)), r.block.Number) //nolint:gosec // not negative
	contract := accountWord(r.dice.Below(randomContracts))
	switch r.dice.Below(4) {
	case 0:
		return synthetic.Declare(c.Hash, c.Body)
	case 1:
		return synthetic.Deploy(contract, c.Hash)
	}
	return synthetic.Call(contract)
}

// maybe makes a step conditional.
func (r *randomProgram) maybe(s synthetic.Step) synthetic.Step {
	mod := 2 + r.dice.Below(3)
	return s.When(uint32(mod), uint32(r.dice.Below(mod))) //nolint:gosec // small
}

func (r *randomProgram) failure() synthetic.Failure {
	if r.dice.Below(3) == 0 {
		return synthetic.Reject
	}
	return synthetic.Revert
}

// cell draws one of the cells that all share.
func (r *randomProgram) cell() framework.Key { return Balance(r.accounts.Draw(r.dice)) }

// plus draws what a Write adds: also values that differ in their upper limbs only.
func (r *randomProgram) plus() (w framework.Word) {
	w[r.dice.Below(3)] = uint64(r.dice.Below(4)) //nolint:gosec // not negative
	return w
}

// amount draws what is moved or added: small, or large enough to carry into the upper cell.
func (r *randomProgram) amount() framework.Word {
	if r.dice.Below(4) == 0 {
		return framework.Word{r.dice.pcg.Uint64(), math.MaxUint64, uint64(r.dice.Below(2))} //nolint:gosec // small
	}
	return framework.Word{uint64(r.dice.Below(100))} //nolint:gosec // not negative
}

// pair returns two cells that are added to.
func pair(i int) (low, high framework.Key) { return slot(pairContract, 2*i), slot(pairContract, 2*i+1) }

// twin returns two cells that are always changed together.
func twin(i int) (a, b framework.Key) {
	return slot(pairContract, 1000+2*i), slot(pairContract, 1001+2*i)
}

// randomGenesis fills one of the pairs to near its limit and deploys a contract.
func randomGenesis(_ *Workload, d *framework.Diff) {
	low, high := pair(1)
	c := class(0, framework.AtEmpty)
	d.Classes = append(d.Classes, c)
	d.Writes = append(d.Writes,
		framework.Write{Key: low, Value: framework.Word{math.MaxUint64 - 500, math.MaxUint64}},
		framework.Write{Key: high, Value: framework.Word{math.MaxUint64 - 1, math.MaxUint64}},
		framework.Write{Key: synthetic.Declared(c.Hash), Value: framework.Word{1}},
		framework.Write{Key: synthetic.ClassOf(accountWord(0)), Value: c.Hash})
}

// randomOpen changes a cell before the first transaction.
func randomOpen(b *builder) {
	b.block.Start = []framework.Write{{
		Key:   Balance(b.dice.Below(b.spec.Accounts)),
		Value: framework.Word{uint64(b.dice.Below(1000))}, //nolint:gosec // not negative
	}}
}
