package ahead

import (
	"context"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
)

// prefetcher is a state that is in another process.
type prefetcher interface {
	// Prefetch fetches cells, returns at once, and has told called with what has come, not after the state is closed.
	Prefetch(keys []framework.Key, told func([]framework.Write))
}

// scheduler is a scheduler whose jobs are prepared.
type scheduler struct{ framework.Scheduler }

// New returns a scheduler that executes like s, with less waiting for a base state that is far away.
func New(s framework.Scheduler) framework.Scheduler { return &scheduler{s} }

// Unwrap returns the scheduler itself; see plugin.As.
func (s *scheduler) Unwrap() any { return s.Scheduler }

// Run implements [framework.Scheduler].
func (s *scheduler) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	base, far := j.Base.(prefetcher)
	predictor, predicts := j.VM.(framework.Predictor)
	if !far || !predicts {
		return s.Scheduler.Run(ctx, j)
	}
	r := &run{
		base: base, predictor: predictor, feed: j.Feed,
		made: map[framework.Word][]framework.Predicted{}, reads: map[framework.TxIndex][]framework.Key{},
	}
	r.publisher, _ = j.VM.(framework.Publisher)
	defer r.end()
	j.Feed, j.VM, j.Final = r, r.executor(j.VM), r.final(j.Final)
	return s.Scheduler.Run(ctx, j)
}

// run is one job.
type run struct {
	base      prefetcher
	predictor framework.Predictor
	publisher framework.Publisher // nil if the VM is none
	feed      framework.Feed
	wg        sync.WaitGroup // of goroutines that guess

	// Used by whoever calls Next.
	txs     []framework.Tx // handed out by the feed, and not yet by Next
	guessed chan struct{}  // closed when the guesses for the first of txs are made; nil if nobody makes them

	mu     sync.Mutex                               // guards all below
	over   bool                                     // the scheduler has returned
	asks   bool                                     // the scheduler asks for guesses
	made   map[framework.Word][]framework.Predicted // guesses that the scheduler has not asked for, by ID
	handed []*framework.Tx                          // what Next has returned; nil when it is final
	reads  map[framework.TxIndex][]framework.Key    // of the last attempts, if the scheduler does not ask
}

// end waits for what runs beside the scheduler. Nothing of the job is used after it.
func (r *run) end() {
	r.wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}
