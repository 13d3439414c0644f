package schedtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

var randomTests = []test{{"blocks", randomBlocks}}

// randomBlocks runs Config.Blocks random blocks.
func randomBlocks(s *suite, t conform.T) {
	sched := s.open(t)
	before := goroutines()
	for i := range s.Blocks {
		seed := s.Seed + uint64(i)
		if err := compare(t.Context(), sched, seed, s.wrap(t), s.Deadline); err != nil {
			t.Fatalf("%v", err)
		}
		settle(t, before)
	}
}

// Compare executes one random block on s and returns an error, which names the seed, if it differs from serial
// execution, or if the scheduler breaks another of its promises on the way. Everything about the block follows from
// seed: the transactions, the abilities of the VM, how transactions arrive, where the block ends, when
// the run is cancelled. It is made for fuzzing and for long runs.
func Compare(ctx context.Context, s framework.Scheduler, seed uint64) error {
	const deadline = time.Minute
	return compare(ctx, s, seed, nil, deadline)
}

func compare(ctx context.Context, s framework.Scheduler, seed uint64, wrap func(framework.Job) framework.Job,
	deadline time.Duration) error {
	var w wrongs
	r, err := newRandomRun(seed)
	if err != nil {
		return fmt.Errorf("seed %d: %w", seed, err)
	}
	r.sched, r.wrap = s, wrap
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.ctx, r.cancel = ctx, cancel
	want := r.oracle(ctx)
	stop := r.push()
	res := r.start(&w, deadline)
	stop()
	res.guard.retire()
	r.judge(&w, want, &res)
	if len(w.all) > 0 {
		return fmt.Errorf("seed %d (%s): %w", seed, r.what, errors.Join(w.all...))
	}
	return nil
}

// wrongs is a reporter that collects.
type wrongs struct {
	mu  sync.Mutex
	all []error // guarded by mu
}

// Helper implements reporter.
func (*wrongs) Helper() {}

// Errorf implements reporter.
func (w *wrongs) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, fmt.Errorf(format, args...))
}

// randomRun is a random block and what happens while it is executed.
type randomRun struct {
	play
	rnd    *rand.Rand
	what   string
	queue  *framework.Queue
	pushed int // transactions that were in the queue at first

	cancel   func()
	cancelAt int // how many finals are handed out before the run is cancelled; -1: never
	endAt    int // how many finals are handed out before the end is sent; -1: never; 0: before the run
	end      framework.TxIndex
	ended    bool
	handed   int // finals that came out
	most     int // finals that may come out
}

func newRandomRun(seed uint64) (*randomRun, error) {
	r := &randomRun{rnd: rand.New(rand.NewPCG(seed, 3)), cancelAt: -1, endAt: -1}
	if err := r.block(seed); err != nil {
		return nil, err
	}
	r.abilities(seed)
	n := len(r.txs)
	r.most = n
	if r.rnd.IntN(2) == 0 {
		r.endAt, r.end = r.rnd.IntN(n+1), framework.TxIndex(r.rnd.IntN(n+3))
	}
	if r.rnd.IntN(8) == 0 {
		r.cancelAt = r.rnd.IntN(n)
	}
	r.pushed = n
	if r.rnd.IntN(2) == 0 {
		r.pushed = r.rnd.IntN(n + 1)
	}
	r.queue = framework.NewQueue(r.txs[:r.pushed]...)
	r.play.feed, r.play.end, r.play.final = r.queue, r.queue.End(), r.final
	if r.endAt == 0 {
		r.endBlock()
	}
	r.what += fmt.Sprintf(", %d transactions, %d of them at first", n, r.pushed)
	if r.endAt >= 0 {
		r.what += fmt.Sprintf(", end %d after %d finals", r.end, r.endAt)
	}
	if r.cancelAt >= 0 {
		r.what += fmt.Sprintf(", cancelled after %d", r.cancelAt)
	}
	return r, nil
}

