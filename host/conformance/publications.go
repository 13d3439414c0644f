package conformance

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
)

// publications is the Publisher of a VM of the suite. Outcomes and publications come over different links, and the suite
// looks at once whether what is final was published; so an outcome waits here for its publication.
type publications struct {
	framework.Publisher
	mu   sync.Mutex
	of   map[framework.TxIndex]*publication // guarded by mu
	wake chan struct{}                      // closed and replaced at every publication; guarded by mu
}

// publication is what was published last of a transaction.
type publication struct {
	writes []framework.Write
	adds   []framework.Add
}

func newPublications(p framework.Publisher) *publications {
	return &publications{Publisher: p, of: map[framework.TxIndex]*publication{}, wake: make(chan struct{})}
}

// Publish implements [framework.Publisher].
func (p *publications) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	p.Publisher.Publish(v, writes, adds)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of[v.Tx] = &publication{slices.Clone(writes), slices.Clone(adds)}
	close(p.wake)
	p.wake = make(chan struct{})
}

// patience is how long an outcome waits. One that is never published then goes to the suite, which complains.
const patience = time.Second

// await waits until outcomes were published.
func (p *publications) await(ctx context.Context, finals []framework.Final) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for i := range finals {
		for {
			published, wake := p.has(&finals[i])
			if published {
				break
			}
			select {
			case <-wake:
			case <-ctx.Done():
				return
			}
		}
	}
}

// has reports whether the last publication of a transaction is that of its outcome, and returns a channel that is
// closed at the next publication.
func (p *publications) has(f *framework.Final) (bool, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.of[f.Tx]
	return last != nil && last.comesTo(f.Writes), p.wake
}

// comesTo reports whether the publication changes the cells of writes, to their values unless it adds to them.
func (p *publication) comesTo(writes []framework.Write) bool {
	for _, w := range writes {
		adds := func(a framework.Add) bool { return a.Low == w.Key || a.High == w.Key }
		if !slices.Contains(p.writes, w) && !slices.ContainsFunc(p.adds, adds) {
			return false
		}
	}
	return len(p.writes)+2*len(p.adds) >= len(writes)
}
