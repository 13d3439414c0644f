// Package codec turns the values of the contract into bytes and back, for the payloads of a link and for whoever
// else wants them compact: encoders append to a slice, a [Decoder] is a cursor over one.
//
// # Layout
//
// Everything is little endian and nothing is padded. A value is the concatenation of its fields in the order of
// this table; [T] is a column: a u32 count and that many entries, one after the other. An entry of fixed size
// has the same bytes wherever it stands, so a column of words is close to one copy of the memory.
//
//	value       bytes  fields
//	Word           32  four u64 limbs, the least significant first
//	Key            65  u8 space, Word owner, Word slot
//	Write          97  Key, Word value
//	Add           162  Key low, Key high, Word amount
//	Version        12  i64 transaction (-1 for the base), u32 incarnation
//	Read          109  Key, Version of the writer, Word value
//	Charge         74  u8 counter, Key, u64 amount
//	Predicted      74  Key, u8 access, u64 rule
//	Event         107  u8 kind, u8 cause, i32 worker, Version, i64 nanoseconds, Key, Version of the writer
//	Stats          48  i64 transactions, u64 executions, resumptions, validations, aborts, parks
//	Head           40  i64 number, Word root
//	Bytes              [u8]; a string is Bytes too
//	Class              Word hash, Bytes body
//	Usage              [u64] counters, [Charge] once
//	Outcome            u8 status, [Write], [Add], [Class], Usage, Bytes receipt
//	Final              i64 transaction, Outcome, [Write], Error fault
//	Tx                 Word id, u8 mode, Bytes body
//	Block              i64 number, Bytes protocol, Bytes header, [Write] start, [u64] capacity, u8 trace (0 or 1)
//	Diff               [Write], [Class]
//	ProofQuery         [Key]
//	Proof              Word root, Bytes body
//	Error              see [AppendError]
//
// # Rules of decoding
//
// A count is compared with the bytes that are left before anything is allocated, so what a decoder allocates is
// bounded by a small multiple of its input. Every value has one encoding: what is accepted is encoded to the
// same bytes again. Words and the meaning of numbers (spaces, statuses, modes) are not looked at.
//
// A decoder copies: nothing decoded shares memory with the input. It writes into the slices of its target as far
// as they reach, so a target that is used again costs no allocation; the bodies of classes alone are always new,
// since they are shared with whoever has seen them. A target that others still look at must be emptied first
// (= T{}), not decoded into again. As everywhere in the contract, an empty slice and nil are the same.
package codec
