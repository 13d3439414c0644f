// Command mutants changes the scheduler in ways that are known to be wrong, one at a time, and says which test notices.
// A test that notices kills the mutant; one that lives means that a test is missing. Sources are not touched: the
// changed file takes the place of the original for the compiler only.
//
//	go run ./internal/mutants              all of them
//	go run ./internal/mutants 13 18 21     some of them
package main

// policy says whose way a mutant breaks.
type policy string

const (
	paper policy = "paper" // of the Block-STM paper: reads are looked through again
	ours  policy = "ours"  // readers are compared when a cell is written
	both  policy = "both"
)

// edit replaces a piece of a file, which occurs once, by another.
type edit struct{ file, old, new string }

// mutant is a fault to be put in.
type mutant struct {
	number int
	what   string
	policy policy
	edits  []edit
	// tests are the packages whose tests are run, in order, until one fails, and which tests: empty means all.
	tests []suite
	// why says why the mutant cannot be: then there is nothing else.
	why string
}

// suite is some tests of a package.
type suite struct{ pkg, run string }

// The folders concerned.
const (
	stm       = "plugins/scheduler-blockstm/blockstm/"
	machine   = stm + "core/"
	synthetic = "framework/workload/synthetic/"
	sequencer = "host/sequencer/"
)

// The tests that look for faults.
var (
	exploration = suite{machine, "TestExplore|TestWalk"}
	units       = suite{machine, "TestStop|TestDependents|TestRepoint|TestUpperLimbs|TestSet"}
	ceilings    = suite{stm, "TestCeilings|TestDeterministic|TestSimulate"}
	conformance = suite{stm, "TestConformance/full|TestConformance/defaults|TestFallback"}
	blocks      = suite{stm, "TestRandom|FuzzBlock"}
)

// mutants returns all of them, in order.
func mutants() []mutant {
	var all []mutant
	for _, some := range [][]mutant{sweepMutants(), memoryMutants(), attemptMutants(), additionMutants(), endMutants()} {
		all = append(all, some...)
	}
	return all
}
