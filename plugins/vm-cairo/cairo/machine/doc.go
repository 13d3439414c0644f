// Package machine executes Cairo instructions: the fast engine of the Cairo virtual machine.
//
// A [Machine] has a [Memory] of write-once segments, three registers (pc, ap, fp) and a [Code],
// the instructions of segment 0 in decoded form, which any number of machines share. Segment 1
// is the stack: ap and fp are offsets into it. pc may be an address of any segment.
//
// Semantics, limits and the texts of errors are those of the Rust implementation, release 3.2.0
// (https://github.com/starkware-libs/cairo-vm); where it differs from the older Python one, the
// Rust one is followed. The paper is https://eprint.iacr.org/2021/1063, section 4.
//
// # Two ways to execute an instruction
//
// fast.go has one switch over some twenty forms of instruction, which cover nearly all that
// programs are made of, for the case in which every operand is there and nothing has to be
// found out. Whatever else happens goes to step.go, which does all instructions in the order in
// which the reference does them. So an instruction may be moved between both without a change
// of result, and step.go alone is a complete machine.
//
// # Nothing is recorded that can be derived
//
// Memory is write-once, so when a run is over, its memory alone says what each step did: the
// trace is replayed, not recorded (see [Machine.Trace]). Of the cells that count as accessed, those
// written by instructions are so by definition; only cells written by the host (hints, arguments)
// carry a flag until an instruction meets them.
package machine
