package schedtest

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

var loadTests = []test{
	{"long block", func(s *suite, t conform.T) { s.long(t, independent(5000)) }},
	{"long block of additions", func(s *suite, t conform.T) { s.long(t, adders(3000)) }},
	{"long chain", func(s *suite, t conform.T) { s.equal(t, play{scene: chain(1000)}) }},
	{"counter again and again", loadCounter},
	{"two accounts again and again", loadBank},
	{"two blocks at once", loadTwo},
	{"many blocks one after the other", loadMany},
	{"other numbers of processors", loadProcs},
	{"delays", loadDelays},
}

// maxHeap is by how much the heap may grow while a long block runs.
const maxHeap = 64 << 20

// long runs a long block and checks that memory is bounded.
func (s *suite) long(t conform.T, b *scene) {
	t.Helper()
	sched := s.open(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := s.equal(t, play{scene: b, sched: sched})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapAlloc > before.HeapAlloc+maxHeap {
		t.Errorf("the heap has grown from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
	}
	if limit := uint64(3 * len(b.txs)); r.stats.Executions > limit {
		t.Errorf("%d attempts at %d transactions without conflicts", r.stats.Executions, len(b.txs))
	}
}

// loadCounter: everyone conflicts with everyone, many times over: what is lost rarely is lost here.
func loadCounter(s *suite, t conform.T) {
	sched := s.open(t)
	for i := range 60 {
		s.equal(t, play{scene: counter(10 + i%30), sched: sched})
	}
}

// loadBank: the same with reads and writes of two cells.
func loadBank(s *suite, t conform.T) {
	sched := s.open(t)
	for i := range 40 {
		s.equal(t, play{scene: bank(2, 20+i%20), sched: sched})
	}
}

// loadTwo: several blocks at once on one scheduler do not get into each other's way.
func loadTwo(s *suite, t conform.T) {
	sched := s.open(t)
	before := goroutines()
	var wg sync.WaitGroup
	for i := range 3 {
		b := mixed(60).with(set(0, word(uint64(i)*1000)))
		wg.Go(func() {
			want := b.oracle(t.Context())
			p := play{scene: b, sched: sched, ctx: t.Context(), wrap: s.wrap(t)}
			r := p.start(t, s.Deadline)
			defer r.guard.retire()
			if d := differsAll(want, r.finals); d != "" || r.err != nil {
				t.Errorf("block %d: %s, error %v", i, d, r.err)
			}
		})
	}
	wg.Wait()
	settle(t, before)
}

// loadMany: nothing of a block is left for the next one.
func loadMany(s *suite, t conform.T) {
	sched := s.open(t)
	for i, b := range []*scene{counter(9), adders(30), failures(20), newScene(), independent(3), mixed(30)} {
		b.block.Number = framework.BlockNumber(i)
		s.equal(t, play{scene: b, sched: sched})
	}
}

// loadProcs: how many processors there are makes no difference.
func loadProcs(s *suite, t conform.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 4, 8} {
		t.Run(fmt.Sprint(n), func(t conform.T) {
			runtime.GOMAXPROCS(n)
			for _, b := range []*scene{mixed(40), adders(40), pointers(40), counter(30), chain(30)} {
				s.equal(t, play{scene: b})
			}
		})
	}
}

// loadDelays: how long attempts and the base take makes no difference.
func loadDelays(s *suite, t conform.T) {
	for seed := range uint64(8) {
		for _, b := range []*scene{mixed(40), adders(40), pointers(40)} {
			want := b.oracle(t.Context())
			shaken(b, seed)
			r := s.run(t, play{scene: b})
			if d := differsAll(want, r.finals); d != "" || r.err != nil {
				t.Errorf("delays of seed %d: %s, error %v", seed, d, r.err)
			}
		}
	}
}
