package trace

import (
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// maxEvents is how many events are kept of a block: those of some 200,000 transactions.
const maxEvents = 1 << 21

// Recorder is a [framework.Observer] that keeps what it is told. The zero value is ready; it is safe for concurrent use.
type Recorder struct {
	mu      sync.Mutex
	events  []framework.Event // guarded by mu
	dropped uint64            // guarded by mu
}

var _ framework.Observer = (*Recorder)(nil)

// Observe implements [framework.Observer]. Above some two million, events are only counted.
func (r *Recorder) Observe(e *framework.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.events) >= maxEvents {
		r.dropped++
		return
	}
	r.events = append(r.events, *e)
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
	b.Events, b.Dropped = r.events, r.dropped
	r.events, r.dropped = nil, 0
}
