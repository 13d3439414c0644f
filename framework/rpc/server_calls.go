package rpc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// Schema implements the call.
func (s *Server) Schema(_ context.Context, q *pb.SchemaRequest) (*pb.SchemaResponse, error) {
	r := &pb.SchemaResponse{}
	err := func() error {
		f, err := findFactory(s.config.Plugins, fromKind(q.GetKind()), q.GetId())
		if err != nil {
			return err
		}
		schema := f.Schema()
		schema["$schema"] = SchemaDialect
		if r.Schema, err = json.Marshal(schema); err != nil {
			return err
		}
		r.Defaults, err = json.Marshal(plugin.Plain(f.Defaults()))
		return err
	}()
	r.Error = toError(err)
	return r, nil
}

// SchemaDialect is what the schemas of plugins say of the language that they are in.
const SchemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Configure implements the call.
func (s *Server) Configure(_ context.Context, q *pb.ConfigureRequest) (*pb.ConfigureResponse, error) {
	r := &pb.ConfigureResponse{}
	r.Diagnostics, r.Error = toDiagnostics(s.configure(q))
	return r, nil
}

func (s *Server) configure(q *pb.ConfigureRequest) error {
	if q.GetInstance() == "" {
		return errors.New("an instance needs a name")
	}
	f, err := findFactory(s.config.Plugins, fromKind(q.GetKind()), q.GetId())
	if err != nil {
		return err
	}
	section, err := decodeConfig(q.GetConfig())
	if err != nil {
		return err
	}
	err = guarded(f.Info, func() error {
		_, err := f.Configure(section)
		return err
	})
	if err != nil {
		return err
	}
	return s.name(q.GetInstance(), f, section)
}

// name makes an instance of that name, or gives it another configuration.
func (s *Server) name(name string, f plugin.Factory, section map[string]any) error {
	i := s.findOrMake(name)
	defer i.mu.Unlock()
	if s.opened(i) != nil {
		return fmt.Errorf("instance %q is running", name)
	}
	i.factory, i.section = f, section
	return nil
}

// findOrMake returns the instance of that name, new if there is none, and locks it. The caller unlocks it.
func (s *Server) findOrMake(name string) *instance {
	for {
		s.mu.Lock()
		if s.instances[name] == nil {
			s.instances[name] = &instance{name: name, links: map[string]bool{}}
			s.drained = false
		}
		s.mu.Unlock()
		if i, err := s.find(name); err == nil {
			return i
		} // it was removed while we waited
	}
}

// Start implements the call.
func (s *Server) Start(ctx context.Context, q *pb.StartRequest) (*pb.StartResponse, error) {
	r := &pb.StartResponse{}
	r.Diagnostics, r.Error = toDiagnostics(s.start(ctx, q.GetInstance()))
	return r, nil
}

func (s *Server) start(ctx context.Context, name string) error {
	i, err := s.find(name)
	if err != nil {
		return err
	}
	defer i.mu.Unlock()
	if s.opened(i) != nil {
		return fmt.Errorf("instance %q is running", name)
	}
	part, err := open(ctx, i.factory, i.section)
	if err != nil {
		s.remove(i)
		return err
	}
	o := &Opened{Instance: name, Info: i.factory.Info, Part: part}
	if err := context.Cause(ctx); err != nil { // the host has given up
		s.remove(i)
		return errors.Join(err, closePart(o))
	}
	m, err := newMetrics(o)
	if err != nil {
		s.remove(i)
		return errors.Join(err, closePart(o))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i.opened, i.metrics = o, m
	return nil
}

// remove forgets i. The caller holds its lock.
func (s *Server) remove(i *instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.opened = nil
	if s.instances[i.name] == i {
		delete(s.instances, i.name)
	}
}

// Stop implements the call.
func (s *Server) Stop(ctx context.Context, q *pb.StopRequest) (*pb.StopResponse, error) {
	if ms := q.GetDeadlineMs(); ms > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
		defer cancel()
	}
	if q.GetInstance() == "" {
		return &pb.StopResponse{Error: toError(s.stopAll(ctx))}, nil
	}
	return &pb.StopResponse{Error: toError(s.stop(ctx, q.GetInstance()))}, nil
}

func (s *Server) stop(ctx context.Context, name string) error {
	i, err := s.find(name)
	if errors.Is(err, framework.ErrClosed) {
		return nil
	}
	if err != nil {
		return err
	}
	defer i.mu.Unlock()
	o := s.opened(i)
	s.remove(i)
	if o == nil {
		return nil
	}
	var errs []error
	for link := range i.links {
		errs = append(errs, guarded(o.Info, func() error { return s.config.Linker.Detach(ctx, o, link) }))
	}
	errs = append(errs, closePart(o))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("stop %s: %w", name, err)
	}
	return nil
}

