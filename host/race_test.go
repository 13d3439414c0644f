//go:build race

package host_test

// raceEnabled: the race detector reserves far more memory than a program with a limit may have.
const raceEnabled = true
