package report

import (
	"slices"
	"syscall"
	"time"
)

// Meter measures what happens between its start and Stop.
type Meter struct {
	start time.Time
	cpu   time.Duration
	pids  []int
}

// Start returns a running meter of this process, and of others of this user, as far as the system tells.
func Start(pids ...int) Meter { return Meter{time.Now(), cpuTime(pids), pids} }

// Stop returns the time that has passed since the start, and the processor time that the processes, all threads
// together, have used.
func (m Meter) Stop() (wall, cpu time.Duration) {
	return time.Since(m.start), cpuTime(m.pids) - m.cpu
}

func cpuTime(pids []int) (sum time.Duration) {
	for _, pid := range pids {
		sum += otherTime(pid)
	}
	return sum + ownTime()
}

func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Milliseconds returns d as a figure for a report.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Median returns the median of figures, of which there is at least one.
func Median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
