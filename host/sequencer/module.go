package sequencer

import (
	"time"

	"go.uber.org/fx"

	"github.com/switchyard-dev/switchyard/host/lifecycle"
)

// stopping is how long the block that is being sealed may take when the host stops.
const stopping = 20 * time.Second

// Module runs a [Producer]. It needs the [Parts], a [Supply] and the [Pace].
func Module() fx.Option {
	return fx.Module("sequencer",
		fx.Provide(NewProducer),
		fx.Invoke(func(lc *lifecycle.Lifecycle, p *Producer) {
			lc.Go(lifecycle.Task{Name: "sequencer", Run: p.Run, StopLimit: stopping})
		}),
	)
}
