package link

import (
	"context"
	"fmt"
	"math"
	"sync"
)

// credits are those that this side may spend, by kind.
type credits struct {
	mu    sync.Mutex // guards all below
	room  gate
	of    map[Kind]*account // never changes; empty if nothing is limited
	ended error
}

type account struct {
	limit, left int
}

func newCredits(granted map[Kind]uint32) *credits {
	c := &credits{of: make(map[Kind]*account, len(granted))}
	c.room = newGate(&c.mu)
	for k, n := range granted {
		c.of[k] = &account{limit: int(n), left: int(n)}
	}
	return c
}

// limits reports whether frames of that kind cost credits.
func (c *credits) limits(k Kind) bool {
	if len(c.of) == 0 {
		return false
	}
	_, ok := c.of[k]
	return ok
}

// spend takes n credits of a kind that is limited, and waits until they are there.
func (c *credits) spend(ctx context.Context, k Kind, n int) error {
	a := c.of[k]
	if n < 1 || n > a.limit {
		return fmt.Errorf("%w: a frame of kind %d costs %d credits of %d", ErrTooLarge, k, n, a.limit)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.left < n && c.ended == nil {
		if err := c.room.wait(ctx, func() bool { return a.left >= n || c.ended != nil }); err != nil {
			return err
		}
	}
	if c.ended != nil {
		return c.ended
	}
	a.left -= n
	return nil
}

// back returns credits of a frame that was not sent, or takes in those of a credit frame.
func (c *credits) back(k Kind, n uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, ok := c.of[k]; ok {
		a.left = int(min(int64(a.left)+int64(n), math.MaxInt32))
		c.room.open()
	}
}

// received takes in a credit frame.
func (c *credits) received(payload []byte) error {
	if len(payload)%5 != 0 {
		return protocolf("credit frame of %d bytes, expected a multiple of 5", len(payload))
	}
	for ; len(payload) > 0; payload = payload[5:] {
		c.back(Kind(payload[0]), le.Uint32(payload[1:]))
	}
	return nil
}

// end lets everybody who waits, and whoever comes later, have err.
func (c *credits) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == nil {
		c.ended = err
		c.room.open()
	}
}

// grants are credits for the other side that have not been written yet. However many there are, they take one
// entry for each kind.
type grants struct {
	n     [256]uint32
	kinds []Kind // those with n > 0
}

func (g *grants) add(k Kind, n int) {
	if g.n[k] == 0 {
		g.kinds = append(g.kinds, k)
	}
	g.n[k] += uint32(n)
}

// appendTo appends a credit frame with all of them, if there are any.
func (g *grants) appendTo(b []byte) []byte {
	if len(g.kinds) == 0 {
		return b
	}
	b = appendHeader(b, 0, kindCredit, 5*len(g.kinds))
	for _, k := range g.kinds {
		b = le.AppendUint32(append(b, uint8(k)), g.n[k])
		g.n[k] = 0
	}
	g.kinds = g.kinds[:0]
	return b
}
