// Package programs makes random programs, runs them, and says what came of them, so that other Cairo machines can be held against
// this one: they run the same files.
//
// Of each kind of program, some are sensible, and some are wrong on purpose:
//   - hints: a program of Cairo 0 with a few hints of one family, in front of instructions that do little;
//   - casm: a class of Cairo 1 with a few hints, or with a dictionary or a circuit;
//   - code: a program of Cairo 0 with random instructions.
//
// A program of Cairo 0 is run from main, in the layout small and not for a proof. Of a class, the one entry point is called, with no
// calldata, [Gas] and [Prices].
package programs
