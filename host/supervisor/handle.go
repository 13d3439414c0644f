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

// again waits until the process has been started again after that many restarts, because a link with it has broken. It
// returns why that will not happen.
func (h *Handle) again(ctx context.Context, restarts int) error {
	p := h.process
	dying := time.NewTimer(broken)
	defer dying.Stop()
	for {
		p.mu.Lock()
		now, lost, count, changed := p.now, p.lost, p.restarts, p.changed
		p.mu.Unlock()
		switch {
		case lost != nil:
			return lost
		case now != nil && count > restarts:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-dying.C:
			if now != nil {
				_ = end(now) // it lives, but cannot be reached
			}
		}
	}
}
