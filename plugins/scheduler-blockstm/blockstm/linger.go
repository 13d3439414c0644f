package blockstm

import (
	"runtime"
	"time"
)

// A hand that has nothing to do keeps its processor for a while, if that has been of use lately: to put a processor to sleep
// and to wake it up costs tens of microseconds, which is much beside a transaction, and many blocks have always something to do soon.
// Where it is of no use, as in a chain of transactions, that is tried now and then.
const (
	lingerFor = 100 * time.Microsecond
	glances   = 64                   // at the news, between two looks at the clock
	yieldFor  = 5 * time.Microsecond // how long others wait for the processor at most
)

// linger waits for something to do, for a short time, and reports whether there is any. h.mu must be held; it is released
// meanwhile.
func (h *hand) linger() (found bool) {
	h.settle()
	if h.over || h.broken || h.lingering || h.crowded || !h.soon.is() {
		return false
	}
	h.lingering = true
	h.news.Store(false)
	h.outside(func() { found = h.watch() })
	h.lingering = false
	h.soon.note(found)
	return found
}

// watch looks out for news.
func (h *hand) watch() bool {
	start := time.Now()
	for yielded := time.Duration(0); ; {
		for range glances {
			if h.news.Load() {
				return true
			}
		}
		switch waited := time.Since(start); {
		case waited > lingerFor:
			return false
		case waited-yielded > yieldFor:
			runtime.Gosched()
			yielded = waited
		}
	}
}
