// Package keyed has the two collections that hints keep by key: a [Map], for dictionaries, and [Places], for what is sorted by
// key. Both keep their memory when they are emptied, which takes no longer for one that was large once. Whoever keeps them
// for long asks for their Room, and drops them if that is more than [Most].
package keyed

// Most is for how many keys a run keeps memory for the next one, in all its collections: some 40 MB.
const Most = 1 << 19
