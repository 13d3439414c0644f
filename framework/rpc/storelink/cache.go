package storelink

import (
	"context"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// maxCells is how many cells of a state are remembered.
const maxCells = 1 << 18

// cache is what is known of a state on the other side, which never changes. It asks for a cell once, however many want
// it at the same time.
type cache struct {
	// ask asks the other side.
	ask func(ctx context.Context, keys []framework.Key) ([]framework.Word, error)

	mu     sync.Mutex // guards all below
	known  map[framework.Key]framework.Word
	coming map[framework.Key]*question // for the cells that are being asked for
}

// question is a call of ask that is under way. values and err are set before done is closed.
type question struct {
	keys   []framework.Key
	values []framework.Word
	err    error
	done   chan struct{}
}

func newCache(ask func(context.Context, []framework.Key) ([]framework.Word, error)) *cache {
	return &cache{ask: ask, known: map[framework.Key]framework.Word{}, coming: map[framework.Key]*question{}}
}

// read fills out with the values of keys.
func (c *cache) read(ctx context.Context, keys []framework.Key, out []framework.Word) error {
	for {
		q, others := c.look(keys, out)
		if q != nil {
			if err := c.put(ctx, q); err != nil {
				return err
			}
		}
		for _, o := range others {
			select {
			case <-o.done: // if it has failed, that was the affair of whoever asked: the next look asks again
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if q == nil && others == nil {
			return nil
		}
	}
}

// look fills out with what is known of keys. It returns a question for those that nobody has asked for, and the questions of
// others; nothing if all are known.
func (c *cache) look(keys []framework.Key, out []framework.Word) (q *question, others []*question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range keys {
		var ok bool
		if out[i], ok = c.known[k]; ok {
			continue
		}
		switch o := c.coming[k]; {
		case o == nil:
			q = c.add(q, k)
		case o != q:
			others = append(others, o)
		}
	}
	return q, others
}

// add adds a key to a question, a new one if it is nil. c.mu must be held.
func (c *cache) add(q *question, k framework.Key) *question {
	if q == nil {
		q = &question{done: make(chan struct{})}
	}
	q.keys = append(q.keys, k)
	c.coming[k] = q
	return q
}

// put asks a question and remembers the answer.
func (c *cache) put(ctx context.Context, q *question) error {
	q.values, q.err = c.ask(ctx, q.keys)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(q.done)
	if len(c.known)+len(q.keys) > maxCells {
		clear(c.known)
	}
	for i, k := range q.keys {
		delete(c.coming, k)
		if q.err == nil {
			c.known[k] = q.values[i]
		}
	}
	return q.err
}

// maxAsked is how many cells are asked for at once ahead of their use.
const maxAsked = 1024

// unknown returns the questions for those of keys that are not known and that nobody asks for: put asks them.
func (c *cache) unknown(keys []framework.Key) (qs []*question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var q *question
	for _, k := range keys {
		if _, ok := c.known[k]; ok || c.coming[k] != nil {
			continue
		}
		if q = c.add(q, k); len(q.keys) == maxAsked {
			qs, q = append(qs, q), nil
		}
	}
	if q != nil {
		qs = append(qs, q)
	}
	return qs
}
