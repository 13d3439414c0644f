package compile

import (
	"time"

	"golang.org/x/sys/unix"
)

// limit limits the memory of a process, what it writes, and its processor time, generously: a compiler that outlives its host
// does not run for ever.
func limit(pid int, c *Config) error {
	seconds := uint64(c.Timeout/time.Second) + 1 //nolint:gosec // not negative
	for _, r := range []struct {
		which int
		max   uint64
	}{
		{unix.RLIMIT_DATA, uint64(c.Memory)}, {unix.RLIMIT_FSIZE, uint64(c.Output) + 1},
		{unix.RLIMIT_CPU, seconds * maxParallel}, {unix.RLIMIT_CORE, 0},
	} {
		if err := unix.Prlimit(pid, r.which, &unix.Rlimit{Cur: r.max, Max: r.max}, nil); err != nil {
			return err
		}
	}
	return nil
}
