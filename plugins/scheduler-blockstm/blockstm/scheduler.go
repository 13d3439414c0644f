package blockstm

import (
	"context"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// Scheduler executes blocks. Make it with New. Between blocks it keeps nothing but how far the VM's predictions can
// be trusted, and whether they are worth their time.
type Scheduler struct {
	config Config
	rules  *rules
	worth  worth
	rooms  sync.Pool // of *room, not in use
}

// room is memory that one block after the other uses, unless the machine has failed in it.
type room struct {
	keys *keys
	core core.Core
}

var _ framework.Scheduler = (*Scheduler)(nil)

// New returns a scheduler, or an error that names the key of the configuration that is wrong.
func New(c Config) (*Scheduler, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("blockstm: %w", err)
	}
	s := &Scheduler{config: c, rules: newRules()}
	s.rooms.New = func() any { return &room{keys: newKeys()} }
	return s, nil
}

// Workers returns how many attempts run at once.
func (s *Scheduler) Workers() int { return s.config.workers() }

// Run implements [framework.Scheduler].
func (s *Scheduler) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	if err := ctx.Err(); err != nil {
		return framework.Stats{}, err
	}
	workers := s.config.workers()
	first := newSequence(ctx, j)
	if s.config.ForceWorkers {
		return s.parallel(ctx, first, nil, workers)
	}
	first.trial = workers > 1
	rest, over, err := first.run(ctx)
	if over {
		return first.stats, err
	}
	return s.parallel(ctx, first, rest, workers)
}

// parallel executes what first has left, with what it has taken from the feed.
func (s *Scheduler) parallel(ctx context.Context, first *sequence, rest []framework.Tx, workers int) (framework.Stats, error) {
	room := s.rooms.Get().(*room)
	r := newRun(ctx, first, s, workers, room)
	defer r.cancel()
	watched := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(watched)
		r.cancelled(ctx.Err())
	})
	r.feed(rest)
	r.listen()
	r.hands.Wait()
	if !unwatch() {
		<-watched
	}
	if r.broken {
		return r.fallback(ctx)
	}
	defer s.rooms.Put(room)
	return r.result()
}
