package synthetic

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Factory makes the VM for a host: `vm: { use: synthetic }`.
func Factory() plugin.Factory {
	info := plugin.Info{ID: "synthetic", Version: "0.1.0", Summary: "small programs with any pattern of conflicts"}
	return plugin.ForVM(info, Config{}, func(_ context.Context, c Config) (framework.VM, error) {
		return New(c)
	})
}
