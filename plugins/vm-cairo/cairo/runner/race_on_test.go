//go:build race

package runner_test

// raceEnabled: the race detector changes what the compiler keeps on the stack.
const raceEnabled = true
