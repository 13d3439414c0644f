package trie

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Factory makes the store for a host: `store: { use: trie }`.
func Factory() plugin.Factory {
	info := plugin.Info{
		ID: "trie", Version: "0.1.0", Stability: plugin.Beta,
		Summary: "Starknet's state on disk, committed to with Patricia tries",
	}
	return plugin.ForStore(info, DefaultConfig(), func(ctx context.Context, c Config) (framework.Store, error) {
		return Open(ctx, c)
	})
}
