package rpc

import (
	"errors"

	"golang.org/x/sys/unix"
)

// awaitExit waits until the process has ended. It returns true if the number of the process is still taken, so that it
// can name no other: exec.Cmd.Wait frees it.
func awaitExit(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}
