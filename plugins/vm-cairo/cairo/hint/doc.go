// Package hint executes the hints of programs of Cairo 0: Python code that the prover runs beside the program.
//
// Nothing interprets Python. A hint is known by its exact text, and what it does is written in Go; a text that
// nobody knows is an error when it is executed, not before, since classes with such hints are on the chain. The
// texts are those of the core library (https://github.com/starkware-libs/cairo-lang) and stand in texts/*.txt; effects
// and error texts are those of the Rust implementation, release 3.2.0
// (https://github.com/starkware-libs/cairo-vm, vm/src/hint_processor).
//
// A [Library] is a table of hints, which can be extended; [Compile] looks up a program's hints once, together
// with the names that they use; a [Run] executes them on one machine.
package hint
