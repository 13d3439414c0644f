package vmlink

import (
	"container/heap"
	"sync"
	"time"
)

// pool runs attempts, so many at a time. One that waits for something leaves its place to another; the lowest
// transaction that wants a place gets it. A place may have a processor of its own, see thread. A pool without attempts has
// no goroutines.
type pool struct {
	wg      *sync.WaitGroup
	workers int
	most    int    // results that may be held back
	bound   []int  // the processor of each place; none if workers are not bound
	poll    func() // takes in what has come over the link
	flush   func() // sends results

	mu      sync.Mutex    // guards all below
	places  []int         // that are free, by number
	queue   queue         // of runs that want to begin or to go on
	last    uint64        // counts entries of the queue
	waiting int           // runs that have left their places
	held    int           // results that may not have been sent
	took    time.Duration // that runs take, about
	late    *time.Timer   // sends what is held although no run ends
}

// A result may wait for others as long as runs are short and more of them have been ordered than workers will have begun
// when it has gone and the next orders have come. It then costs nobody time, and several results wake the scheduler's
// side once. But if a run waits, it may be for just that result; and as long as little has been ordered, it may be that
// the scheduler has nothing to order without it.
const (
	shortRun   = 2 * time.Millisecond
	heldAtMost = 8
)

// newPool returns a pool for runs of h.
func newPool(h *Handler) *pool {
	c := &h.config
	p := &pool{
		wg: &h.wg, workers: c.Workers, most: min(c.Credits/2, heldAtMost), bound: processors(c.Workers),
		poll: func() { h.conn.Poll() }, flush: h.out.flushAll,
	}
	for place := range c.Workers {
		p.places = append(p.places, place)
	}
	p.late = time.AfterFunc(shortRun, p.flush)
	p.late.Stop()
	return p
}

// submit has a run executed when there is a place.
func (p *pool) submit(r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.take(r) {
		p.push(r)
		return
	}
	p.start(r)
}

// take gives a run a free place, if there is one. p.mu must be held.
func (p *pool) take(r *run) bool {
	n := len(p.places) - 1
	if n < 0 {
		return false
	}
	r.place, p.places = p.places[n], p.places[:n]
	return true
}

// start executes a run, and those that follow in its place, in a goroutine. Between two of them that looks by itself what
// has come over the link: the goroutine that reads it may have to wait for a processor until a run has ended.
func (p *pool) start(r *run) {
	p.wg.Go(func() {
		t := new(thread)
		defer t.free()
		for r != nil {
			began := time.Now()
			r.thread = t
			if p.bound != nil {
				t.bind(p.bound[r.place])
			}
			place := r.execute()
			p.poll()
			var hold bool
			if r, hold = p.ended(place, time.Since(began)); !hold {
				p.flush()
			}
		}
	})
}

// ended notes that a run has ended, which took so long, and hands its place on, like next. It reports whether the result
// may be held back.
func (p *pool) ended(place int, took time.Duration) (next *run, hold bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held++
	p.took += (took - p.took) / 8
	next = p.next(place)
	hold = p.waiting == 0 && len(p.queue) >= p.workers && p.held < p.most && p.took < shortRun
	switch {
	case !hold:
		p.held = 0
	case p.held == 1:
		p.late.Reset(shortRun) // the next run may be a long one, or burn until it is stopped because of this result
	}
	return next, hold
}

// push puts a run into the queue. p.mu must be held.
func (p *pool) push(r *run) {
	p.last++
	r.turn = p.last
	heap.Push(&p.queue, r)
}

// next hands a place on. It returns the run that the calling goroutine executes in it, if any. p.mu must be held.
func (p *pool) next(place int) *run {
	if len(p.queue) == 0 {
		p.places = append(p.places, place)
		return nil
	}
	r := heap.Pop(&p.queue).(*run) //nolint:errcheck,forcetypeassert // the queue holds nothing else
	r.place = place
	if r.parked {
		r.parked = false
		r.admit <- struct{}{}
		return nil
	}
	return r
}

// leave gives up the place of a run that is about to wait. The goroutine of the run calls it. The run is not bound to a
// processor any more: to move it to that of another place, whenever it has waited, costs more than it is worth.
func (p *pool) leave(r *run) {
	r.thread.free()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	if r := p.next(r.place); r != nil {
		p.start(r)
	}
}

// enter waits for a place to go on in.
func (p *pool) enter(r *run) {
	p.mu.Lock()
	p.waiting--
	placed := p.take(r)
	if !placed {
		r.parked = true
		p.push(r)
	}
	p.mu.Unlock()
	if !placed {
		<-r.admit
	}
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
