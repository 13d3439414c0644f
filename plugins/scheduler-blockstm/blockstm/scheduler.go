package blockstm

import (
	"context"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
)

// Scheduler executes blocks. Make it with New. Between blocks it keeps nothing but how far the VM's predictions can
// be trusted.
type Scheduler struct {
	config Config
	rules  *rules
}

var _ framework.Scheduler = (*Scheduler)(nil)

// New returns a scheduler, or an error that names the key of the configuration that is wrong.
func New(c Config) (*Scheduler, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("blockstm: %w", err)
	}
	return &Scheduler{config: c, rules: newRules()}, nil
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
	r := newRun(ctx, j, s, workers)
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
