package host

import "slices"

// PIDs returns the numbers of the processes in which parts run.
func (a *Assembly) PIDs() (pids []int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.remotes {
		if pid := r.PID(); !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}
