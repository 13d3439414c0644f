package supervisor

import (
	"context"
	"fmt"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/config"
)

// Handle is a part that runs in a process, whichever process that is by now.
type Handle struct {
	process *process
	kind    plugin.Kind
	part    config.Part
	remote  *linker.Remote
	store   *store // nil for other kinds

	// instance changes with the process, under the supervisor's linking.
	instance *rpc.Instance
}

// begin makes the part ready for use.
func (h *Handle) begin(ctx context.Context) error {
	if h.kind != plugin.Store {
		return nil
	}
	h.store = &store{Store: h.remote.Store(), h: h}
	return h.store.begin(ctx)
}

// Scheduler returns the part, which must be one. A run whose scheduler dies begins again, from the start of the block.
func (h *Handle) Scheduler() framework.Scheduler { return &scheduler{h.remote.Scheduler(), h} }

// VM returns the part, which must be one. What it executes when it dies is executed again.
func (h *Handle) VM() framework.VM { return h.remote.VM() }

// Store returns the part, which must be one. It has all that it sealed and staged when it has died.
func (h *Handle) Store() framework.Store { return h.store }

// Info says who the part is.
func (h *Handle) Info() plugin.Info {
	h.process.s.linking.Lock()
	defer h.process.s.linking.Unlock()
	return h.instance.Info()
}

// Health returns how the part is: failing while its process is down.
func (h *Handle) Health(ctx context.Context) plugin.Health {
	p := h.process
	p.mu.Lock()
	now, why, lost := p.now, p.why, p.lost
	p.mu.Unlock()
	switch {
	case lost != nil:
		return plugin.Health{Status: plugin.Failing, Reason: lost.Error()}
	case now == nil:
		return plugin.Health{Status: plugin.Failing, Reason: fmt.Sprintf("it is started again: %v", why)}
	}
	p.s.linking.Lock()
	instance := h.instance
	p.s.linking.Unlock()
	health, err := instance.Health(ctx)
	if err != nil {
		return plugin.Health{Status: plugin.Failing, Reason: err.Error()}
	}
	return health
}

// Restarts returns how often the process of the part was started again.
func (h *Handle) Restarts() int {
	h.process.mu.Lock()
	defer h.process.mu.Unlock()
	return h.process.restarts
}

// PID returns the number of the part's process, 0 while it is down.
func (h *Handle) PID() int {
	if now := h.process.current(); now != nil {
		return now.PID()
	}
	return 0
}

// Path returns the program that the process runs.
func (h *Handle) Path() string { return h.process.command.Path }

// broken is how long a process may live on whose link has broken.
const broken = 2 * time.Second

// mark is how often processes had been started again when a call was made: the one of the part, and all.
type mark struct{ own, all int }

func (h *Handle) mark() mark { return mark{h.Restarts(), h.process.s.restarts()} }

// again waits until a call that was made at m and came to ErrPluginGone can be made again: until the process of the part
// has been started again, or another one that the part uses. It returns why that will not happen.
func (h *Handle) again(ctx context.Context, m mark) error {
	p := h.process
	dying := time.NewTicker(broken)
	defer dying.Stop()
	for {
		p.mu.Lock()
		now, count, changed := p.now, p.restarts, p.changed
		p.mu.Unlock()
		if err := p.s.lost(); err != nil {
			return err
		}
		if now != nil && count > m.own {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-dying.C:
			switch {
			case now == nil || p.s.down():
			case p.s.restarts() > m.all:
				return nil
			default:
				_ = end(now) // it lives, but cannot be reached
			}
		}
	}
}

// restarts returns how often processes have been started again.
func (s *Supervisor) restarts() int {
	n := 0
	for _, p := range s.all() {
		p.mu.Lock()
		n += p.restarts
		p.mu.Unlock()
	}
	return n
}

// down reports whether a process is down.
func (s *Supervisor) down() bool {
	for _, p := range s.all() {
		if p.current() == nil {
			return true
		}
	}
	return false
}

// lost returns why a process will not be started again, nil if all will: without one part the others are of no use.
func (s *Supervisor) lost() error {
	for _, p := range s.all() {
		p.mu.Lock()
		err := p.lost
		p.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}
