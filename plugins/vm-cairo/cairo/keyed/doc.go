// Package keyed has the two collections that hints keep by key: a [Map], for dictionaries, and [Places], for what is sorted by
// key. Both keep their memory when they are emptied, which takes no longer for one that was large once.
package keyed
