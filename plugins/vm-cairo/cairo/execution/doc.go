// Package execution executes Starknet's transactions: it is the VM of the plugin. Above the Cairo machine it knows what a
// transaction is, in which order it is checked and run, what each system call does to memory and state, how resources
// become gas and gas becomes a fee, what survives a failure, and what happens at the edges of a block.
//
// It follows what runs on the public networks, blockifier (https://github.com/starkware-libs/sequencer,
// crates/blockifier), to the bit: steps, gas, fees, events, and the texts of revert reasons, which block hashes contain.
// What changes between versions of the protocol is data of package rules.
//
// # Reading guide
//
// vm.go opens blocks; attempt.go executes one transaction. account.go, l1handler.go and view.go have the order of events of
// each kind, scope.go what the calls of one phase (validation, execution, payment) share, and call.go one call of an entry
// point. frame.go runs a contract on a machine, syscalls0.go and syscalls1.go serve its system calls in the two generations
// of Cairo. gas.go, fee.go and receipt.go count, capacity.go and hashcost.go what is taken of a block, tree.go keeps the calls
// for who asks for them, failure.go and panic.go say why something failed. rewind.go lets an attempt go on from the middle of the
// one before, finish.go is the end of a block.
//
// # State
//
// All state comes from the view and lies in a journal (state.go): one list of cells with their first and present
// values, and one list of changes, undone strictly backwards when a call, an execution or a transaction fails.
package execution
