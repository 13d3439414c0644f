// Package host assembles a sequencer from plugins. Its folders hold one job each; this one makes the parts that
// a configuration names.
package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/config"
)

// Assembly is a scheduler, a VM and a store that work together.
type Assembly struct {
	Scheduler framework.Scheduler
	VM        framework.VM
	Store     framework.Store

	processes processes
}

// Assemble makes the parts that cfg names: those that are built in out of the plugins in catalog, the others in
// processes that it starts. Who calls it closes the assembly.
func Assemble(ctx context.Context, catalog plugin.Catalog, cfg *config.Config) (*Assembly, error) {
	a := new(Assembly)
	err := errors.Join(
		builtin(ctx, catalog, plugin.Scheduler, cfg.Scheduler, plugin.Factory.OpenScheduler, &a.Scheduler),
		builtin(ctx, catalog, plugin.VM, cfg.VM, plugin.Factory.OpenVM, &a.VM),
	)
	if err == nil {
		err = a.openStore(ctx, catalog, cfg.Store)
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// openStore makes the store where its part says.
func (a *Assembly) openStore(ctx context.Context, catalog plugin.Catalog, part config.Part) error {
	if part.Place == config.Builtin {
		return builtin(ctx, catalog, plugin.Store, part, plugin.Factory.OpenStore, &a.Store)
	}
	instance, err := a.processes.open(ctx, plugin.Store, part)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if a.Store, err = linker.Store(ctx, instance); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// builtin makes a part out of a plugin of this program.
func builtin[P any](
	ctx context.Context, catalog plugin.Catalog, kind plugin.Kind, part config.Part,
	open func(plugin.Factory, context.Context, map[string]any) (P, error), into *P,
) error {
	if part.Place != config.Builtin {
		return fmt.Errorf("%s.place: %q is not supported yet: only a store can run in a process", kind, part.Place)
	}
	f, err := catalog.Find(kind, part.Use)
	if err != nil {
		return fmt.Errorf("%s.use: %w", kind, err)
	}
	if *into, err = open(f, ctx, part.Config); err != nil {
		return fmt.Errorf("%s.config: %w", kind, err)
	}
	return nil
}

// Close frees the parts and ends the processes.
func (a *Assembly) Close() error {
	var err error
	if a.Store != nil {
		err = a.Store.Close()
	}
	return errors.Join(err, a.processes.close())
}
