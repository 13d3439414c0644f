// Package wide computes with integers of up to 1152 bits and either sign: what the hints of programs compute, beside the
// machine, about coordinates, quotients, inverses and roots that do not fit into a felt.
//
// An [Int] is a value: it has its words in itself, is copied by assignment, compared with ==, and never touches Go's
// heap. As in package felt, a method puts its result into its receiver, which may be one of the operands, and returns it.
//
// The size is that of the largest number that a hint can meet, the product of two values of a circuit with felts of any size
// for their words, 2 * (3*96 + 252) bits; each hint's largest product is below that, however absurd its inputs are.
// A result that does not fit panics.
//
// What takes longer than some microseconds asks now and then whether to stop, and is over if the answer is yes.
package wide
