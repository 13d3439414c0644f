package blockstm

import (
	"context"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// Scheduler executes blocks. Make it with New. Between blocks it keeps nothing but how far the VM's predictions can
// be trusted.
type Scheduler struct {
	config Config
	rules  *rules
	rooms  sync.Pool // of *room, not in use
}

// room is memory that one block after the other uses.
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

// Run implements [framework.Scheduler].
func (s *Scheduler) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	if err := ctx.Err(); err != nil {
		return framework.Stats{}, err
	}
	workers := s.config.workers()
	if workers == 1 && !s.config.ForceWorkers {
		return newSequence(ctx, j).run(ctx)
	}
	room := s.rooms.Get().(*room)
	defer s.rooms.Put(room)
	r := newRun(ctx, j, s, workers, room)
	defer r.cancel()
	watched := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(watched)
		r.cancelled(ctx.Err())
	})
	r.feed()
	r.listen()
	r.hands.Wait()
	if !unwatch() {
		<-watched
	}
	return r.result()
}
