package host

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.uber.org/fx"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/lifecycle"
	"github.com/switchyard-dev/switchyard/host/monitor"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// opening is how long all parts may take to open: a store may have much to read. Processes have limits of their own.
const opening = 5 * time.Minute

// closing is how long all parts may take to close.
const closing = time.Minute

// Parts provides the [Assembly] of a configuration, opened and closed with the application, out of a catalog and a
// configuration. Constructors of other modules find it as what they need of it.
func Parts() fx.Option {
	return fx.Module("parts",
		fx.Provide(
			New,
			func(a *Assembly) sequencer.Parts { return a },
			func(a *Assembly) monitor.Parts { return a },
		),
		fx.Invoke(func(lc *lifecycle.Lifecycle, a *Assembly) {
			lc.Append(lifecycle.Hook{
				Name:  "parts",
				Start: a.Open, StartLimit: opening,
				Stop: func(context.Context) error { return a.Close() }, StopLimit: closing,
			})
		}),
	)
}

// Node is a sequencer that makes blocks out of a supply and can be watched. What more says is done after the parts are open
// and before the first block begins.
func Node(catalog plugin.Catalog, cfg *config.Config, supply sequencer.Supply, pace sequencer.Pace, more ...fx.Option) fx.Option {
	return fx.Options(
		fx.Supply(catalog, cfg, pace),
		fx.Provide(func() sequencer.Supply { return supply }),
		Parts(),
		monitor.Module(),
		fx.Options(more...),
		sequencer.Module(),
	)
}

// Run runs an application that has the parts of [Parts] until ctx ends or it comes to its end. However it ends, no
// process of a plugin is left when Run returns.
func Run(ctx context.Context, log *slog.Logger, opts ...fx.Option) (err error) {
	var a *Assembly
	defer func() {
		if a != nil {
			err = errors.Join(err, a.Close()) // does nothing if the application has done it
		}
	}()
	return lifecycle.Run(ctx, log, fx.Supply(log), fx.Options(opts...), fx.Populate(&a))
}
