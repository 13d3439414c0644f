// Package repo tests the repository itself: who may import whom, what is documented, how long things are,
// and that texts and files agree with each other.
//
// A rule is a function of a [Tree], which is read with go/parser rather than asked of the go command: every
// file that a rule depends on is then known to the test cache, so a passing result is never a stale one. The tests
// run each rule twice: on this repository, where it must find nothing, and on small bad trees, where it must.
package repo
