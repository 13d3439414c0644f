package host

import (
	"context"
	"errors"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/config"
)

// AssembleStore makes the store that cfg names and nothing else: for commands that look at a state, or change one
// without executing anything. Who calls it closes the assembly.
func AssembleStore(ctx context.Context, catalog plugin.Catalog, cfg *config.Config) (*Assembly, error) {
	a := New(catalog, cfg)
	err := open(ctx, a, plugin.Store, cfg.Store, plugin.Factory.OpenStore, (*linker.Remote).Store, &a.Store)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}
