// Package host assembles a sequencer from plugins. Its folders hold one job each; this one makes the parts that
// a configuration names.
package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
)

// Assembly is a scheduler, a VM and a store that work together.
type Assembly struct {
	Scheduler framework.Scheduler
	VM        framework.VM
	Store     framework.Store
}

// Assemble makes the parts that cfg names out of the plugins in catalog. Who calls it closes the assembly.
func Assemble(ctx context.Context, catalog plugin.Catalog, cfg *config.Config) (*Assembly, error) {
	a := new(Assembly)
	err := errors.Join(
		assemble(ctx, catalog, plugin.Scheduler, cfg.Scheduler, plugin.Factory.OpenScheduler, &a.Scheduler),
		assemble(ctx, catalog, plugin.VM, cfg.VM, plugin.Factory.OpenVM, &a.VM),
		assemble(ctx, catalog, plugin.Store, cfg.Store, plugin.Factory.OpenStore, &a.Store),
	)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func assemble[P any](
	ctx context.Context, catalog plugin.Catalog, kind plugin.Kind, part config.Part,
	open func(plugin.Factory, context.Context, map[string]any) (P, error), into *P,
) error {
	if part.Place != "builtin" {
		return fmt.Errorf("%s.place: %q is not supported yet, only builtin is", kind, part.Place)
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

// Close frees the parts.
func (a *Assembly) Close() error {
	if a.Store == nil {
		return nil
	}
	return a.Store.Close()
}
