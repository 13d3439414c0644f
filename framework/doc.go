// Package framework is the contract of Switchyard: what a scheduler, a VM and a store promise to each
// other and to the host. Read it in this order: this page, block.go, vm.go, scheduler.go, store.go. Two helpers
// stand beside it: [Queue], a feed, and [Overlay], a state with writes on top.
//
// # Parts
//
// A [VM] knows what executing one transaction means. It is a function: a transaction and a [View] of the
// state go in, an [Outcome] comes out, and nothing else changes.
//
// A [Scheduler] decides in which order, and how parallel, the transactions of a block execute. It answers
// every read, finds conflicts, aborts, executes again, and hands out outcomes in block order. Whatever it
// does, the result equals executing the transactions one after the other.
//
// A [Store] keeps the state: it answers reads of any retained block and seals blocks with their root.
//
// The host owns the rest. The parts meet only here, and they know nothing of Starknet: a header, a body and
// a receipt are bytes to this package, a value is a [Word], a place in the state is a [Key].
//
// # Words
//
// The field's words, each with one meaning throughout the project:
//
//   - block: a sequence of transactions with a header, executed on the state that the block before it left.
//   - transaction: one unit of work of a block, named by its [TxIndex] in the feed of the block.
//   - attempt, execution: one run of a transaction by the VM. Attempts of a transaction are numbered from 0.
//   - incarnation: the number of an attempt. A transaction and an incarnation make a [Version].
//   - base: the state before the first transaction of the block.
//   - read set: the keys that an attempt read, in order of their first read, with the values it saw.
//   - write set: the keys that an attempt writes, with the new values.
//   - addition: a write that says how much to add, not what to become; two of them never conflict. See [Add].
//   - estimate: a key that an unfinished transaction will probably write; who reads it waits.
//   - park: to set an attempt aside until what it waits for is known; its worker goes on with another.
//   - abort: to give an attempt up because a value that it read has changed. It is control flow, not an error.
//   - fault: an execution that ended in an error of the VM itself. A failing transaction is not a fault.
//   - final: said of an outcome that no other transaction can change any more.
//   - felt: an element of the field of Cairo, in package felt. A [Word] may hold more than a felt.
//   - class: the code of a contract, named by its hash.
//   - trie: the tree that a store may keep over its keys to compute the commitment.
//   - commitment, root: the short value that stands for a whole state.
//   - diff: what a block changes: its final writes, sorted by key, and its new classes.
//
// # Rules that hold everywhere
//
// Slices passed to a call belong to the caller, who may reuse them as soon as the call returns; the callee
// copies what it keeps. Slices returned belong to the caller. Exceptions are stated where they are made.
// A nil slice and an empty one mean the same.
//
// An error that a call documents is found with [errors.Is], also through wrapping, also from another
// process. A cancelled context ends a call with context.Canceled or context.DeadlineExceeded.
//
// Where nothing is said of concurrency, a value is used by one goroutine at a time.
package framework
