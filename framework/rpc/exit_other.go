//go:build unix && !linux

package rpc

// awaitExit waits for nothing and returns false: exec.Cmd.Wait must wait. What the process leaves behind is then killed
// after its number was freed.
func awaitExit(int) bool { return false }
