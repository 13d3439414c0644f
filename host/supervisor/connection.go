package supervisor

import (
	"context"
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
)

// connection is a link that a scheduler has of its own.
type connection struct {
	name    string
	user    *Handle
	to      *Handle // nil if what it leads to is built in
	builtin rpc.Opened
}

// Connect gives the scheduler, which runs in a process, a link of its own to a part that runs in one too.
func (s *Supervisor) Connect(ctx context.Context, kind plugin.Kind) error {
	return s.connect(ctx, &connection{name: string(kind), user: s.Handle(plugin.Scheduler), to: s.Handle(kind)})
}

// ConnectBuiltin gives the scheduler a link of its own to a part that is built into the host.
func (s *Supervisor) ConnectBuiltin(ctx context.Context, info plugin.Info, part any) error {
	return s.connect(ctx, &connection{
		name: string(info.Kind), user: s.Handle(plugin.Scheduler),
		builtin: rpc.Opened{Instance: string(info.Kind), Info: info, Part: part},
	})
}

func (s *Supervisor) connect(ctx context.Context, c *connection) error {
	s.linking.Lock()
	defer s.linking.Unlock()
	s.connections = append(s.connections, c)
	if err := c.link(ctx, s.linker()); err != nil {
		return fmt.Errorf("link of the scheduler to the %s: %w", c.name, err)
	}
	return nil
}

// linker returns what links parts that are built in.
func (s *Supervisor) linker() *linker.Linker {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.links == nil {
		s.links = linker.New(s.dir)
	}
	return s.links
}

// link makes the link, or makes it again.
func (c *connection) link(ctx context.Context, l *linker.Linker) error {
	if c.to == nil {
		return c.user.remote.ConnectBuiltin(ctx, c.name, l, c.builtin)
	}
	return c.user.remote.Connect(ctx, c.name, c.to.remote)
}

// reconnect makes the links of a process again that was started again. Where the other end is down, its own restart will
// do it. s.linking must be held.
func (s *Supervisor) reconnect(ctx context.Context, p *process) error {
	for _, c := range s.connections {
		if c.user.process != p && (c.to == nil || c.to.process != p) {
			continue
		}
		if c.down(p) {
			continue
		}
		if err := c.link(ctx, s.linker()); err != nil && !c.down(p) {
			return fmt.Errorf("link of the scheduler to the %s: %w", c.name, err)
		}
	}
	return nil
}

// down reports whether an end is down that is not in p.
func (c *connection) down(p *process) bool {
	for _, h := range []*Handle{c.user, c.to} {
		if h == nil || h.process == p {
			continue
		}
		now := h.process.current()
		if now == nil || now.Err() != nil {
			return true
		}
	}
	return false
}

// disconnect takes down what leads to a process that is lost, so that nobody waits for it.
func (s *Supervisor) disconnect(p *process) {
	s.linking.Lock()
	defer s.linking.Unlock()
	for _, c := range s.connections {
		if c.to != nil && c.to.process == p && c.user.process != p && c.user.process.current() != nil {
			if err := c.user.remote.Disconnect(s.ctx, c.name); err != nil {
				s.log.Warn("link stays", "link", c.name, "error", err)
			}
		}
	}
}

// Links returns the links of all parts that run in processes.
func (s *Supervisor) Links() []linker.Link {
	var all []linker.Link
	for _, kind := range plugin.Kinds() {
		if h := s.Handle(kind); h != nil {
			all = append(all, h.remote.Links()...)
		}
	}
	return slices.Clip(all)
}
