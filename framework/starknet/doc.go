// Package starknet has the nouns of the Starknet protocol: transactions, receipts, state diffs and headers,
// with every hash that the protocol defines over them, their binary encoding, and their place in the state
// of package framework. Classes are in package class; the two JSON forms of the nouns are in package gateway
// (feeder gateway) and package openrpc (JSON-RPC).
//
// # Nouns
//
// A [Transaction] is one of [Invoke], [Declare], [Deploy], [DeployAccount] and [L1Handler]. Executing it
// gives a [Receipt]. A [Block] is a [Header] with transactions and receipts; what it changes is a
// [StateDiff]. All are plain data: who makes one fills in the fields, and fields that the version of a
// transaction does not have stay zero. Nothing here changes its arguments.
//
// # Hashes
//
// The formulas are those of the protocol documentation (https://docs.starknet.io) and of cairo-lang, and
// each function names its source. In comments, H is Pedersen, HC the Pedersen chain
// [crypto.PedersenChain], PN the Poseidon sponge [crypto.PoseidonMany], TK the truncated Keccak
// [crypto.Keccak], and S("txt") the bytes of a text read as one number.
//
// Many formulas changed with the version of the protocol. Where a rule depends on it, the function takes a
// [Version] and says where the borders are.
//
// # Encoding
//
// The first byte of each encoding is its version. Decoding checks everything: it never panics, allocates
// in proportion to its input, and refuses bytes that encoding would not have made. So equal values have
// equal encodings. Empty lists decode to nil. Errors of decoding wrap [ErrEncoding].
//
// Slices belong to whom they are given; decoded values share no memory with the input.
package starknet
