// Package oracle executes Cairo instructions slowly and obviously: numbers are big integers, memory is a map,
// an instruction is taken apart each time, and the steps are those of the specification, one after the other.
// It exists so that package machine can be compared with it on random programs.
//
// The source is the Rust implementation, release 3.2.0 (https://github.com/starkware-libs/cairo-vm),
// vm/src/vm/vm_core.rs; errors have its texts.
package oracle
