//go:build race

package trie_test

// raceEnabled: the race detector makes the tests ten times slower.
const raceEnabled = true
