// Package synthetic is a VM whose transactions are small programs: what they read and write, when, and how
// much CPU time they burn in between is written in them, so that a scheduler can be tested and measured with
// any pattern of conflicts.
//
// A [Program] has a cost and three lists of steps, shaped like a Starknet transaction:
//
//   - Before: what stays if the transaction reverts (the nonce). A step that fails here rejects it.
//   - Steps: the body. A step that fails here reverts it: what the body wrote is undone.
//   - After: what is done even then (the fee). A step that fails here rejects it.
//
// Each [Step] has a position in percent of the cost: the VM burns CPU time up to there before it takes the
// step. A machine with one register, acc, carries values from step to step: Read loads it, Write stores it,
// a condition tests it, and the key of a step may depend on it. So read and write sets can depend on state.
//
//	p := synthetic.Program{
//		Cost: 100 * time.Microsecond,
//		Steps: []synthetic.Step{
//			synthetic.Read(counter).At(15),
//			synthetic.Write(counter, framework.Word{1}).At(100), // acc + 1
//		},
//	}
//	tx := p.Tx(framework.Word{42})
//
// Every value that a transaction read goes into the digest in its [Receipt]; only cells that it just added to
// are left out. A wrong read therefore always shows in the result.
package synthetic
