package report

import (
	"time"

	"golang.org/x/sys/unix"
)

// otherTime returns the processor time that another process has used.
func otherTime(pid int) time.Duration {
	const processClock = 2 // CPUCLOCK_SCHED, of all threads
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &t); err != nil { //nolint:gosec // how clocks of processes are named
		return 0
	}
	return time.Duration(t.Nano())
}