// stopAll stops the instances, those first that use others: schedulers, then VMs, then stores.
func (s *Server) stopAll(ctx context.Context) error {
	all, err := s.list("")
	errs := []error{err}
	slices.SortStableFunc(all, func(a, b *instance) int { return cmp.Compare(s.rank(a), s.rank(b)) })
	for _, i := range all {
		errs = append(errs, s.stop(ctx, i.name))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drained = len(s.instances) == 0
	return errors.Join(errs...)
}

// rank returns the place of an instance in the order in which instances are stopped.
func (s *Server) rank(i *instance) int {
	if o := s.opened(i); o != nil {
		return slices.Index(plugin.Kinds(), o.Info.Kind)
	}
	return -1
}

// Health implements the call.
func (s *Server) Health(ctx context.Context, q *pb.HealthRequest) (*pb.HealthResponse, error) {
	all, err := s.list(q.GetInstance())
	if err != nil {
		return &pb.HealthResponse{Error: toError(err)}, nil
	}
	var worst plugin.Health
	for _, i := range all {
		if h := s.health(ctx, i); h.Status > worst.Status {
			worst = h
		}
	}
	return &pb.HealthResponse{Status: pb.Status(worst.Status) + pb.Status_STATUS_SERVING, Reason: text(worst.Reason)}, nil
}

// health asks one instance. It does not wait for calls that change the instance.
func (s *Server) health(ctx context.Context, i *instance) (h plugin.Health) {
	o := s.opened(i)
	if o == nil {
		return plugin.Health{}
	}
	asked, ok := plugin.As[plugin.Healther](o.Part)
	if !ok {
		return plugin.Health{}
	}
	err := guarded(o.Info, func() error {
		h = asked.Health(ctx)
		return nil
	})
	if err != nil {
		h = plugin.Health{Status: plugin.Failing, Reason: err.Error()}
	}
	if h.Status > plugin.Failing {
		h.Status = plugin.Failing
	}
	if h.Reason != "" {
		h.Reason = i.name + ": " + h.Reason
	}
	return h
}

// SetLogLevel implements the call.
func (s *Server) SetLogLevel(_ context.Context, q *pb.SetLogLevelRequest) (*pb.SetLogLevelResponse, error) {
	if s.config.Level == nil {
		return &pb.SetLogLevelResponse{Error: toError(framework.ErrUnsupported)}, nil
	}
	s.config.Level.Set(slog.Level(q.GetLevel()))
	return &pb.SetLogLevelResponse{}, nil
}

// Listen implements the call.
func (s *Server) Listen(ctx context.Context, q *pb.ListenRequest) (*pb.ListenResponse, error) {
	r := &pb.ListenResponse{}
	err := s.link(q.GetInstance(), q.GetLink(), func(o *Opened) error {
		offer, err := s.config.Linker.Listen(ctx, o, q.GetLink(), fromPeer(q.GetPeer()))
		r.Carrier, r.Address, r.Token = offer.Carrier, offer.Address, offer.Token
		return err
	})
	r.Error = toError(err)
	return r, nil
}

// Attach implements the call.
func (s *Server) Attach(ctx context.Context, q *pb.AttachRequest) (*pb.AttachResponse, error) {
	err := s.link(q.GetInstance(), q.GetLink(), func(o *Opened) error {
		offer := Offer{Carrier: q.GetCarrier(), Address: q.GetAddress(), Token: q.GetToken()}
		return s.config.Linker.Attach(ctx, o, q.GetLink(), fromPeer(q.GetPeer()), offer)
	})
	return &pb.AttachResponse{Error: toError(err)}, nil
}

// link calls f, which makes a link of an instance, and remembers the link.
func (s *Server) link(name, link string, f func(*Opened) error) error {
	if s.config.Linker == nil {
		return fmt.Errorf("link %s: %w", name, framework.ErrUnsupported)
	}
	i, o, err := s.running(name)
	if err != nil {
		return err
	}
	defer i.mu.Unlock()
	if err := guarded(o.Info, func() error { return f(o) }); err != nil {
		return err
	}
	i.links[link] = true
	return nil
}

// Detach implements the call.
func (s *Server) Detach(ctx context.Context, q *pb.DetachRequest) (*pb.DetachResponse, error) {
	i, o, err := s.running(q.GetInstance())
	if errors.Is(err, framework.ErrClosed) {
		return &pb.DetachResponse{}, nil
	}
	if err != nil {
		return &pb.DetachResponse{Error: toError(err)}, nil
	}
	defer i.mu.Unlock()
	if !i.links[q.GetLink()] {
		return &pb.DetachResponse{}, nil
	}
	delete(i.links, q.GetLink())
	err = guarded(o.Info, func() error { return s.config.Linker.Detach(ctx, o, q.GetLink()) })
	return &pb.DetachResponse{Error: toError(err)}, nil
}
