// Package blockstm executes the transactions of a block in parallel on guesses, and repairs wrong guesses, so that
// the result equals executing them one after the other.
//
// What is decided is decided in package core, a state machine without goroutines. This package drives it: it
// gives each slot a goroutine, numbers the keys, asks the base, and hands outcomes to the host. One mutex guards the
// machine; a VM, a state, a feed and the host are called without it.
//
// There are as many slots as attempts may run at once. A goroutine that has a slot is at work. When its attempt
// parks, it passes the slot on and waits in the middle of the read until it is given one again; another goroutine
// takes over. So there are a few more goroutines than slots, but never more at work.
package blockstm
