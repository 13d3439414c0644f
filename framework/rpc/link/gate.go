package link

import (
	"context"
	"sync"
)

// gate is where goroutines wait for a state that a mutex guards. Unlike at a sync.Cond alone, they also stop
// waiting when their context ends.
type gate struct {
	cond    sync.Cond
	waiting int // guarded by the mutex
}

func newGate(mu *sync.Mutex) gate { return gate{cond: sync.Cond{L: mu}} }

// wait waits until ready returns true, or returns the error of the context. The mutex is held whenever ready is
// called and when wait returns.
func (g *gate) wait(ctx context.Context, ready func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		g.cond.L.Lock()
		defer g.cond.L.Unlock()
		g.cond.Broadcast()
	})
	defer stop()
	g.waiting++
	defer func() { g.waiting-- }()
	for !ready() {
		if err := ctx.Err(); err != nil {
			return err
		}
		g.cond.Wait()
	}
	return nil
}

// open lets those who wait look again. The mutex is held.
func (g *gate) open() {
	if g.waiting > 0 {
		g.cond.Broadcast()
	}
}
