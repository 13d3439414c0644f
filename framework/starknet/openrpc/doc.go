// Package openrpc parses and writes the nouns of package starknet in the form of Starknet's JSON-RPC
// specification (https://github.com/starkware-libs/starknet-specs, version 0.10).
//
// Parsing is strict; see package gateway. Numbers are accepted with leading zeros and in both cases, although
// the specification has neither, because clients send them; they are written without, in lower case.
//
// The specification shows less than there is: no steps and builtins in receipts, and a bound of L1 data gas of
// zero in transactions that have none. Such a transaction, parsed again, has another hash.
package openrpc
