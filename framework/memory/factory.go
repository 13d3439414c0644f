package memory

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Factory makes the store for a host: `store: { use: memory }`.
func Factory() plugin.Factory {
	info := plugin.Info{ID: "memory", Version: "0.1.0", Summary: "all state in maps, gone when the process ends"}
	return plugin.ForStore(info, Config{}, func(_ context.Context, c Config) (framework.Store, error) {
		return New(c)
	})
}
