package vmlink

import (
	"container/heap"
	"sync"
)

// pool runs attempts, so many at a time. One that waits for something leaves its place to another; the lowest
// transaction that wants a place gets it. A pool without attempts has no goroutines.
type pool struct {
	wg *sync.WaitGroup

	mu     sync.Mutex // guards all below
	places int        // that are free
	queue  queue      // of runs that want to begin or to go on
	last   uint64     // counts entries of the queue
}

func newPool(workers int, wg *sync.WaitGroup) *pool { return &pool{wg: wg, places: workers} }

// submit has a run executed when there is a place.
func (p *pool) submit(r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.places == 0 {
		p.push(r)
		return
	}
	p.places--
	p.start(r)
}

// start executes a run, and those that follow in its place, in a goroutine.
func (p *pool) start(r *run) {
	p.wg.Go(func() {
		for ; r != nil; r = p.next() {
			r.execute()
		}
	})
}

// push puts a run into the queue. p.mu must be held.
func (p *pool) push(r *run) {
	p.last++
	r.turn = p.last
	heap.Push(&p.queue, r)
}

// next hands a place on. It returns the run that the calling goroutine executes in it, if any.
func (p *pool) next() *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		p.places++
		return nil
	}
	r := heap.Pop(&p.queue).(*run) //nolint:errcheck,forcetypeassert // the queue holds nothing else
	if r.parked {
		r.parked = false
		r.place <- struct{}{}
		return nil
	}
	return r
}

// leave gives up the place of a run that is about to wait.
func (p *pool) leave() {
	if r := p.next(); r != nil {
		p.start(r)
	}
}

// enter waits for a place to go on in.
func (p *pool) enter(r *run) {
	p.mu.Lock()
	if p.places > 0 {
		p.places--
		p.mu.Unlock()
		return
	}
	r.parked = true
	p.push(r)
	p.mu.Unlock()
	<-r.place
}

// queue is a heap of runs, the lowest transaction first, and of one transaction the one that came first.
type queue []*run

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if a.order.version.Tx != b.order.version.Tx {
		return a.order.version.Tx < b.order.version.Tx
	}
	return a.turn < b.turn
}

// Push implements [heap.Interface].
func (q *queue) Push(x any) { *q = append(*q, x.(*run)) } //nolint:errcheck,forcetypeassert // see next

// Pop implements [heap.Interface].
func (q *queue) Pop() any {
	n := len(*q) - 1
	r := (*q)[n]
	(*q)[n] = nil
	*q = (*q)[:n]
	return r
}
