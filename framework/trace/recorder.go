package trace

import (
	"slices"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// maxEvents is how many events are kept of a block: those of some 200,000 transactions.
const maxEvents = 1 << 21

// Recorder is a [framework.Observer] that keeps what it is told. The zero value is ready; it is safe for concurrent use.
type Recorder struct {
	mu sync.Mutex
	// guarded by mu: pages of events, so that those that are there stay where they are when more come; all but the last are full
	pages   [][]framework.Event
	dropped uint64 // guarded by mu
}

// page is how many events are kept together.
const page = 1 << 10

var _ framework.Observer = (*Recorder)(nil)

// Observe implements [framework.Observer]. Above some two million, events are only counted.
func (r *Recorder) Observe(e *framework.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.pages)
	if n == 0 || len(r.pages[n-1]) == page {
		if n == maxEvents/page {
			r.dropped++
			return
		}
		r.pages = append(r.pages, make([]framework.Event, 0, page))
		n++
	}
	r.pages[n-1] = append(r.pages[n-1], *e)
}

// Dropped says that n events were lost on their way here.
func (r *Recorder) Dropped(n uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropped += n
}

// Take moves what was recorded into b, and begins anew.
func (r *Recorder) Take(b *Block) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b.Events, b.Dropped = slices.Concat(r.pages...), r.dropped
	r.pages, r.dropped = nil, 0
}
