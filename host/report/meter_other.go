//go:build !linux

package report

import "time"

// otherTime returns the processor time that another process has used: not known on this system.
func otherTime(int) time.Duration { return 0 }
