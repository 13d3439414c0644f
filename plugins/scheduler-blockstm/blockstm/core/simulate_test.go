package core

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
)

// transfer is a transaction of a simulation: it reads two cells at given parts of its time, and writes both at the
// end. All take one unit of time.
type transfer struct {
	keys  [2]Key
	at    [2]float64
	hints []Hint
}

// transfers returns a block of transfers among accounts, of which so many percent are predicted.
func transfers(n, accounts int, at [2]float64, predicted int, seed uint64) []transfer {
	rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // makes blocks
	block := make([]transfer, n)
	for i := range block {
		from := rnd.IntN(accounts)
		to := (from + 1 + rnd.IntN(accounts-1)) % accounts
		t := transfer{keys: [2]Key{Key(from), Key(to)}, at: at} //nolint:gosec // small
		if rnd.IntN(100) < predicted {
			t.hints = []Hint{willWrite(t.keys[0]), willWrite(t.keys[1])}
		}
		block[i] = t
	}
	return block
}

// clocked is an attempt with a time at which it does the next thing.
type clocked struct {
	version framework.Version
	due     float64
	order   int // among those that are due at the same time
	reads   int // made so far
	began   float64
	parked  bool
	stopped bool
}

// queue is a heap of attempts by time.
type queue []*clocked

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].due < q[j].due || q[i].due == q[j].due && q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*clocked)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// simulation executes a block in time that is only counted.
type simulation struct {
	core     *Core
	block    []transfer
	now      float64
	work     float64 // slot time that was used
	order    int
	queue    queue
	attempts map[framework.TxIndex]*clocked
	commits  int
}

func simulate(p Policy, slots int, block []transfer) (*simulation, error) {
	s := &simulation{core: New(p, slots), block: block, attempts: map[framework.TxIndex]*clocked{}}
	for i := range block {
		for _, k := range block[i].keys {
			s.core.Base(k, word(1))
		}
	}
	for i := range block {
		s.core.Add(block[i].hints)
	}
	s.core.Close()
	s.dispatch()
	for len(s.queue) > 0 {
		a, _ := heap.Pop(&s.queue).(*clocked)
		s.now = a.due
		s.advance(a)
		s.settle()
	}
	if !s.core.Over() || s.commits != len(block) {
		return s, fmt.Errorf("it stands still after %d of %d", s.commits, len(block))
	}
	return s, nil
}

// schedule has an attempt do the next thing when its time has come.
func (s *simulation) schedule(a *clocked, position float64) {
	next := 1.0
	if a.reads < 2 {
		next = s.block[a.version.Tx].at[a.reads]
	}
	s.order++
	a.due, a.order, a.began = s.now+next-position, s.order, s.now
	heap.Push(&s.queue, a)
}

// position returns how far an attempt is that has made so many reads.
func (s *simulation) position(i framework.TxIndex, reads int) float64 {
	if reads == 0 {
		return 0
	}
	return s.block[i].at[reads-1]
}

// advance has an attempt do what is due.
func (s *simulation) advance(a *clocked) {
	i := a.version.Tx
	s.work += s.now - a.began
	if a.stopped || a.reads == 2 {
		s.finish(a)
		return
	}
	switch r := s.core.Read(a.version, s.block[i].keys[a.reads]); r.Kind {
	case Found:
		s.core.Answered(a.version)
		a.reads++
		s.schedule(a, s.position(i, a.reads))
	case Wait:
		a.parked = true
	case Ended:
		a.stopped = true
		s.finish(a)
	}
}

func (s *simulation) finish(a *clocked) {
	t := &s.block[a.version.Tx]
	delete(s.attempts, a.version.Tx)
	// Each attempt writes other values, so nothing is won by comparing them.
	n := word(uint64(a.version.Tx)<<20 | uint64(a.version.Inc) + 2) //nolint:gosec // not negative
	s.core.Finish(a.version, Result{Writes: []Write{{t.keys[0], n}, {t.keys[1], n}}})
}

// settle does what follows from an event.
func (s *simulation) settle() {
	for s.core.Final() {
		if _, _, ok := s.core.Commit(nil); ok {
			s.commits++
		}
	}
	for _, act := range s.core.Take() {
		if a := s.attempts[act.Version.Tx]; act.Kind == Stop && !a.parked {
			a.stopped = true
			for n, x := range s.queue {
				if x == a {
					a.due = s.now
					heap.Fix(&s.queue, n)
				}
			}
		}
	}
	s.dispatch()
}

func (s *simulation) dispatch() {
	for s.core.running < s.core.slots {
		a := s.core.Next()
		switch a.Kind {
		case Run:
			c := &clocked{version: a.Version, reads: a.From}
			s.attempts[a.Version.Tx] = c
			position := 0.0
			if a.From > 0 {
				position = s.block[a.Version.Tx].at[min(a.From, 1)]
			}
			s.schedule(c, position)
		case Resume:
			c := s.attempts[a.Version.Tx]
			c.parked = false
			c.due, c.began = s.now, s.now
			s.order++
			c.order = s.order
			heap.Push(&s.queue, c)
		default:
			return
		}
	}
}

// TestSimulate counts the time that blocks take when the machine itself takes none: what the order of execution alone
// allows. The least speed-ups are those that are to be reached.
func TestSimulate(t *testing.T) {
	early, late := [2]float64{0, 0}, [2]float64{0.15, 0.6}
	for _, c := range []struct {
		policy    string
		slots     int
		accounts  int
		at        [2]float64
		predicted int
		least     float64
	}{
		{"push", 2, 1000, early, 0, 1.9},
		{"push", 2, 100, early, 0, 1.9},
		{"full", 2, 10, early, 100, 1.75},
		{"full", 2, 10, early, 0, 1.4},
		{"full", 2, 2, early, 100, 1},
		{"full", 2, 2, early, 0, 0.98},
		{"full", 2, 10, late, 100, 1.9},
		{"paper", 16, 100, late, 0, 10},
		{"full", 16, 100, late, 0, 11.5},
		{"full", 16, 100, late, 90, 14},
		{"full", 16, 100, late, 100, 14.5},
		{"paper", 16, 10, late, 0, 1.8},
		{"push", 16, 10, late, 0, 1.8},
		{"full", 16, 10, late, 0, 2.5},
		{"full", 16, 10, late, 90, 2.7},
		{"full", 16, 10, late, 100, 2.95},
		{"full", 16, 2, late, 100, 1.15},
		{"full", 64, 1000, late, 90, 54},
	} {
		name := fmt.Sprintf("%s/slots=%d/accounts=%d/late=%t/predicted=%d", c.policy, c.slots, c.accounts, c.at == late, c.predicted)
		t.Run(name, func(t *testing.T) {
			p := policies()[c.policy]
			p.Parked, p.Window = 4*c.slots, max(64, 16*c.slots)
			var speedup, cpu float64
			const seeds, size = 3, 1000
			for seed := range uint64(seeds) {
				s, err := simulate(p, c.slots, transfers(size, c.accounts, c.at, c.predicted, seed))
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				speedup += size / s.now / seeds
				cpu += s.work / size / seeds
			}
			t.Logf("speed-up %.2f, work %.2f of serial", speedup, cpu)
			if speedup < c.least {
				t.Errorf("speed-up %.2f, want at least %.2f", speedup, c.least)
			}
		})
	}
}
