// Package casm executes the hints of classes of Cairo 1: the code that a compiled class (CASM) wants to be run beside
// its instructions.
//
// Where a hint of Cairo 0 is a text of Python (see package hint), a hint here is one of 42 operations with operands,
// in JSON. [Compile] resolves both once per class; a [Run] executes them on one machine. What the operations do is
// defined by https://github.com/starkware-libs/cairo, crates/cairo-lang-casm and crates/cairo-lang-runner; where
// that implementation would crash, on a division by zero for example, the hint fails. A hint that is not known, or has
// operands that are not understood, is an error when it is executed, not before.
package casm
