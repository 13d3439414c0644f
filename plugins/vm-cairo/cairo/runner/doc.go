// Package runner runs whole programs: it lays out the segments, runs main or a function, makes the checks that
// belong to the end of a run, counts what the run used, and writes the files that a prover wants.
//
// Order of segments, checks and texts are those of the Rust implementation, release 3.2.0
// (https://github.com/starkware-libs/cairo-vm), vm/src/vm/runners/cairo_runner.rs and vm/src/vm/security.rs; the files
// are those of the Python one (https://github.com/starkware-libs/cairo-lang).
package runner
