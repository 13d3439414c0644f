// Package storelink is a store on the other side of a link: [Handler] serves a store, [New] is that store for
// whoever dialed.
//
// Every method of [framework.Store] and [framework.State] is one call of the link, but a cell of a state is asked for
// once, since states do not change, and can be asked for ahead, many at a time. A state that was opened has
// a number, which belongs to the link: states that the other side did not close are closed with it. The calls
// that write, and the opening of states, reach the store in the order in which they were made, as far as one
// goroutine made them. A snapshot travels in pieces, a call each; it has a number too, and ends with the link.
package storelink

import "github.com/switchyard-dev/switchyard/framework/rpc/link"

// The calls, with what they carry and what the answer carries. Types are those of package codec.
const (
	kindHead   = link.FirstKind + iota // -> Head
	kindAt                             // i64 number -> u64 state
	kindStage                          // i64 number, Bytes protocol, Diff ->
	kindSeal                           // i64 number -> Word root
	kindRevert                         // i64 number ->
	kindProve                          // i64 number, ProofQuery -> Proof
	kindRead                           // u64 state, [Key] -> [Word]
	kindClass                          // u64 state, Word hash -> Class
	kindLeave                          // u64 state ->
	kindClose                          // ->

	kindExport       // i64 number -> u64 snapshot
	kindExportNext   // u64 snapshot -> Bool false, Bytes; or after the last: Bool true, Head
	kindImport       // Bool root is known, Word root -> u64 snapshot
	kindImportNext   // u64 snapshot, Bytes ->
	kindImportEnd    // u64 snapshot -> Head
	kindDropSnapshot // u64 snapshot ->
)
