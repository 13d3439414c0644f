package schedlink_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/schedlink"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/framework/schedtest/optimistic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// local is a VM and a store of the scheduler's own process: those of the job that was wrapped last.
type local struct {
	mu  sync.Mutex
	job map[string]framework.Job
}

func (l *local) VM(name string) (framework.VM, error) { return l.find(name) }

func (l *local) Store(name string) (framework.Store, error) { return l.find(name) }

func (l *local) find(name string) (*part, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j, ok := l.job[name]; ok {
		return &part{job: j}, nil
	}
	return nil, framework.ErrPluginGone
}

// part is the VM and the store of one job: it opens what the job holds.
type part struct {
	framework.Store
	job framework.Job
}

func (p *part) Open(context.Context, *framework.Block) (framework.Executor, error) {
	if w, ok := p.job.VM.(*witness); ok {
		return w, nil
	}
	rewinder, _ := p.job.VM.(framework.Rewinder)
	predictor, _ := p.job.VM.(framework.Predictor)
	publisher, _ := p.job.VM.(framework.Publisher)
	return framework.Combine(openExecutor{p.job.VM}, rewinder, predictor, publisher), nil
}

// openExecutor and openState are left open when they are closed: they belong to the suite.
type openExecutor struct{ framework.Executor }

func (openExecutor) Close() error { return nil }

type openState struct{ framework.State }

func (openState) Close() error { return nil }

func (p *part) At(context.Context, framework.BlockNumber) (framework.State, error) {
	return openState{p.job.Base}, nil
}

// linkedExecutor and linkedState are what a job holds in the host's process.
type linkedExecutor struct {
	framework.Executor
	name string
}

func (e linkedExecutor) LinkName() string { return e.name }

type linkedState struct {
	framework.State
	name string
}

func (s linkedState) LinkName() string              { return s.name }
func (s linkedState) Number() framework.BlockNumber { return 6 }

// served is a scheduler behind a link of this process.
type served struct {
	*schedlink.Client
	near, far *link.Conn
	links     *local
	handler   *schedlink.Handler
}

// serve has the sides know nothing but what they must.
func serve(t conform.T, carrier link.Carrier, scheduler framework.Scheduler) *served {
	t.Helper()
	return serveBetween(t, carrier, scheduler, link.Options{}, link.Options{})
}

// serveBetween serves a scheduler between a host and a process of these options.
func serveBetween(t conform.T, carrier link.Carrier, scheduler framework.Scheduler, near, far link.Options) *served {
	t.Helper()
	s := &served{Client: schedlink.NewClient(), links: &local{job: map[string]framework.Job{}}}
	s.handler = schedlink.NewHandler(scheduler, s.links)
	near.Handler, far.Handler = s.Handle, s.handler.Handle
	l, err := link.Listen(filepath.Join(t.TempDir(), "run", "l"), carrier, far)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	accepted := make(chan error, 1)
	go func() {
		var err error
		s.far, err = l.Accept(t.Context())
		accepted <- err
	}()
	s.near, err = link.Dial(t.Context(), l.Ticket(), near)
	if err := errors.Join(err, <-accepted, l.Close()); err != nil {
		t.Fatalf("link: %v", err)
	}
	if err := s.Relink(t.Context(), s.near, ""); err != nil {
		t.Fatalf("relink: %v", err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.near.Close(), s.far.Close(), s.handler.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// Run makes the parts of the job known to the scheduler's side under names, and runs it over the link.
func (s *served) Run(ctx context.Context, j framework.Job) (framework.Stats, error) {
	s.links.mu.Lock()
	name := fmt.Sprint("job ", len(s.links.job))
	s.links.job[name] = j
	s.links.mu.Unlock()
	j.VM, j.Base = linkedExecutor{j.VM, name}, linkedState{j.Base, name}
	return s.Client.Run(ctx, j)
}

func TestConformance(t *testing.T) {
	tests := []struct {
		name    string
		carrier link.Carrier
		open    func() framework.Scheduler
	}{
		{"serial over frames", link.Frames, func() framework.Scheduler { return serial.Scheduler{} }},
		{"parallel over frames", link.Frames, func() framework.Scheduler { return optimistic.New(4) }},
		{"parallel over gRPC", link.GRPCStream, func() framework.Scheduler { return optimistic.New(4) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ct := conform.Testing(t)
			if tt.carrier != link.Frames || tt.name == "serial over frames" {
				ct = conform.Sample(ct, "ability", "load", "execute", "add")
			}
			schedtest.Run(ct, schedtest.Config{
				Open:   func(t conform.T) framework.Scheduler { return serve(t, tt.carrier, tt.open()) },
				Blocks: 20,
			})
		})
	}
}

func TestRefusesARelay(t *testing.T) {
	s := serve(conform.Testing(t), link.Frames, serial.Scheduler{})
	_, err := s.Client.Run(t.Context(), framework.Job{Block: new(framework.Block), Feed: framework.NewQueue()})
	if !errors.Is(err, schedlink.ErrNotLinked) {
		t.Errorf("Run() of a job without links: %v, want ErrNotLinked", err)
	}
}

// idle never returns before it is cancelled, and not even then if stubborn.
type idle struct{ started chan struct{} }

func (i idle) Run(ctx context.Context, _ framework.Job) (framework.Stats, error) {
	close(i.started)
	<-ctx.Done()
	return framework.Stats{}, ctx.Err()
}

type nothing struct {
	framework.Executor
	framework.State
}

func (nothing) Close() error { return nil }

// TestGone checks that a run ends with one clear error when the scheduler's process is gone.
func TestGone(t *testing.T) {
	i := idle{make(chan struct{})}
	s := serve(conform.Testing(t), link.Frames, i)
	done := make(chan error, 1)
	go func() {
		_, err := s.Run(t.Context(), framework.Job{Block: new(framework.Block), Feed: framework.NewQueue(), VM: nothing{}, Base: nothing{}})
		done <- err
	}()
	<-i.started
	go s.far.Close()
	select {
	case err := <-done:
		if !errors.Is(err, framework.ErrPluginGone) {
			t.Errorf("Run() = %v, want ErrPluginGone", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Run hangs when its scheduler is gone")
	}
}
