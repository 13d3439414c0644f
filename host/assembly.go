// Package host is a sequencer as a library. Its folders hold one job each, and those that run as parts of a program are
// modules for fx; this package makes the parts that a configuration names and puts the modules together.
//
// A program of one's own calls package cli, which does all of it, or [Run] with a [Node] and modules of its own. Commands
// and tests that need nothing but the parts call [Assemble].
package host

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Assembly is a scheduler, a VM and a store that work together. Between Open and Close its parts are there.
type Assembly struct {
	Scheduler framework.Scheduler
	VM        framework.VM
	Store     framework.Store
	// Record is that of the sequencers that drive the parts; it may be nil.
	Record func(*trace.Block)

	catalog plugin.Catalog
	cfg     *config.Config

	mu        sync.Mutex                     // guards all below
	remotes   map[plugin.Kind]*linker.Remote // the parts that run in processes
	links     *linker.Linker                 // to the parts that are built in; nil if nobody needs one
	processes processes
}

// New returns the assembly that cfg describes. It has no parts yet.
func New(catalog plugin.Catalog, cfg *config.Config) *Assembly {
	return &Assembly{catalog: catalog, cfg: cfg, remotes: map[plugin.Kind]*linker.Remote{}}
}

// Assemble makes the parts that cfg names: those that are built in out of the plugins in catalog, the others in
// processes that it starts, and the links between them. Who calls it closes the assembly.
func Assemble(ctx context.Context, catalog plugin.Catalog, cfg *config.Config) (*Assembly, error) {
	a := New(catalog, cfg)
	if err := a.Open(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// OpenError says that a part could not be made, mostly because it is not what the configuration says.
type OpenError struct{ error }

// Unwrap returns the cause.
func (e *OpenError) Unwrap() error { return e.error }

// Open makes the parts. If it fails, nothing is left of them; the error is an [OpenError].
func (a *Assembly) Open(ctx context.Context) error {
	if err := a.open(ctx); err != nil {
		return &OpenError{errors.Join(err, a.Close())}
	}
	return nil
}

func (a *Assembly) open(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := errors.Join(
		open(ctx, a, plugin.Scheduler, a.cfg.Scheduler, plugin.Factory.OpenScheduler, (*linker.Remote).Scheduler, &a.Scheduler),
		open(ctx, a, plugin.VM, a.cfg.VM, plugin.Factory.OpenVM, (*linker.Remote).VM, &a.VM),
		open(ctx, a, plugin.Store, a.cfg.Store, plugin.Factory.OpenStore, (*linker.Remote).Store, &a.Store),
	)
	if err != nil {
		return err
	}
	return a.connect(ctx)
}

// Sequencer returns a sequencer that drives the parts.
func (a *Assembly) Sequencer() *sequencer.Sequencer {
	return &sequencer.Sequencer{Scheduler: a.Scheduler, VM: a.VM, Store: a.Store, Capacity: a.cfg.Block.Capacity, Record: a.Record}
}

// open makes a part where the configuration says.
func open[P any](
	ctx context.Context, a *Assembly, kind plugin.Kind, part config.Part,
	builtin func(plugin.Factory, context.Context, map[string]any) (P, error), remote func(*linker.Remote) P, into *P,
) error {
	if part.Place != config.Builtin {
		r, err := a.processes.open(ctx, kind, part)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		a.remotes[kind] = r
		*into = remote(r)
		return nil
	}
	f, err := a.catalog.Find(kind, part.Use)
	if err != nil {
		return fmt.Errorf("%s.use: %w", kind, err)
	}
	if *into, err = builtin(f, ctx, part.Config); err != nil {
		return fmt.Errorf("%s.config: %w", kind, err)
	}
	return nil
}

// connect gives a scheduler that runs in a process links of its own to the VM and the store: nothing goes through the
// host but transactions and outcomes.
func (a *Assembly) connect(ctx context.Context) error {
	scheduler, ok := a.remotes[plugin.Scheduler]
	if !ok {
		return nil
	}
	a.links = linker.New(a.processes.dir)
	for kind, part := range map[plugin.Kind]any{plugin.VM: a.VM, plugin.Store: a.Store} {
		name := string(kind)
		var err error
		if remote, ok := a.remotes[kind]; ok {
			err = scheduler.Connect(ctx, name, remote)
		} else {
			info := plugin.Info{Kind: kind, ID: config.Builtin}
			err = scheduler.ConnectBuiltin(ctx, name, a.links, rpc.Opened{Instance: name, Info: info, Part: part})
		}
		if err != nil {
			return fmt.Errorf("link of the scheduler to the %s: %w", kind, err)
		}
	}
	a.VM = linker.LinkedVM{VM: a.VM, Name: string(plugin.VM)}
	a.Store = linker.LinkedStore{Store: a.Store, Name: string(plugin.Store)}
	return nil
}

// Close frees the parts and ends the processes. It may be called again.
func (a *Assembly) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	if a.links != nil {
		errs = append(errs, a.links.Close())
	}
	for _, kind := range plugin.Kinds() { // users before what they use
		if r, ok := a.remotes[kind]; ok && kind != plugin.Store {
			errs = append(errs, r.Close())
		}
	}
	if a.Store != nil {
		errs = append(errs, a.Store.Close())
	}
	return errors.Join(append(errs, a.processes.close())...)
}
