// Package trace keeps what happened to the attempts of a block while it executed. A [Recorder] collects the events that
// a scheduler tells of, wherever the scheduler runs; a [Block] is what was collected of one block; a [Writer] and a
// [Reader] keep blocks in a file.
//
// [Block.Attempts] puts the events of each attempt together, and [Works] says what the transactions cost and touched, apart
// from how they were scheduled. A [Simulator] tells from that how long other schedules would have taken. A VM in
// another process tells what it has read when an attempt ends, so that the offsets of its reads say nothing.
//
// # The file
//
// A file begins with the 8 bytes "SWYTRACE" and a byte with the version, 1. Then come blocks: the length of the
// payload as four bytes, its CRC-32C as four bytes, both little endian, and the payload. Numbers in a payload are varints as of
// encoding/binary; those that may fall below zero are in zigzag form. A payload holds the fields of a Block in their
// order and then the events, each as
//
//	u8 kind | cause << 4
//	u8 what is there, see flags
//	   transaction, as the difference to the event before
//	   time in nanoseconds, as the difference to the event before
//	   incarnation, worker, key, writer: those that are there
//
// A key is its number in the order of first appearance; a number that is new is followed by the key itself. A writer is
// its transaction, as the difference to the event's, and its incarnation.
package trace
