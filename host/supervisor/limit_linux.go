package supervisor

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/switchyard-dev/switchyard/host/config"
)

// limit limits what a process may use, and what it starts.
func limit(pid int, l config.Limits) error {
	for _, r := range []struct {
		name  string
		which int
		max   uint64
	}{
		{"memory", unix.RLIMIT_DATA, uint64(l.Memory)},
		{"files", unix.RLIMIT_NOFILE, uint64(max(l.Files, 0))}, //nolint:gosec // not negative
	} {
		if r.max == 0 {
			continue
		}
		if err := unix.Prlimit(pid, r.which, &unix.Rlimit{Cur: r.max, Max: r.max}, nil); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}
