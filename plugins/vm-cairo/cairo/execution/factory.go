package execution

import (
	"context"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Factory makes the VM for a host: `vm: { use: cairo }`.
func Factory() plugin.Factory {
	info := plugin.Info{ID: "cairo", Version: "0.1.0", Summary: "Starknet's transactions on the Cairo machine"}
	return plugin.ForVM(info, Config{}, func(_ context.Context, c Config) (framework.VM, error) {
		return New(c), nil
	})
}
