package blockstm

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Factory makes the scheduler for a host: `scheduler: { use: blockstm }`.
func Factory() plugin.Factory {
	info := plugin.Info{ID: "blockstm", Version: "0.1.0", Summary: "transactions in parallel, on guesses that are repaired"}
	return plugin.ForScheduler(info, Config{}, func(_ context.Context, c Config) (framework.Scheduler, error) {
		return New(c)
	})
}
