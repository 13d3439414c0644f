package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
)

// pathKey is the key of a store's section that says where it keeps its data.
const pathKey = "path"

// dataFolder returns where the store of a configuration keeps its data, and false if it is not known to keep any.
func (c *Call) dataFolder(cfg *config.Config) (string, bool) {
	f, err := c.Plugins.Find(plugin.Store, cfg.Store.Use)
	if err != nil || cfg.Store.Exec != "" {
		return "", false
	}
	section, err := f.Configure(cfg.Store.Config)
	if err != nil {
		return "", false
	}
	for _, field := range plugin.Fields(section) {
		if path, ok := field.Default.(string); ok && field.Key == pathKey {
			return path, true
		}
	}
	return "", false
}

// withStore opens the store of a configuration for the time of a call.
func (c *Call) withStore(ctx context.Context, cfg *config.Config, use func(framework.Store) error) error {
	a, err := host.AssembleStore(ctx, c.Plugins, cfg)
	if err != nil {
		return misuse(err)
	}
	return errors.Join(use(a.Store), a.Close())
}

// withExistingStore is withStore for a store that must be there: the others would be made by opening them.
func (c *Call) withExistingStore(ctx context.Context, cfg *config.Config, use func(framework.Store) error) error {
	if path, ok := c.dataFolder(cfg); ok {
		if _, err := os.Stat(path); err != nil {
			return misuse(fmt.Errorf("there is no store: %w", err))
		}
	}
	return c.withStore(ctx, cfg, use)
}
