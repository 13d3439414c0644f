package link

import (
	"context"
	"sync"
)

// calls are those that this side waits for.
type calls struct {
	limit int // calls that the other side takes at once

	mu    sync.Mutex // guards all below
	room  gate
	last  uint64
	open  map[uint64]*call
	free  []*call // to be used again
	ended error
}

// call is one that has not been answered. It is used again by later calls.
type call struct {
	dst []byte // the answer
	err error
	// left says that the caller does not wait any longer. The other side answers all the same, and only then may
	// another call take the place of this one.
	left bool
	done chan struct{} // receives once when dst and err are set
}

func newCalls(limit uint32) *calls {
	c := &calls{limit: int(limit), open: map[uint64]*call{}}
	c.room = newGate(&c.mu)
	return c
}

// begin makes a call whose answer goes to the memory of dst, and waits until the other side may be asked.
func (c *calls) begin(ctx context.Context, dst []byte) (uint64, *call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.limit && c.ended == nil {
		if err := c.room.wait(ctx, func() bool { return len(c.open) < c.limit || c.ended != nil }); err != nil {
			return 0, nil, err
		}
	}
	if c.ended != nil {
		return 0, nil, c.ended
	}
	k := c.fresh()
	k.dst = dst[:0]
	c.last++
	c.open[c.last] = k
	return c.last, k, nil
}

// fresh returns a call that nobody uses. The mutex is held.
func (c *calls) fresh() *call {
	n := len(c.free)
	if n == 0 {
		return &call{done: make(chan struct{}, 1)}
	}
	k := c.free[n-1]
	c.free = c.free[:n-1]
	return k
}

// result returns what a call came to, after it is done, and lets the call be used again.
func (c *calls) result(k *call) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, err := k.dst, k.err
	k.dst, k.err = nil, nil
	c.free = append(c.free, k)
	return answer, err
}

// take removes a call that is answered, and returns nil if there is none or nobody waits for it.
func (c *calls) take(id uint64) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.open[id]
	if k == nil {
		return nil
	}
	delete(c.open, id)
	c.room.open()
	if k.left {
		return nil
	}
	return k
}

// leave says that nobody waits for the answer. It returns false if the answer is there, or about to be.
func (c *calls) leave(id uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.open[id]
	if k == nil {
		return false
	}
	k.left, k.dst = true, nil
	return true
}

// answer ends a call with its answer. If whole is set, the payload may be kept.
func (c *calls) answer(id uint64, payload []byte, whole bool) {
	if k := c.take(id); k != nil {
		if whole && len(payload) > cap(k.dst) {
			k.dst = payload
		} else {
			k.dst = append(k.dst, payload...)
		}
		k.done <- struct{}{}
	}
}

// fail ends a call with an error.
func (c *calls) fail(id uint64, err error) {
	if k := c.take(id); k != nil {
		k.err = err
		k.done <- struct{}{}
	}
}

// end fails all calls, those that come later too.
func (c *calls) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return
	}
	c.ended = err
	c.room.open()
	for id, k := range c.open {
		delete(c.open, id)
		if !k.left {
			k.err = err
			k.done <- struct{}{}
		}
	}
}
