package blockstm

// depth says how many attempts may be under way. In this process that is the number of workers. To a VM in another process an
// attempt and its result have a way to go, on which a worker there would have nothing to do: so twice as many attempts are
// under way, and those that the VM has not begun wait there, the lowest first. They then begin before it is known
// what the last ones have written. Where transactions conflict that is in vain, so after several attempts that were given up
// there are only as many as workers for a while.
type depth struct {
	workers, slots int
	finals         int // since the last judgement
	aborts         uint64
}

// Numbers of transactions.
const (
	judgeDepth = 32 // after which the depth is judged
	mostVain   = 1  // attempts among them that may have been given up
)

// newDepth returns the depth for a VM that is in another process, or is not.
func newDepth(workers int, remote bool) depth {
	slots := workers
	if remote {
		slots = 2 * workers
	}
	return depth{workers: workers, slots: slots}
}

// committed notes that a transaction has become final, when so many attempts had been given up. After some of them it returns
// how many may be under way from now on.
func (d *depth) committed(aborts uint64) (limit int, ok bool) {
	if d.finals++; d.finals < judgeDepth {
		return 0, false
	}
	limit = d.slots
	if aborts-d.aborts > mostVain {
		limit = d.workers
	}
	d.finals, d.aborts = 0, aborts
	return limit, true
}
