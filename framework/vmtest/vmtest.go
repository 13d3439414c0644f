// Package vmtest is the conformance suite of VMs: a named subtest for every promise that framework/vm.go makes.
//
// A VM's own test describes a [Subject] and calls [Run]:
//
//	func TestConformance(t *testing.T) {
//		vmtest.Run(conform.Testing(t), vmtest.Subject{
//			VM:    func(conform.T) framework.VM { return myvm.New() },
//			Block: framework.Block{Protocol: "1"},
//			Base:  framework.Diff{Writes: genesis},
//			Txs:   []vmtest.Case{{Name: "transfer", Tx: framework.Tx{Body: body}}},
//		})
//	}
//
// The suite plays the scheduler with a [framework.View] of its own, which records what the VM asks and answers as a
// test wants it. First it executes the transactions one after the other; what each came to is what every later
// attempt at it, on the same state, must come to again. Package toy is a VM that passes and is quick to read.
//
// Not checked is [framework.Publisher], whose effect can only be seen across processes.
package vmtest

import (
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// Subject is a VM and what the suite needs to know to put it to the test. VM, Block and Txs must be set. A subtest
// for which something is missing is skipped and says what.
type Subject struct {
	// VM returns the VM under test. Every subtest calls it once or more, and may ask for several at a time.
	VM func(t conform.T) framework.VM
	// Block is the block that the suite opens. It may be opened many times at once.
	Block framework.Block
	// Base is the state before the block, in any order, without Block.Start.
	Base framework.Diff
	// Txs are the transactions of the block, in order; each is executed on the state that those before it left.
	// Together they should show all that the VM can do: transactions that succeed, revert and are rejected,
	// additions, declarations and calls of classes, reads that depend on values read.
	Txs []Case
	// Spin is a transaction that computes for long on Base without reading, some hundred thousand steps, and then
	// ends. The suite aborts it in the middle. nil: the VM cannot loop without reading.
	Spin *framework.Tx
	// Declared returns the key that says whether a class is declared. nil: the VM has no classes.
	Declared func(class framework.Word) framework.Key
	// UnknownProtocol is a protocol that Open must refuse. Empty: the VM takes any.
	UnknownProtocol string
	// BadHeader is a header that Open must refuse. nil: the VM takes any.
	BadHeader []byte
	// Patience is how long one call may take before it counts as hanging. 0 means two minutes: a machine on which much else
	// runs may well stop for half a minute.
	Patience time.Duration
	// Seed selects the random values. 0 is a seed like any other; failures print it.
	Seed uint64
}

// Case is one transaction and, if wanted, what to expect of it.
type Case struct {
	// Name stands for the transaction in messages.
	Name string
	Tx   framework.Tx
	// Check looks at the outcome of the transaction in its place in the block; see [Ends] and [Equals].
	// nil: anything well-formed will do.
	Check func(*framework.Outcome) error
}

// Run checks the subject. It returns after the first subtest, called serial, if that fails, since all the others
// compare with what it found.
func Run(t conform.T, s Subject) {
	if s.Patience == 0 {
		s.Patience = 2 * time.Minute
	}
	r := &rig{Subject: s, given: cloneBlock(&s.Block)}
	if !t.Run("serial", r.serial) {
		return
	}
	for _, g := range groups {
		t.Run(g.name, func(t conform.T) {
			for _, test := range g.tests {
				t.Run(test.name, func(t conform.T) { test.run(r, t) })
			}
		})
	}
}

// test is one subtest.
type test struct {
	name string
	run  func(*rig, conform.T)
}

// groups are the subtests after serial, in the order of the promises in framework/vm.go.
var groups = []struct {
	name  string
	tests []test
}{
	{"open", openTests},
	{"execute", executeTests},
	{"abort", abortTests},
	{"finish", finishTests},
	{"close", closeTests},
	{"rewinder", rewinderTests},
	{"predictor", predictorTests},
}
