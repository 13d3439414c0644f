package supervisor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/config"
)

// process is a process that is kept running.
type process struct {
	s              *Supervisor
	name           string
	exec, checksum string
	command        rpc.Command
	limits         config.Limits
	handles        []*Handle // the parts in it; fixed once Open has returned

	mu       sync.Mutex
	now      *rpc.Process  // nil while it is down; guarded by mu
	since    time.Time     // when it was started; guarded by mu
	deaths   int           // in a row; guarded by mu
	restarts int           // guarded by mu
	why      error         // why it is down; guarded by mu
	lost     error         // why it stays down; guarded by mu
	changed  chan struct{} // closed and replaced when any of these changes; guarded by mu
}

// current returns the process that is running, nil if it is down.
func (p *process) current() *rpc.Process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// change changes what mu guards.
func (p *process) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
}

// launch starts the process within its limits.
func (p *process) launch(ctx context.Context) (*rpc.Process, error) {
	running, err := rpc.Launch(ctx, p.command)
	if err != nil {
		return nil, err
	}
	if err := limit(running.PID(), p.limits); err != nil {
		return nil, errors.Join(fmt.Errorf("limits of %s: %w", p.name, err), end(running))
	}
	return running, nil
}

// end ends a process that nobody waits for, at once, and frees what it held.
func end(p *rpc.Process) error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	err := p.Stop(now)
	if errors.Is(err, context.Canceled) {
		return nil // killed, as it should be
	}
	return err
}

// errHangs says that a process does not answer.
var errHangs = errors.New("it does not answer")

// watch looks after the process until ctx ends or it is lost.
func (p *process) watch(ctx context.Context) {
	var tick <-chan time.Time
	if p.s.policy.Check > 0 {
		t := time.NewTicker(p.s.policy.Check)
		defer t.Stop()
		tick = t.C
	}
	for {
		now := p.current()
		why := error(nil)
		select {
		case <-ctx.Done():
			return
		case <-now.Done():
			why = now.Err()
		case <-tick:
			if why = p.sick(ctx, now); why == nil {
				continue
			}
		}
		if ctx.Err() != nil || !p.recover(ctx, now, why) {
			return
		}
	}
}

// sick asks the process how it is and returns why it has to be started again, nil if it has not.
func (p *process) sick(ctx context.Context, now *rpc.Process) error {
	ctx, cancel := context.WithTimeout(ctx, p.s.policy.Answer)
	defer cancel()
	h, err := now.Health(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w within %v: %w", p.name, errHangs, p.s.policy.Answer, framework.ErrPluginGone)
	case err != nil:
		return nil // if it has ended, Done says so
	case h.Status == plugin.Failing:
		return fmt.Errorf("%s: it says that it fails: %s: %w", p.name, h.Reason, framework.ErrPluginGone)
	case h.Status == plugin.Degraded:
		p.s.log.Warn("plugin is degraded", "plugin", p.name, "reason", h.Reason)
	}
	return nil
}

// recover starts the process again, as often as the budget allows. It reports false if that was too often, or ctx has
// ended.
func (p *process) recover(ctx context.Context, old *rpc.Process, why error) bool {
	p.s.linking.Lock()
	p.change(func() { p.now, p.why = nil, why })
	p.s.linking.Unlock()
	for {
		p.s.log.Warn("plugin is down", "plugin", p.name, "pid", old.PID(), "error", why)
		_ = end(old) // it died; what it left is removed
		deaths := p.count()
		if deaths > p.s.policy.Budget {
			p.lose(fmt.Errorf("gave up after %d restarts: %w", deaths-1, why))
			return false
		}
		if !wait(ctx, p.pause(deaths)) {
			return false
		}
		next, err := p.restart(ctx)
		if err == nil {
			p.s.log.Info("plugin started again", "plugin", p.name, "pid", next.PID(), "deaths", deaths)
			return true
		}
		if next != nil {
			old = next
			_ = end(next) // started, but not as it should be
		}
		if ctx.Err() != nil {
			return false
		}
		if lostBlocks := (*lostBlocksError)(nil); errors.As(err, &lostBlocks) {
			p.lose(err)
			return false
		}
		why = err
	}
}

// count counts one more death and returns how many there were in a row.
func (p *process) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.since) > p.s.policy.Healthy {
		p.deaths = 0
	}
	p.deaths++
	return p.deaths
}

// pause returns how long to wait before the restart after so many deaths: twice as long every time, give or take a
// fifth, so that processes which died together do not start together.
func (p *process) pause(deaths int) time.Duration {
	if deaths < 2 {
		return 0
	}
	d := p.s.policy.Backoff << min(deaths-2, 20)
	d = min(d, p.s.policy.Longest)
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// wait waits, and reports false if ctx ends before.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// restart starts the process once, and links its parts as they were. If it fails after the launch, it returns the
// process too, for who frees it.
func (p *process) restart(ctx context.Context) (*rpc.Process, error) {
	next, err := p.launch(ctx)
	if err != nil {
		return nil, err
	}
	instances := make([]*rpc.Instance, len(p.handles))
	for i, h := range p.handles {
		instances[i], err = next.Open(ctx, h.kind, h.part.Use, string(h.kind), h.part.Config)
		if err == nil && h.store != nil {
			err = linker.Use(ctx, instances[i], func(part any) error { return h.store.restore(ctx, part) })
		}
		if err != nil {
			return next, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	p.s.linking.Lock()
	defer p.s.linking.Unlock()
	for i, h := range p.handles {
		h.instance = instances[i]
		if err := h.remote.Relink(ctx, h.instance); err != nil {
			return next, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if err := p.s.reconnect(ctx, p); err != nil {
		return next, err
	}
	p.change(func() {
		p.now, p.why, p.since = next, nil, time.Now()
		p.restarts++
	})
	return next, nil
}

// lose gives the process up: whoever waits for its parts gets err.
func (p *process) lose(err error) {
	if !errors.Is(err, framework.ErrPluginGone) {
		err = fmt.Errorf("%w: %w", framework.ErrPluginGone, err)
	}
	p.s.log.Error("plugin is lost", "plugin", p.name, "error", err)
	p.change(func() { p.lost = err })
	for _, h := range p.handles {
		h.remote.Lost(err)
	}
	p.s.disconnect(p)
}

// close ends the process for good.
func (p *process) close(ctx context.Context) error {
	now := p.current()
	p.change(func() {
		p.now = nil
		if p.lost == nil {
			p.lost = framework.ErrClosed
		}
	})
	if now == nil {
		return nil
	}
	return now.Stop(ctx)
}
