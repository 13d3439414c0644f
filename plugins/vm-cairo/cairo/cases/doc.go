// Package cases makes random transactions, executes them, and compares what came of them with what another implementation of
// Starknet says of the same transactions. The other one is a program outside of this repository that reads the one file and
// writes the other.
//
// # Format
//
// Both files are lines of JSON; numbers that are felts are texts in hexadecimal. The first line of a file of cases is a
// [Header]: the block, the classes, and the state. Each further line is a [Group]: transactions that follow each other on a state
// of their own, which begins as the header says. A file of results has one line for each group, a list of a [Result] for each
// transaction.
//
// # Transactions
//
// They are made from what the classes say of themselves: an entry point is called with arguments of the types that its ABI
// asks for, an address that it takes is mostly that of a contract, a selector one of that contract, an array behind the
// two the calldata of that call. Some are wrong on purpose.
package cases