// block chooses the transactions and their VM.
func (r *randomRun) block(seed uint64) (err error) {
	n := 1 + r.rnd.IntN(40)
	if r.rnd.IntN(4) == 0 {
		r.scene, r.what = toys(seed, n), "toy"
		return nil
	}
	names := []string{"random", "random", "random", "p2p", "counter", "chain"}
	spec := workload.Spec{
		Name:         names[r.rnd.IntN(len(names))],
		Transactions: n,
		Accounts:     1 + r.rnd.IntN(12),
		Seed:         seed,
		FailPct:      r.rnd.IntN(20),
		Fee:          []string{"none", "key", "add"}[r.rnd.IntN(3)],
	}
	config := synthetic.Config{Impossible: []string{"fault", "loop"}[r.rnd.IntN(2)], Misbehave: "fault"}
	if r.rnd.IntN(4) == 0 {
		config.Every = 1 + r.rnd.Uint64N(10)
	}
	r.what = spec.Name
	r.scene, err = synthesize(spec, config)
	return err
}

// abilities chooses what the VM can do, and how long it takes.
func (r *randomRun) abilities(seed uint64) {
	rewinder, _ := r.vm.(framework.Rewinder)
	predictor, _ := r.vm.(framework.Predictor)
	var publisher framework.Publisher
	if r.rnd.IntN(3) == 0 {
		rewinder = nil
		r.what += ", no checkpoints"
	}
	if predictor != nil && r.rnd.IntN(3) == 0 {
		predictor = &liar{predictor, seed}
		r.what += ", wrong guesses"
	}
	if r.rnd.IntN(2) == 0 {
		publisher = deaf{}
		r.what += ", publishing"
	}
	r.vm = framework.Combine(r.vm, rewinder, predictor, publisher)
	if r.rnd.IntN(3) == 0 {
		shaken(r.scene, seed)
		r.what += ", delays"
	}
}

// push fills the queue while the run goes on. stop waits for it.
func (r *randomRun) push() (stop func()) {
	var wg sync.WaitGroup
	rnd := rand.New(rand.NewPCG(r.rnd.Uint64(), 4))
	wg.Go(func() {
		for rest := r.txs[r.pushed:]; len(rest) > 0; {
			n := 1 + rnd.IntN(len(rest))
			yield(rnd.IntN(200))
			r.queue.Push(rest[:n]...)
			rest = rest[n:]
		}
		r.queue.Close()
	})
	return wg.Wait
}

// final is the host: it ends the block, or cancels the run, when it has seen enough.
func (r *randomRun) final(f []framework.Final) error {
	r.handed += len(f)
	if r.endAt > 0 && r.handed >= r.endAt {
		r.endAt = -1
		r.endBlock()
	}
	if r.cancelAt >= 0 && r.handed > r.cancelAt {
		r.cancelAt = -1
		r.cancel()
	}
	return nil
}

func (r *randomRun) endBlock() {
	r.ended = true
	r.queue.EndAt(r.end)
	r.most = max(min(len(r.txs), int(r.end)), r.handed)
}

// judge compares what came out with what should have.
func (r *randomRun) judge(w *wrongs, want []framework.Final, res *result) {
	got := len(res.finals)
	if got > r.most {
		w.Errorf("%d finals, want no more than %d", got, r.most)
		return
	}
	if d := differsAll(want[:got], res.finals); d != "" {
		w.Errorf("not the result of serial execution: %s", d)
	}
	switch {
	case r.ctx.Err() != nil && errors.Is(res.err, context.Canceled):
		return
	case res.err != nil:
		w.Errorf("Run: %w", res.err)
		return
	}
	least := len(r.txs)
	if r.ended {
		least = min(least, int(r.end))
	}
	if got < least {
		w.Errorf("%d finals, want %d", got, least)
	}
	checkStats(w, res)
	checkForgotten(w, res)
	checkPublished(w, res)
}
