//go:build race

package optimistic_test

const raceEnabled = true
