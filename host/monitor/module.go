package monitor

import (
	"log/slog"

	"go.uber.org/fx"

	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/lifecycle"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Module runs a [Monitor] of the parts and the producer. It needs the [Parts], the sequencer's module, a configuration
// and a logger.
func Module() fx.Option {
	return fx.Module("monitor",
		fx.Provide(func(cfg *config.Config, parts Parts, p *sequencer.Producer, log *slog.Logger) *Monitor {
			return New(cfg.Monitor, parts, p.Ready, log)
		}),
		fx.Invoke(func(lc *lifecycle.Lifecycle, m *Monitor, p *sequencer.Producer) {
			p.Each(m.Sealed)
			lc.Append(lifecycle.Hook{Name: "monitor", Start: m.Start, Stop: m.Stop})
		}),
	)
}
