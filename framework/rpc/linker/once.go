package linker

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/rpc"
)

// Use calls f with the instance over a link of its own, which lasts as long as the call: a framework.VM, a
// framework.Store or a framework.Scheduler. It is for what has to be done before [Remote.Relink] lets the calls go on
// that wait.
func Use(ctx context.Context, instance *rpc.Instance, f func(part any) error) error {
	name := "use-" + instance.Name()
	offer, err := instance.Listen(ctx, name, rpc.Peer{Carriers: Carriers()})
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	end, err := use(ctx, instance.Info().Kind, 0, offer)
	if err != nil {
		return errors.Join(fmt.Errorf("dial: %w", err), instance.Detach(ctx, name))
	}
	return errors.Join(f(end.part), end.close(), instance.Detach(ctx, name))
}
