package vmlink

import (
	"container/list"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// classes are those that the process of the VM has seen. What is not used for long is forgotten when there is too
// much.
type classes struct {
	limit int

	mu    sync.Mutex // guards all below
	size  int
	order *list.List // of *framework.Class, the last used first
	have  map[framework.Word]*list.Element
	// asked are classes that a run has asked for; the channel is closed when it has its answer.
	asked map[framework.Word]chan struct{}
}

func newClasses(limit int) *classes {
	return &classes{
		limit: limit,
		order: list.New(),
		have:  map[framework.Word]*list.Element{},
		asked: map[framework.Word]chan struct{}{},
	}
}

// find returns a class. If it is not there, it returns what to wait for before looking again, or nil if the caller is
// to ask for it, and to call settle then.
func (c *classes) find(hash framework.Word) (*framework.Class, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.have[hash]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*framework.Class), nil //nolint:errcheck,forcetypeassert // the list holds nothing else
	}
	if wait, ok := c.asked[hash]; ok {
		return nil, wait
	}
	c.asked[hash] = make(chan struct{})
	return nil, nil
}

// settle ends a question that find left to the caller. class is nil if there was no answer.
func (c *classes) settle(hash framework.Word, class *framework.Class) {
	if class != nil {
		c.add(class)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.asked[hash])
	delete(c.asked, hash)
}

// add remembers a class.
func (c *classes) add(class *framework.Class) {
	const overhead = 200
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.have[class.Hash]; ok || len(class.Body)+overhead > c.limit {
		return
	}
	c.have[class.Hash] = c.order.PushFront(class)
	c.size += len(class.Body) + overhead
	for c.size > c.limit {
		old := c.order.Remove(c.order.Back()).(*framework.Class) //nolint:errcheck,forcetypeassert // see find
		delete(c.have, old.Hash)
		c.size -= len(old.Body) + overhead
	}
}
